"""Taking turns: of those that do the same thing at the same time, one after the other."""

import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from attrs import define, field

if TYPE_CHECKING:
    import anyio


@define(eq=False)
class _Turn:
    """A lock of threads and how many hold it or wait for it."""

    lock: threading.Lock = field(factory=threading.Lock)
    users: int = 0


class Turns:
    """Turns of threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._turns: dict[object, _Turn] = {}

    @contextmanager
    def take(self, key: object) -> Generator[None, None, None]:
        """Nobody else has the turn of this key while the block lasts."""
        with self._guard:
            turn = self._turns.setdefault(key, _Turn())
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
class _AsyncTurn:
    """A lock of tasks and how many hold it or wait for it."""

    lock: "anyio.Lock"
    users: int = 0


class AsyncTurns:
    """Turns of tasks of one event loop."""

    def __init__(self) -> None:
        self._turns: dict[object, _AsyncTurn] = {}

    @asynccontextmanager
    async def take(self, key: object) -> AsyncGenerator[None, None]:
        """Nobody else has the turn of this key while the block lasts."""
        import anyio

        turn = self._turns.setdefault(key, _AsyncTurn(anyio.Lock()))
        turn.users += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[key]
