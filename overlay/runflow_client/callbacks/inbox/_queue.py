"""The queue of events: the table with its transactions, and how its events are handled."""

import logging
import math
import os
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress

from attrs import define, field, frozen
from sqlalchemy import Connection, Engine, Table
from sqlalchemy.exc import DBAPIError

from ..._errors import RunflowError
from ..._time import backoff
from ..._validation import check_numbers
from .._receiver import Done
from ._database import Insertion, answered_within, create_table, limit_lock_waits
from ._sqlite_file import SQLITE, DatabaseFiles
from ._writer import WAIT_TIMEOUT, Row, Writer

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
class ProcessState:
    """What one process knows of the inbox, and must not inherit from the one that forked it."""

    is_forked: bool
    writer: Writer
    is_ready: bool = False
    preparing: threading.Lock = field(factory=threading.Lock)
    running: set[int] = field(factory=set[int])
    """The ids of the events that are being handled here."""
    latest: float = 0.0
    """The latest moment that the clock has shown."""
    latest_monotonic: float = math.inf
    """Monotonic seconds at that moment."""
    distrusted_until: float = -math.inf
    """Monotonic seconds up to which a lease that ran out may be one of a handler at work."""
    connection: Connection | None = None
    """What the writer stores with, if it is open."""

    def release(self) -> None:
        """Close the writer's connection."""
        connection, self.connection = self.connection, None
        if connection is not None:
            connection.close()


@define(eq=False)
class Queue:
    """The table with its clock and policy."""

    engine: Engine
    owns_engine: bool
    table: Table
    policy: HandlingPolicy
    now: Callable[[], float]
    monotonic: Callable[[], float]
    _insertion: Insertion = field(init=False, repr=False)
    _states: dict[int, ProcessState] = field(
        factory=dict[int, ProcessState], init=False, repr=False
    )

    def __attrs_post_init__(self) -> None:
        self._insertion = Insertion.into(self.table, self.engine.dialect)

    def put(self, row: Row) -> bool:
        """Store the row and return when it is committed. False if it was stored already."""
        return self._state().writer.put(row)

    def submit(self, row: Row, done: Done) -> None:
        """Store the row soon and call `done` with what `put` returns or raises."""
        self._state().writer.submit(row, done)

    def close(self) -> None:
        """Store what waits, and close the connections."""
        state = self._state()
        state.writer.finish()
        with suppress(TimeoutError), state.writer.alone():
            state.release()
        self.engine.dispose()

    def _insert(self, rows: list[Row]) -> list[bool]:
        """Store the rows in one transaction; which of them are new."""
        state = self.prepare()
        was_open = state.connection is not None
        try:
            return self._insert_once(state, rows)
        except DatabaseReplaced as error:
            _logger.error("%s; it is made anew", error)
        except DBAPIError as error:
            if not (was_open and error.connection_invalidated):
                raise
        return self._insert_once(self.prepare(), rows)

    def _insert_once(self, state: ProcessState, rows: list[Row]) -> list[bool]:
        with (
            self._noting_failures(state),
            self._writer_connection(state) as connection,
            _begin(connection),
        ):
            return self._insertion.execute(connection, rows)

    @contextmanager
    def _writer_connection(self, state: ProcessState) -> Generator[Connection, None, None]:
        """Open the connection that stores events. That of an engine of ours stays open until it
        fails, for to take one from the pool and to test it costs as much as to insert.
        """
        keeps = False
        try:
            if state.connection is None:
                state.connection = self.engine.connect()
                # A statement is a transaction: one round trip without BEGIN and COMMIT.
                state.connection.execution_options(isolation_level="AUTOCOMMIT")
                if self.owns_engine:
                    limit_lock_waits(state.connection)
            yield state.connection
            keeps = self.owns_engine
        finally:
            if not keeps:
                state.release()

    @contextmanager
    def writing(self) -> Generator[Connection, None, None]:
        """Open a transaction that writes."""
        state = self.prepare()
        if self.engine.dialect.name != SQLITE:
            with self._transaction(state) as connection:
                yield connection
            return
        with state.writer.alone(), self._transaction(state) as connection:
            yield connection

    @contextmanager
    def reading(self) -> Generator[Connection, None, None]:
        """Open a transaction that reads."""
        with self._transaction(self.prepare()) as connection:
            yield connection

    def unhurried(self, connection: Connection) -> AbstractContextManager[None]:
        """Let each statement of the block take as long as a lease: those over many events, and
        those of a handler.
        """
        return answered_within(connection, self.policy.lease)

    @contextmanager
    def _transaction(self, state: ProcessState) -> Generator[Connection, None, None]:
        """Open a transaction on a connection of its own."""
        with self._noting_failures(state), self.engine.connect() as connection, _begin(connection):
            yield connection

    @contextmanager
    def _noting_failures(self, state: ProcessState) -> Generator[None, None, None]:
        """Let the next use begin anew with what failed in this one."""
        try:
            yield
        except DatabaseReplaced:
            state.is_ready = False
            with state.writer.alone():
                state.release()
            self.engine.dispose()
            raise
        except DBAPIError:
            state.is_ready = False  # the table may have been dropped
            raise

    def _state(self) -> ProcessState:
        process = os.getpid()
        state = self._states.get(process)
        if state is None:
            made = ProcessState(is_forked=bool(self._states), writer=Writer(self._insert))
            state = self._states.setdefault(process, made)
        return state

    def prepare(self) -> ProcessState:
        """Return the state of this process, with the table made and no connection inherited.

        Raises TimeoutError where another thread makes the table for too long.
        """
        state = self._state()
        if state.is_ready:
            return state
        if not state.preparing.acquire(timeout=WAIT_TIMEOUT):
            raise TimeoutError(f"another thread has been making the table for {WAIT_TIMEOUT} s")
        try:
            if state.is_forked and self.owns_engine:
                self.engine.dispose(close=False)
                state.is_forked = False
            if not state.is_ready:
                create_table(self.engine, self.table)
                state.is_ready = True
        finally:
            state.preparing.release()
        return state

    def due_in(self, seconds: float) -> dict[str, float]:
        """Return the columns of an event that is due in so many seconds."""
        now = self.now()
        return {"due_at": now + seconds, "scheduled_at": now}

    def was_clock_set(self) -> bool:
        """Whether the clock was set forward a moment ago."""
        return self.monotonic() < self.prepare().distrusted_until

    def running(self) -> set[int]:
        """Return the ids of the events that are being handled in this process. Asks no database."""
        return self._state().running


@contextmanager
def _begin(connection: Connection) -> Generator[None, None, None]:
    """Open a transaction. Raises DatabaseReplaced if it went to files that are gone."""
    with connection.begin():
        files = DatabaseFiles.of(connection)
        yield
    if files is not None and files.are_gone():
        raise DatabaseReplaced(f"the inbox's database {files.path} was deleted or replaced")
