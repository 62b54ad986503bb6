"""Time as the client sees it: a monotonic reading in seconds and a way to wait, both replaceable."""

import time
from typing import Final, Protocol

DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that one phase of a request may take (connecting: 10)."""

DEFAULT_WAIT: Final = 600.0
"""Seconds that a wait lasts unless told otherwise."""


class Clock(Protocol):
    """What a synchronous client takes for time."""

    def now(self) -> float:
        """Seconds on a monotonic scale: only differences mean something, and the wall clock may jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        ...


class AsyncClock(Protocol):
    """What an asynchronous client takes for time."""

    def now(self) -> float:
        """Seconds on a monotonic scale: only differences mean something, and the wall clock may jump."""
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
