"""Fixtures that several test modules share."""

from .other_documents import archive, hospital, parcels
from .programs import quiet_redocly
from .traps import server, traps
from .type_caches import type_cache, warm_overlay, warm_types

__all__ = (
    "archive",
    "hospital",
    "parcels",
    "quiet_redocly",
    "server",
    "traps",
    "type_cache",
    "warm_overlay",
    "warm_types",
)
