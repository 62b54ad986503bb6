"""Waking a task that sleeps: for one sleeper and one awakening, because a thousand of them sleep at once.

asyncio's own Event takes a kilobyte of memory, a bare future an eighth of that.
"""

import sys
from collections.abc import Generator
from typing import Any, Protocol


class Alarm(Protocol):
    """`await alarm` sleeps until somebody rings it, and not at all if that was before. It gives what the first one said."""

    has_rung: bool

    def ring(self, said: object = None) -> None:
        """Wake the sleeper. A second time does nothing."""
        ...

    def __await__(self) -> Generator[Any, Any, object]: ...


class _FutureAlarm:
    """For asyncio."""

    __slots__ = ("_future", "has_rung")

    def __init__(self) -> None:
        import asyncio

        self.has_rung = False
        self._future: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def ring(self, said: object = None) -> None:
        self.has_rung = True
        if not self._future.done():  # it is cancelled with its sleeper
            self._future.set_result(said)

    def __await__(self) -> Generator[Any, Any, object]:
        return self._future.__await__()


class _EventAlarm:
    """For whichever event loop anyio knows."""

    __slots__ = ("_event", "_said", "has_rung")

    def __init__(self) -> None:
        import anyio

        self.has_rung = False
        self._said: object = None
        self._event = anyio.Event()

    def ring(self, said: object = None) -> None:
        if not self.has_rung:
            self.has_rung, self._said = True, said
            self._event.set()

    async def _sleep(self) -> object:
        await self._event.wait()
        return self._said

    def __await__(self) -> Generator[Any, Any, object]:
        return self._sleep().__await__()


def make_alarm() -> Alarm:
    """An alarm for the event loop that runs."""
    # Where trio is loaded it may be the loop that runs, also inside asyncio's, and it knows no futures.
    return _EventAlarm() if "trio" in sys.modules else _FutureAlarm()
