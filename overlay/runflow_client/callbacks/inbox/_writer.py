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
"""Events that wait at most without holding a thread. More are refused, and Runflow sends them
again.
"""

MAX_TOGETHER: Final = 100
MAX_BYTES_TOGETHER: Final = 16 * 1024 * 1024
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

    def report(self) -> None:
        """Tell the caller of `submit`."""
        if self.result is None:
            self.result = NotStored("storing was interrupted")
        if self.done is not None:
            try:
                self.done(self.result)
            except Exception as error:  # the event is stored or not, whatever the caller does
                _logger.error("the end of storing an event was not taken", exc_info=error)


class Writer:
    """Stores the events of one process. `insert` stores rows in one transaction and says of each
    whether it is new.

    A thread that stores an event takes along all that wait. Where no thread may be blocked for it,
    the writer has one of its own, from the first event that is submitted until it is idle.
    """

    def __init__(self, insert: Callable[[list[Row]], list[bool]]) -> None:
        self._insert = insert
        self._writing = threading.RLock()
        self._changed = threading.Condition()
        self._puts: deque[_Put] = deque()
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
            if len(self._puts) >= MAX_WAITING:
                raise NotStored(f"{len(self._puts)} events wait to be stored already")
            self._submit(_Put(row, done))

    def finish(self) -> None:
        """Store what waits, and end the thread."""
        with self._changed:
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not None:
            thread.join()

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
            self._puts.append(put)
        try:
            while (result := put.result) is None:
                self._store_next()
        except BaseException:
            with self._changed, suppress(ValueError):
                self._puts.remove(put)
            raise
        return result

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
        self._puts.append(put)
        self._changed.notify()

    def _take(self, taken: list[_Put]) -> None:
        """Move the events of the next transaction off the queue. What was taken has to be told,
        even where this is interrupted.
        """
        size = 0
        with self._changed:
            while self._puts and len(taken) < MAX_TOGETHER:
                size += len(self._puts[0].row["body"])
                if taken and size > MAX_BYTES_TOGETHER:
                    break
                taken.append(self._puts.popleft())

    def _run(self) -> None:
        while self._has_next():
            try:
                self._attempt()
            except BaseException as error:  # others wait for this thread
                _logger.error("storing events was interrupted", exc_info=error)

    def _has_next(self) -> bool:
        """Wait for the next event. False where the thread is to end, and nothing waits."""
        own = threading.current_thread()
        with self._changed:
            self._changed.wait_for(lambda: self._puts or self._thread is not own, _IDLE)
            if self._thread is own and not self._puts:
                self._thread = None
            return bool(self._puts)

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
                self._take(puts)
                if puts:
                    self._store(puts)
        finally:
            _report(puts)

    def _store(self, puts: list[_Put]) -> None:
        """Store them together, or each by itself where that fails."""
        failure: Exception | None = None
        try:
            results = self._insert([put.row for put in puts])
        except Exception as error:
            failure = error
        else:
            for put, is_new in zip(puts, results, strict=True):
                put.result = is_new
        if failure is not None:
            for put in puts:
                if len(puts) == 1 or put.deadline <= time.monotonic():
                    put.result = failure
                else:
                    self._store([put])
            self._fail_overdue(failure)

    def _fail_overdue(self, error: Exception) -> None:
        """Let nothing wait longer for a database that keeps others waiting for so long."""
        now = time.monotonic()
        with self._changed:
            overdue = [put for put in self._puts if put.deadline <= now]
            for put in overdue:
                self._puts.remove(put)
                put.result = error
        _report(overdue)


def _report(puts: list[_Put]) -> None:
    """Tell of each, even where telling of one is interrupted."""
    left = iter(puts)
    try:
        for put in left:
            put.report()
    finally:
        for put in left:
            put.report()
