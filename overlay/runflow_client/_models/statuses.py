"""The statuses of a run, a batch and an evaluation: which of them end the waiting, and how.

Runflow writes "canceled" in a run's status since its newer documentation and "cancelled" in the
older one, in events and in batch counters; both are read as the same ending. Statuses that are not
listed here are newer than this client: they are no error, and an end only where the server says
when the work was completed, or the document calls them terminal.
"""

from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Final, Literal, TypeAlias

from runflow_api.open_enums import OpenStrEnum

Kind: TypeAlias = Literal["run", "batch", "evaluation"]

SUCCEEDED: Final = "succeeded"
PARTIAL_SUCCEEDED: Final = "partial_succeeded"
FAILED: Final = "failed"
CANCELED: Final = frozenset({"canceled", "cancelled"})

ENDED_WITH_OUTPUT: Final = frozenset({SUCCEEDED, PARTIAL_SUCCEEDED})
TERMINAL: Final = ENDED_WITH_OUTPUT | CANCELED | {FAILED}
UNFINISHED: Final = frozenset({"pending", "queued", "dispatching", "running"})

EVALUATION_COMPLETED: Final = "completed"
EVALUATION_TERMINAL: Final = frozenset({EVALUATION_COMPLETED, FAILED})
_KNOWN: Final[dict[Kind, frozenset[str]]] = {
    "run": frozenset({"queued", "dispatching", "running", "canceled"}) | TERMINAL - CANCELED,
    "batch": frozenset({"queued", "running", "canceled"}) | TERMINAL - CANCELED,
    "evaluation": frozenset({"pending", "running"}) | EVALUATION_TERMINAL,
}


def is_terminal(
    status: str | None, completed_at: datetime | None = None, kind: Kind | None = None
) -> bool:
    """Whether a run or batch with this status has ended and will not change any more.

    A status that is newer than this client ends it where `completed_at` is set, or where the
    document's own enum for this kind calls it terminal.
    """
    return status in TERMINAL or _is_over(status, completed_at, kind)


def is_evaluation_terminal(status: str | None, completed_at: datetime | None) -> bool:
    """Whether an evaluation with this status has ended, by the same rule as a run."""
    return status in EVALUATION_TERMINAL or _is_over(status, completed_at, "evaluation")


def names(kind: Kind) -> frozenset[str]:
    """Return the statuses that a run, batch or evaluation may have.

    They are those of the document, or those that this client knows where the document lists none.
    """
    documented = _documented(kind)
    return _KNOWN[kind] if documented is None else frozenset(str(one) for one in documented)


@cache
def _documented(kind: Kind) -> type[OpenStrEnum] | None:
    """Return the document's enum of the statuses, None if it gives them as text."""
    name = f"runflow_api.models.{kind}_status"
    try:
        module = import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        return None
    found: type[OpenStrEnum] = getattr(module, f"{kind.capitalize()}Status")
    return found


def _is_over(status: str | None, completed_at: datetime | None, kind: Kind | None) -> bool:
    documented = None if kind is None else _documented(kind)
    return _is_completed(status, completed_at) or (
        status is not None and documented is not None and documented(status).is_terminal
    )


def _is_completed(status: str | None, completed_at: datetime | None) -> bool:
    return status is not None and status not in UNFINISHED and completed_at is not None
