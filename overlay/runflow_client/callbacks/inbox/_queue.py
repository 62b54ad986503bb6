"""The queue of events: how they are handled, and how they are stored together."""

import logging
import math
import os
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any, Final

from attrs import define, field, frozen
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

from ..._errors import RunflowError
from ..._time import backoff
from ..._validation import check_numbers
from ._database import (
    LOCK_TIMEOUT,
    SQLITE,
    DatabaseFiles,
    create_table,
    insertion_into,
)

_MAX_PUTS: Final = 100
"""Events that share one transaction when they arrive together."""

_logger = logging.getLogger("runflow_client.callbacks")


class DatabaseReplaced(RunflowError):
    """The database's files were deleted or replaced while they were open: nothing was stored."""


_DAY = 24 * 60 * 60.0


@frozen
class HandlingPolicy:
    """How often and how long an event is handled. Times are seconds."""

    attempts: int = 8
    """How often an event is tried before it becomes a dead letter."""
    lease: float = 300.0
    """How long an event stays with a process that died. The lease of a handler that is still at
    work is renewed.
    """
    first_backoff: float = 1.0
    """The pause after the first failure; it doubles with every further one."""
    longest_backoff: float = 600.0
    keep: float = 30 * _DAY
    """How long a handled event is kept, so that a late duplicate is recognised."""

    def __attrs_post_init__(self) -> None:
        check_numbers(self, "attempts", at_least=1, whole=True)
        check_numbers(self, "lease", "first_backoff", "longest_backoff", "keep", above=0)

    def backoff(self, attempts: int) -> float:
        """Seconds until an event that failed that often is due again."""
        return backoff(attempts, self.first_backoff, self.longest_backoff)


@define(eq=False)
class _Put:
    """An event that waits to be stored, and what became of it."""

    row: dict[str, Any]
    is_new: bool | None = None
    error: Exception | None = None

    @property
    def is_done(self) -> bool:
        return self.is_new is not None or self.error is not None


@define(eq=False)
class ProcessState:
    """What one process knows of the inbox, and must not inherit from the one that forked it."""

    is_forked: bool
    is_ready: bool = False
    preparing: threading.Lock = field(factory=threading.Lock)
    writer: threading.Lock = field(factory=threading.Lock)
    puts: deque[_Put] = field(factory=deque[_Put])
    running: set[int] = field(factory=set[int])
    """The ids of the events that are being handled here."""
    latest: float = 0.0
    """The latest moment that the clock has shown."""
    latest_monotonic: float = math.inf
    """Monotonic seconds at that moment."""
    distrusted_until: float = -math.inf
    """Monotonic seconds up to which a lease that ran out may be one of a handler at work."""


@define(eq=False)
class Queue:
    """The table with its clock and policy."""

    engine: Engine
    owns_engine: bool
    table: Table
    policy: HandlingPolicy
    now: Callable[[], float]
    monotonic: Callable[[], float]
    _insertion: ReturningInsert[tuple[int]] = field(init=False, repr=False)
    _states: dict[int, ProcessState] = field(
        factory=dict[int, ProcessState], init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._insertion = insertion_into(self.table, self.engine.dialect.name)

    def put(self, row: dict[str, Any]) -> bool:
        """Store the row and return when it is committed. False if it was stored already.

        SQLite has one writer: what arrives while another transaction is written shares the next.
        """
        state = self.prepare()
        put = _Put(row)
        if self.engine.dialect.name != SQLITE:
            self._store(state, [put])
        else:
            state.puts.append(put)
            try:
                self._store_together(state, put)
            finally:
                if not put.is_done:
                    with suppress(ValueError):
                        state.puts.remove(put)
        if put.error is not None:
            raise put.error
        assert put.is_new is not None, "a put ends with a result or an error"
        return put.is_new

    def _store_together(self, state: ProcessState, put: _Put) -> None:
        with self._alone(state):
            while not put.is_done:
                together = [state.puts.popleft() for _ in range(min(len(state.puts), _MAX_PUTS))]
                self._store(state, together)

    def _store(self, state: ProcessState, puts: list[_Put]) -> None:
        """Store them in one transaction, or each in its own where that fails."""
        try:
            results = self._insert(state, puts)
        except DatabaseReplaced as error:
            _logger.error("%s; it is made anew", error)
            self._retry(state, puts)
        except Exception as error:
            if len(puts) > 1:
                self._retry(state, puts)
            else:
                puts[0].error = error
        else:
            for put, is_new in zip(puts, results, strict=True):
                put.is_new = is_new

    def _retry(self, state: ProcessState, puts: list[_Put]) -> None:
        for put in puts:
            try:
                (put.is_new,) = self._insert(state, [put])
            except Exception as error:
                put.error = error

    def _insert(self, state: ProcessState, puts: list[_Put]) -> list[bool]:
        self.prepare()
        with self._transaction(state) as connection:
            return [
                connection.execute(self._insertion, put.row).first() is not None for put in puts
            ]

    @contextmanager
    def writing(self) -> Generator[Connection, None, None]:
        """Open a transaction that writes."""
        state = self.prepare()
        if self.engine.dialect.name != SQLITE:
            with self._transaction(state) as connection:
                yield connection
            return
        with self._alone(state), self._transaction(state) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """Open a transaction that reads."""
        with self._transaction(self.prepare()) as connection:
            yield connection

    @contextmanager
    def _alone(self, state: ProcessState) -> Generator[None, None, None]:
        """Let one thread of this process write at a time: SQLite has one writer."""
        if not state.writer.acquire(timeout=LOCK_TIMEOUT):
            raise TimeoutError(f"another thread has been writing to the inbox for {LOCK_TIMEOUT} s")
        try:
            yield
        finally:
            state.writer.release()

    @contextmanager
    def _transaction(self, state: ProcessState) -> Generator[Connection, None, None]:
        """Open a transaction. Raises DatabaseReplaced if it went to files that are gone."""
        try:
            with self.engine.connect() as connection:
                with connection.begin():
                    files = DatabaseFiles.of(connection)
                    yield connection
                if files is not None and files.are_gone():
                    raise DatabaseReplaced(
                        f"the inbox's database {files.path} was deleted or replaced"
                    )
        except DatabaseReplaced:
            state.is_ready = False
            self.engine.dispose()
            raise
        except DBAPIError:
            state.is_ready = False  # the table may have been dropped
            raise

    def prepare(self) -> ProcessState:
        """Return the state of this process, with the table made and no connection inherited."""
        process = os.getpid()
        state = self._states.get(process)
        if state is None:
            made = ProcessState(is_forked=bool(self._states))
            state = self._states.setdefault(process, made)
        if not state.is_ready:
            with state.preparing:
                if state.is_forked and self.owns_engine:
                    self.engine.dispose(close=False)
                    state.is_forked = False
                if not state.is_ready:
                    create_table(self.engine, self.table)
                    state.is_ready = True
        return state

    def due_in(self, seconds: float) -> dict[str, float]:
        """Return the columns of an event that is due in so many seconds."""
        now = self.now()
        return {"due_at": now + seconds, "scheduled_at": now}

    def running(self) -> set[int]:
        """Return the ids of the events that are being handled in this process."""
        return self.prepare().running
