"""Locks by key, and what tasks wait on."""

import sys
import threading
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

if TYPE_CHECKING:
    import anyio


@define(eq=False)
class _Lock:
    """A lock of threads and how many hold it or wait for it."""

    lock: threading.Lock = field(factory=threading.Lock)
    users: int = 0


class KeyedLocks:
    """Turns of threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: dict[object, _Lock] = {}

    @contextmanager
    def take(self, key: object) -> Generator[None, None, None]:
        """Nobody else has the turn of this key while the block lasts."""
        with self._guard:
            turn = self._turns.setdefault(key, _Lock())
            turn.users += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._guard:
                turn.users -= 1
                if not turn.users:
                    del self._turns[key]


@define(eq=False)
class _AsyncLock:
    """A lock of tasks and how many hold it or wait for it."""

    lock: "anyio.Lock"
    users: int = 0


class AsyncKeyedLocks:
    """Turns of tasks of one event loop."""

    def __init__(self) -> None:
        self._turns: dict[object, _AsyncLock] = {}

    @asynccontextmanager
    async def take(self, key: object) -> AsyncGenerator[None, None]:
        """Nobody else has the turn of this key while the block lasts."""
        import anyio

        turn = self._turns.setdefault(key, _AsyncLock(anyio.Lock()))
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[key]


class Alarm(Protocol):
    """`await alarm` sleeps until somebody rings it, and not at all if that was before. It gives
    what the first one said.
    """

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
    # Where trio is loaded it may be the loop that runs, also inside asyncio's, and it knows no
    # futures.
    return _EventAlarm() if "trio" in sys.modules else _FutureAlarm()


class Slots:
    """`async with slots:` holds one of `count` slots, and sleeps until one is free."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[Alarm] = deque()
        self._given_up: set[Alarm] = set()

    async def __aenter__(self) -> None:
        if self._free:
            self._free -= 1
            return
        alarm = make_alarm()
        self._waiting.append(alarm)
        try:
            await alarm  # whoever rings it leaves the slot to us
        except BaseException:
            if alarm.has_rung:
                self._leave()
            else:
                self._given_up.add(alarm)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        while self._waiting:
            alarm = self._waiting.popleft()
            if alarm in self._given_up:
                self._given_up.remove(alarm)
                continue
            alarm.ring()
            return
        self._free += 1
