"""The operations that have state, by tag. Importing the rooms fills the table of handlers."""

from __future__ import annotations

from runflow_mock.calls import HANDLERS
from runflow_mock.handlers import account, batches, evaluations, media, models, runs, secrets, status, webhooks

ROOMS = (account, batches, evaluations, media, models, runs, secrets, status, webhooks)
ALL_HANDLERS = HANDLERS

__all__ = ["ALL_HANDLERS", "ROOMS"]
