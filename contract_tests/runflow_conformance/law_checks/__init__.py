"""The laws of single resources: each check plays one short sequence of calls on a Stage and raises LawBroken.

The state machine (law_machine) looks for orders of calls that nobody thought of; these checks say what must come of
those that everybody makes. Both need a server, its clock and a key, and know nothing of how it is built.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from runflow_conformance.law_checks import (
    assets,
    batches,
    callbacks,
    idempotency,
    lists,
    money,
    organizations,
    removal,
    runs,
)
from runflow_conformance.law_stage import Stage

ROOMS: Final = (runs, lists, batches, callbacks, money, idempotency, assets, removal, organizations)
CHECKS: Final[tuple[Callable[[Stage], None], ...]] = tuple(check for room in ROOMS for check in room.CHECKS)
OF_A_RECEIVER: Final[tuple[Callable[[Stage], None], ...]] = callbacks.OF_A_RECEIVER
"""Those that need a server that can call back."""

__all__ = ["CHECKS", "OF_A_RECEIVER", "ROOMS"]
