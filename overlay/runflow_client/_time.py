"""Time as the client sees it: clocks that can be replaced, and deadlines."""

import time
from collections.abc import Callable
from typing import Final, Protocol, runtime_checkable

_ROUNDING = 1e-6
"""Seconds by which sums of floating-point seconds may miss each other."""


class Deadline:
    """A monotonic moment, or never."""

    __slots__ = ("moment", "now")

    def __init__(self, now: Callable[[], float], moment: float | None) -> None:
        self.now = now
        self.moment = moment

    @classmethod
    def after(cls, now: Callable[[], float], seconds: float | None) -> "Deadline":
        """Make the deadline that many seconds from now; None means never."""
        return cls(now, None if seconds is None else now() + seconds)

    def remaining(self) -> float | None:
        """Seconds that are left (zero once it has passed), or None for never."""
        return None if self.moment is None else max(0.0, self.moment - self.now())

    def has_passed(self) -> bool:
        """Whether it is too late."""
        return self.moment is not None and self.now() >= self.moment - _ROUNDING

    def allows(self, seconds: float) -> bool:
        """Whether some time is left after so many seconds."""
        return self.moment is None or self.now() + seconds < self.moment - _ROUNDING

    def clip(self, seconds: float | None) -> float | None:
        """Return the smaller of these seconds and what is left; None where neither limits."""
        left = self.remaining()
        if left is None or seconds is None:
            return left if seconds is None else seconds
        return min(left, seconds)


DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that one phase of a request may take (connecting: 10)."""

DEFAULT_WAIT: Final = 600.0
"""Seconds that a wait lasts by default."""


@runtime_checkable
class Clock(Protocol):
    """What a synchronous client takes for time."""

    def now(self) -> float:
        """Seconds on a monotonic scale: only differences mean something, and the wall clock may
        jump.
        """
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...


@runtime_checkable
class AsyncClock(Protocol):
    """What an asynchronous client takes for time."""

    def now(self) -> float:
        """Seconds on a monotonic scale: only differences mean something, and the wall clock may
        jump.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds, letting other tasks run."""
        ...


class SystemClock:
    """The machine's monotonic clock."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Block this thread."""
        time.sleep(seconds)


class AsyncSystemClock:
    """The machine's monotonic clock, for asyncio and trio."""

    def now(self) -> float:
        """Seconds since an arbitrary moment."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Suspend this task. httpx brings anyio, which knows the event loop that is running."""
        import anyio

        await anyio.sleep(seconds)


def backoff(failures: int, first: float, longest: float, growth: float = 2.0) -> float:
    """Return the seconds to wait after that many failures in a row.

    `first` after the first one, `growth` times as long after each further one, at most `longest`.
    """
    return min(longest, first * growth ** min(failures - 1, 32))
