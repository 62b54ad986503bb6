"""Group commit: events that wait at the same time are stored in one transaction."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from typing import Any, Final

from attrs import define, field

from ..._errors import RunflowError
from .._receiver import Done

WAIT_TIMEOUT: Final = 5
"""Seconds to wait for a lock, a connection or a turn. Runflow waits "a few seconds" for its answer,
and sends again after a 503.
"""

MAX_WAITING: Final = 1000
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
"""What waits at most where no thread is held by it, as in asynchronous receivers. More is answered
with 503.
"""

_MAX_TOGETHER: Final = 100
_MAX_BYTES_TOGETHER: Final = 16 * 1024 * 1024
"""What shares a transaction at most."""

_IDLE: Final = 10.0
"""Seconds after which a thread with nothing to store ends."""

_logger = logging.getLogger("runflow_client.callbacks")

Row = dict[str, Any]


class NotStored(RunflowError):
    """The event was not stored in time, or too many are waiting already."""


@define(eq=False)
class _Put:
    """An event that waits to be stored, and what became of it."""

    row: Row
    done: Done | None = None
    result: bool | Exception | None = None
    deadline: float = field(factory=lambda: time.monotonic() + WAIT_TIMEOUT)

    @property
    def size(self) -> int:
        return len(self.row["body"])

    def report(self) -> None:
        """Tell whoever submitted it."""
        if self.result is None:
            self.result = NotStored("storing was interrupted")
        if self.done is not None:
            try:
                self.done(self.result)
            except Exception as error:  # the event is stored or not, whatever they do about it
                _logger.error("the end of storing an event was not taken", exc_info=error)


class Writer:
    """Stores the events of one process. `insert` stores rows in one transaction and says of each
    whether it is new.

    Whoever stores an event takes along all that wait. Where no thread may be blocked for it, the
    writer has one of its own, from the first event that is submitted until it is idle.
    """

    def __init__(self, insert: Callable[[list[Row]], list[bool]]) -> None:
        self._insert = insert
        self._writing = threading.RLock()
        self._changed = threading.Condition()
        self._puts: deque[_Put] = deque()
        self._bytes = 0
        self._thread: threading.Thread | None = None

    def put(self, row: Row) -> bool:
        """Store the row and return when it is committed. False if it was stored already."""
        result = self._lead(row) if self._thread is None else self._follow(row)
        if isinstance(result, Exception):
            raise result
        return result

    def submit(self, row: Row, done: Done) -> None:
        """Store the row soon, and call `done` in another thread with what `put` returns or raises.

        Raises NotStored where too many wait already.
        """
        with self._changed:
            if len(self._puts) >= MAX_WAITING or self._bytes + len(row["body"]) > MAX_WAITING_BYTES:
                raise NotStored(f"{len(self._puts)} events wait to be stored already")
            self._submit(_Put(row, done))

    def finish(self) -> None:
        """Store what waits, and end the thread."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None:
            thread.join()
        while self._puts:
            self._attempt()

    @contextmanager
    def alone(self) -> Generator[None, None, None]:
        """Let one thread of this process write at a time. Raises TimeoutError where another one
        does so for too long.
        """
        if not self._writing.acquire(timeout=WAIT_TIMEOUT):
            raise TimeoutError(f"another thread has been writing to the inbox for {WAIT_TIMEOUT} s")
        try:
            yield
        finally:
            self._writing.release()

    def _lead(self, row: Row) -> bool | Exception:
        """Store it in this thread, with what waits beside it."""
        put = _Put(row)
        with self._changed:
            self._add(put)
        try:
            while put.result is None:
                self._store_next()
        finally:
            if put.result is None:
                self._drop([put])
        return put.result

    def _follow(self, row: Row) -> bool | Exception:
        """Let the writer's thread store it."""
        results: SimpleQueue[bool | Exception] = SimpleQueue()
        with self._changed:
            self._submit(_Put(row, results.put))
        return results.get()

    def _submit(self, put: _Put) -> None:
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="runflow-inbox-writer", daemon=True)
            thread.start()
            self._thread = thread
        self._add(put)
        self._changed.notify()

    def _add(self, put: _Put) -> None:
        self._puts.append(put)
        self._bytes += put.size

    def _drop(self, puts: list[_Put]) -> None:
        """Let these wait no longer, if they still do."""
        with self._changed:
            for put in puts:
                with suppress(ValueError):
                    self._puts.remove(put)
                    self._bytes -= put.size

    def _take(self) -> list[_Put]:
        """Take the events of the next transaction off the queue."""
        taken: list[_Put] = []
        size = 0
        with self._changed:
            while self._puts and len(taken) < _MAX_TOGETHER:
                size += self._puts[0].size
                if taken and size > _MAX_BYTES_TOGETHER:
                    break
                taken.append(self._puts.popleft())
                self._bytes -= taken[-1].size
        return taken

    def _run(self) -> None:
        while self._has_next():
            self._attempt()

    def _has_next(self) -> bool:
        """Wait for the next event. False where the thread is to end."""
        own = threading.current_thread()
        with self._changed:
            self._changed.wait_for(lambda: self._puts or self._thread is not own, _IDLE)
            if self._thread is own and not self._puts:
                self._thread = None
            return self._thread is own

    def _attempt(self) -> None:
        try:
            self._store_next()
        except Exception as error:
            self._fail_overdue(error)

    def _store_next(self) -> None:
        """Store what waits, in one transaction."""
        puts: list[_Put] = []
        try:
            with self.alone():
                puts = self._take()
                if puts:
                    self._store(puts)
        finally:
            for put in puts:
                put.report()

    def _store(self, puts: list[_Put]) -> None:
        """Store them together, or each by itself where that fails."""
        try:
            results = self._insert([put.row for put in puts])
        except Exception as error:
            for put in puts:
                if len(puts) == 1 or put.deadline <= time.monotonic():
                    put.result = error
                else:
                    self._store([put])
            self._fail_overdue(error)
        else:
            for put, is_new in zip(puts, results, strict=True):
                put.result = is_new

    def _fail_overdue(self, error: Exception) -> None:
        """Let nothing wait longer for a database that keeps others waiting for so long."""
        now = time.monotonic()
        with self._changed:
            overdue = [put for put in self._puts if put.deadline <= now]
        self._drop(overdue)
        for put in overdue:
            put.result = error
            put.report()
