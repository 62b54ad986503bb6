"""Whether a request may be sent again, when, and what an error says of the request it ended."""

from typing import Final

from attrs import frozen

from .._errors import (
    ApiError,
    ConnectFailed,
    ConnectionLost,
    InvalidArgument,
    OutcomeUnknown,
    RateLimited,
    RequestTimeout,
    ServerError,
    TransportError,
    UnreadableAnswer,
)
from .._time import backoff
from .._validation import check_instance, check_numbers

RATE_LIMITED: Final = 429

REPEATABLE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
"""Methods that do the same once or twice (RFC 9110, section 9.2.2)."""

TRANSIENT: Final = (
    ConnectFailed,
    ConnectionLost,
    RequestTimeout,
    UnreadableAnswer,
    RateLimited,
    ServerError,
)
"""Errors of a read that may be over at the next one."""


@frozen
class RetryPolicy:
    """How often and how fast one request is tried. Times are seconds."""

    attempts: int = 5
    first_backoff: float = 0.5
    longest_backoff: float = 8.0
    longest_retry_after: float = 60.0
    """The longest Retry-After that is waited for; a longer one raises the error instead."""

    def __attrs_post_init__(self) -> None:
        check_numbers(self, "attempts", at_least=1, whole=True)
        check_numbers(self, "first_backoff", "longest_backoff", "longest_retry_after", at_least=0)

    def backoff(self, failures: int, random: float) -> float:
        """Seconds to wait after that many failures in a row, with full jitter.

        `random` is a number from 0 up to 1.
        """
        return backoff(failures, self.first_backoff, self.longest_backoff) * random


def check_retries(retries: object) -> None:
    """Raise InvalidArgument for what is neither None nor a RetryPolicy. A number is answered with
    the policy that it means.
    """
    if isinstance(retries, int) and not isinstance(retries, bool) and retries >= 0:
        raise InvalidArgument(
            f"retries is {retries}: expected a RetryPolicy, such as "
            f"RetryPolicy(attempts={retries + 1}) for {retries} retries"
        )
    check_instance("retries", retries, RetryPolicy)


def is_retryable_status(status: int) -> bool:
    """Whether an answer with this status may be different next time."""
    return status == RATE_LIMITED or status >= 500


_MAY_HAVE_ACTED: Final = frozenset({408, 409, 425})
"""Statuses that a proxy, or the guard of an idempotency key, gives for a request that the server
may have carried out.
"""


def may_have_acted(error: BaseException) -> bool:
    """Whether the server may have carried out a request that ended with this error."""
    if isinstance(error, ApiError):
        return isinstance(error, ServerError) or error.status in _MAY_HAVE_ACTED
    if isinstance(error, TransportError):
        return not isinstance(error, ConnectFailed)
    if isinstance(error, OutcomeUnknown):
        return True
    return not isinstance(error, Exception | GeneratorExit)


def may_pass(error: BaseException) -> bool:
    """Whether the same request may be answered well a moment later.

    An answer that cannot be read says that the server did act, unless its status is an error.
    """
    if isinstance(error, UnreadableAnswer):
        return is_retryable_status(error.status)
    return isinstance(
        error, ConnectFailed | ConnectionLost | RequestTimeout | RateLimited | ServerError
    )
