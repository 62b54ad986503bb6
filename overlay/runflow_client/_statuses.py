"""The statuses of a run, a batch and an evaluation: which of them end the waiting, and how.

Runflow writes "canceled" in a run's status since its newer documentation and "cancelled" in the
older one, in events and in batch counters; both are read as the same ending. Statuses that are not
listed here are newer than this client: they are neither an end nor an error.
"""

from typing import Final

SUCCEEDED: Final = "succeeded"
PARTIAL_SUCCEEDED: Final = "partial_succeeded"
FAILED: Final = "failed"
CANCELED: Final = frozenset({"canceled", "cancelled"})

ENDED_WITH_OUTPUT: Final = frozenset({SUCCEEDED, PARTIAL_SUCCEEDED})
TERMINAL: Final = ENDED_WITH_OUTPUT | CANCELED | {FAILED}

EVALUATION_COMPLETED: Final = "completed"
EVALUATION_TERMINAL: Final = frozenset({EVALUATION_COMPLETED, FAILED})


def is_terminal(status: str | None) -> bool:
    """Whether a run or batch with this status has ended and will not change any more."""
    return status in TERMINAL
