"""Locks by key: one for threads, one for the tasks of an event loop."""

import os
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from attrs import define, field

from .._flows.commands import LockTimeout

if TYPE_CHECKING:
    import anyio


@define(eq=False)
class _Lock:
    """A lock of threads and how many hold it or wait for it."""

    lock: threading.Lock = field(factory=threading.Lock)
    users: int = 0


@define(eq=False)
class _Locks:
    """The locks of one process."""

    guard: threading.Lock = field(factory=threading.Lock)
    by_key: dict[object, _Lock] = field(factory=dict[object, _Lock])


class KeyedLocks:
    """One lock for each key, of threads."""

    def __init__(self) -> None:
        self._processes: dict[int, _Locks] = {}

    def _own(self) -> _Locks:
        """Return those of this process: a fork inherits what threads of its parent hold."""
        process = os.getpid()
        return self._processes.get(process) or self._processes.setdefault(process, _Locks())

    @contextmanager
    def hold(self, key: object, timeout: float | None = None) -> Generator[None, None, None]:
        """Hold the lock of this key while the block lasts. Raises LockTimeout if others have it
        for so many seconds.
        """
        own = self._own()
        with own.guard:
            keyed = own.by_key.setdefault(key, _Lock())
            keyed.users += 1
        try:
            if not keyed.lock.acquire(timeout=-1 if timeout is None else timeout):
                raise LockTimeout
            try:
                yield
            finally:
                keyed.lock.release()
        finally:
            with own.guard:
                keyed.users -= 1
                if not keyed.users:
                    del own.by_key[key]


@define(eq=False)
class _AsyncLock:
    """A lock of tasks and how many hold it or wait for it."""

    lock: "anyio.Lock"
    users: int = 0


class AsyncKeyedLocks:
    """One lock for each key, of the tasks of one event loop."""

    def __init__(self) -> None:
        self._locks: dict[object, _AsyncLock] = {}

    @asynccontextmanager
    async def hold(self, key: object, timeout: float | None = None) -> AsyncGenerator[None, None]:
        """Hold the lock of this key while the block lasts. Raises LockTimeout if others have it
        for so many seconds.
        """
        import anyio

        keyed = self._locks.setdefault(key, _AsyncLock(anyio.Lock()))
        keyed.users += 1
        try:
            with anyio.move_on_after(timeout) as waiting:
                await keyed.lock.acquire()
            if waiting.cancelled_caught:
                raise LockTimeout
            try:
                yield
            finally:
                keyed.lock.release()
        finally:
            keyed.users -= 1
            if not keyed.users:
                del self._locks[key]
