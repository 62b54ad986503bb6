"""Retries of uploads and downloads: up to three attempts, with fixed pauses."""

from typing import Final

from attrs import define, field

from .._errors import (
    ApiError,
    RunflowError,
    SendFailed,
    StorageRefused,
    TransportError,
    UnreadableAnswer,
)
from .commands import Flow, sleep
from .retry import RetryPolicy, is_retryable_status

RETRY_PAUSES: Final = (0.25, 0.75)
"""Seconds before the second and the third attempt, as the official client has them."""


@define
class TransferRetries:
    """Counts the failed attempts of one step, and pauses before the next."""

    policy: RetryPolicy
    failures: int = field(init=False, default=0)

    def pause(self, error: RunflowError) -> Flow[None]:
        """Wait before the next attempt.

        That is as long as the API or the storage asks (Retry-After), and a fixed pause at least.
        Raises the error where another attempt would end the same, where it is asked to wait for
        longer than the policy allows, and after the last attempt.
        """
        self.failures += 1
        if self.failures >= min(1 + len(RETRY_PAUSES), self.policy.attempts):
            raise error
        if not may_be_repeated(error):
            raise error
        seconds = RETRY_PAUSES[self.failures - 1]
        if isinstance(error, StorageRefused | ApiError) and error.retry_after is not None:
            if error.retry_after > self.policy.longest_retry_after:
                raise error
            seconds = max(seconds, error.retry_after)
        yield from sleep(seconds)


def may_be_repeated(error: RunflowError) -> bool:
    """Whether the same step may succeed a moment later."""
    if isinstance(error, StorageRefused | ApiError):
        return is_retryable_status(error.status)
    return isinstance(error, TransportError) and not isinstance(
        error, SendFailed | UnreadableAnswer
    )
