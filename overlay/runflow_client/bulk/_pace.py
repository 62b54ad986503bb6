"""How fast creates are sent and how long an outage lasts, waits included; and the budget."""

from decimal import Decimal
from typing import Final

from attrs import define

from .. import errors
from .._async.handle import AsyncRunHandle
from .._async.run import AsyncRun
from .._time import AsyncClock, backoff
from .._validation import MAX_SECONDS

FIRST_INTERVAL: Final = 0.1
LONGEST_INTERVAL: Final = 10.0
LONGEST_PAUSE: Final = 60.0

SHORTEST_WAIT: Final = 1.0
"""Seconds that a wait lasts before it is seen whether it meets an outage."""


@define(eq=False)
class Pace:
    """When the next create may be sent. Times are seconds."""

    clock: AsyncClock
    shortest: float = 0.0
    """Seconds between two creates that the rate limit asks for."""
    interval: float = 0.0
    not_before: float = 0.0
    slowed_at: float = 0.0
    failures: int = 0
    """Failures in a row that look like an outage."""
    down_since: float = 0.0

    async def wait(self) -> None:
        """Wait for a turn to create."""
        while (left := self.not_before - self.clock.now()) > 0:
            await self.clock.sleep(left)
        self.not_before = self.clock.now() + max(self.interval, self.shortest)

    def slow_down(self, retry_after: float | None, sent: float) -> None:
        """Create half as fast from now on: the server answered 429 to what was sent then."""
        now = self.clock.now()
        if sent >= self.slowed_at:  # what was sent before is refused as well and says nothing new
            self.interval = min(LONGEST_INTERVAL, max(FIRST_INTERVAL, 2 * self.interval))
            self.slowed_at = now
        self._pause(retry_after or self.interval)

    def fail(self) -> float:
        """Pause because the server cannot be reached; return how long that has lasted."""
        now = self.clock.now()
        if not self.failures:
            self.down_since = now
        if now >= self.not_before:  # failures of one moment count once
            self.failures += 1
            self._pause(backoff(self.failures, 1.0, LONGEST_PAUSE))
        return now - self.down_since

    def succeed(self) -> None:
        """Recover step by step."""
        self.answered()
        self.interval = 0.0 if self.interval < FIRST_INTERVAL / 4 else self.interval * 0.9

    def answered(self) -> None:
        """End the outage, if there was one."""
        self.failures = 0

    def _pause(self, seconds: float) -> None:
        self.not_before = max(self.not_before, self.clock.now() + min(seconds, LONGEST_PAUSE))


async def wait_for(handle: AsyncRunHandle, pace: Pace, max_outage: float) -> AsyncRun:
    """Wait until the run has ended, however long that takes, unless Runflow cannot be reached.

    A wait alone would wait an outage out without end. Raises what its last read met, some time
    after the outage began: at most an eighth of `max_outage`, in seconds.
    """
    seconds = min(max(max_outage / 8, SHORTEST_WAIT), MAX_SECONDS)
    while True:
        try:
            run = await handle.wait(timeout=seconds, raise_on_failure=False)
        except errors.WaitTimeout as error:
            cause = error.__cause__
            if isinstance(cause, errors.RateLimited | errors.ServerError | errors.TransportError):
                raise cause from None
            pace.answered()
        else:
            pace.answered()
            return run


@define(eq=False)
class Budget:
    """US dollars: spent by ended runs, and reserved for those under way."""

    limit: Decimal | None
    spent: Decimal
    reserved: Decimal

    def allows(self, estimate: Decimal | None) -> bool:
        """Whether a run of this estimate may be created now."""
        if self.limit is None:
            return True
        return estimate is not None and self.spent + self.reserved + estimate <= self.limit

    def refusal(self, key: str, estimate: Decimal | None) -> str:
        """Say why no run of this item may be created."""
        price = "is not known" if estimate is None else f"is ${estimate:f}"
        kept = ""
        if self.reserved and estimate is not None:
            kept = f", beside ${self.reserved:f} for earlier runs whose items have not come yet"
        return f"max_cost is ${self.limit:f}, and the price of {key!r} {price}{kept}"

    def reserve(self, estimate: Decimal | None) -> None:
        """Count a run as under way."""
        self.reserved += estimate or 0

    def release(self, estimate: Decimal | None, cost: Decimal | None = None) -> None:
        """Count it no longer; what it cost is spent."""
        self.reserved -= estimate or 0
        self.spent += cost or 0
