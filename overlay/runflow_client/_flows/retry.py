"""When a request is sent again, and after which pause."""

from typing import Final

from attrs import frozen

from .._validation import check_integer, check_number

RATE_LIMITED: Final = 429


REPEATABLE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same once or twice (RFC 9110, section 9.2.2)."""


@frozen
class RetryPolicy:
    """How often and how fast one request is tried. Times are seconds."""

    attempts: int = 5
    first_backoff: float = 0.5
    longest_backoff: float = 8.0
    longest_retry_after: float = 60.0
    """A server that asks for more patience than this gets none: the error is raised instead."""

    def __attrs_post_init__(self) -> None:
        check_integer("attempts", self.attempts, minimum=1)
        for name in ("first_backoff", "longest_backoff", "longest_retry_after"):
            check_number(name, getattr(self, name), expected="seconds")

    def backoff(self, failures: int, random: float) -> float:
        """Seconds to wait after that many failures in a row: full jitter, so that clients do not
        march in step.

        `random` is a number from 0 up to 1.
        """
        return min(self.longest_backoff, self.first_backoff * 2.0 ** min(failures - 1, 32)) * random


def is_retryable_status(status: int) -> bool:
    """Whether an answer with this status may be different next time."""
    return status == RATE_LIMITED or status >= 500
