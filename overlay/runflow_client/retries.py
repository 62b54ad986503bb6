"""When a request is sent again, and how long to wait before it is.

Runflow's advice (concepts/errors): exponential backoff with jitter on 5xx, 429 and network errors, at most 5 attempts. Its
newer documentation promises no Retry-After on a 429; one that comes is honoured all the same.
"""

import math
from datetime import UTC, datetime
from typing import Final

from attrs import frozen
from runflow_api.http_library import httpx

from .errors import InvalidArgument
from .headers import RETRY_AFTER
from .http_dates import read_http_date

UNDELIVERED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""The request never reached the server: sending it again cannot do anything twice."""

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
        if self.attempts < 1:
            raise InvalidArgument(f"attempts is {self.attempts}: at least one is needed")
        for name in ("first_backoff", "longest_backoff", "longest_retry_after"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InvalidArgument(f"{name} is {value}: expected seconds, finite and not negative")

    def backoff(self, failures: int, random: float) -> float:
        """Seconds to wait after that many failures in a row: full jitter, so that clients do not march in step.

        `random` is a number from 0 up to 1.
        """
        return min(self.longest_backoff, self.first_backoff * 2.0 ** min(failures - 1, 32)) * random


def is_retryable_status(status: int) -> bool:
    """Whether an answer with this status may be different next time."""
    return status == RATE_LIMITED or status >= 500


def retry_after(response: httpx.Response) -> float | None:
    """Seconds that the server asks to wait (a number or an HTTP date), or None where it does not say or not legibly."""
    text = response.headers.get(RETRY_AFTER, "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        moment = read_http_date(text)
        if moment is None:
            return None
        seconds = (moment - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
