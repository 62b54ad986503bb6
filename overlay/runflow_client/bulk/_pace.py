"""How fast creates are sent: the rate limit, what 429 and outages do to it, and the budget."""

from decimal import Decimal
from typing import Final

from attrs import define

from .._time import AsyncClock, backoff

FIRST_INTERVAL: Final = 0.1
LONGEST_INTERVAL: Final = 10.0
LONGEST_PAUSE: Final = 60.0


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
        self.failures = 0
        self.interval = 0.0 if self.interval < FIRST_INTERVAL / 4 else self.interval * 0.9

    def _pause(self, seconds: float) -> None:
        self.not_before = max(self.not_before, self.clock.now() + min(seconds, LONGEST_PAUSE))


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

    def reserve(self, estimate: Decimal | None) -> None:
        """Count a run as under way."""
        self.reserved += estimate or 0

    def release(self, estimate: Decimal | None, cost: Decimal | None = None) -> None:
        """Count it no longer; what it cost is spent."""
        self.reserved -= estimate or 0
        self.spent += cost or 0
