"""Waking a task that sleeps: for one sleeper and one awakening, because a thousand of them sleep at once.

asyncio's own Event takes a kilobyte of memory, a bare future an eighth of that.
"""

import sys
from collections.abc import Generator
from typing import Any, Protocol


class Alarm(Protocol):
    """`await alarm` sleeps until somebody rings it, and not at all if that was before."""

    has_rung: bool

    def ring(self) -> None:
        """Wake the sleeper. A second time does nothing."""
        ...

    def __await__(self) -> Generator[Any, Any, None]: ...


class _FutureAlarm:
    """For asyncio."""

    __slots__ = ("_future", "has_rung")

    def __init__(self) -> None:
        import asyncio

        self.has_rung = False
        self._future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def ring(self) -> None:
        self.has_rung = True
        if not self._future.done():  # it is cancelled with its sleeper
            self._future.set_result(None)

    def __await__(self) -> Generator[Any, Any, None]:
        return self._future.__await__()


class _EventAlarm:
    """For whichever event loop anyio knows."""

    __slots__ = ("_event", "has_rung")

    def __init__(self) -> None:
        import anyio

        self.has_rung = False
        self._event = anyio.Event()

    def ring(self) -> None:
        self.has_rung = True
        self._event.set()

    def __await__(self) -> Generator[Any, Any, None]:
        return self._event.wait().__await__()


def make_alarm() -> Alarm:
    """An alarm for the event loop that runs."""
    # Where trio is loaded it may be the loop that runs, also inside asyncio's, and it knows no futures.
    return _EventAlarm() if "trio" in sys.modules else _FutureAlarm()
