"""The handlers of the API's operations, by the document's tags.

Importing the modules fills the table of handlers.
"""

from ..calls import HANDLERS
from . import (
    account,
    assets,
    batches,
    callback_secrets,
    comfyui_workflows,
    evaluations,
    models,
    runs,
    status,
    webhooks,
)

__all__ = [
    "HANDLERS",
    "account",
    "assets",
    "batches",
    "callback_secrets",
    "comfyui_workflows",
    "evaluations",
    "models",
    "operation_names",
    "runs",
    "status",
    "webhooks",
]


def operation_names() -> dict[str, tuple[str, str]]:
    """Return method and path template of every operation that has a handler, by its name."""
    return {handler.name: (handler.method, handler.path) for handler in HANDLERS.values()}
