"""The operations that have state, by tag. Importing the rooms fills the table of handlers."""

from ..calls import HANDLERS
from . import (
    account,
    assets,
    batches,
    callback_secrets,
    evaluations,
    models,
    runs,
    status,
    webhooks,
)

ROOMS = (account, assets, batches, callback_secrets, evaluations, models, runs, status, webhooks)
ALL_HANDLERS = HANDLERS

__all__ = ["ALL_HANDLERS", "ROOMS"]
