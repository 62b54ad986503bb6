"""The inbox: store events, hand them to a handler, list the dead letters."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, overload

from attrs import field, frozen
from sqlalchemy import Connection, Engine, delete, func, select, update

from ..._validation import check_arguments, check_blocking, check_instance
from .._events import CallbackEvent, read_event
from .._receiver import Done, submitted_by
from .._signature import Body
from ._database import (
    DEAD,
    HANDLED,
    WAITING,
    Database,
    inbox_table,
    new_row,
    open_engine,
)
from ._lease import Lease, Outcome, lease_next
from ._queue import HandlingPolicy, Queue
from ._workers import (
    Arrivals,
    AsyncHandler,
    check_handler,
    handle,
    work,
    working,
    working_async,
)
from ._writer import Row

Handler = Callable[[CallbackEvent], object]
TransactionalHandler = Callable[[CallbackEvent, Connection], object]

IDS_AT_ONCE: Final = 500
"""Ids in one statement: a database takes only so many parameters."""


@frozen(kw_only=True)
class DeadLetter:
    """An event that could not be handled. `reason` is what its last attempt raised."""

    id: int
    name: str
    subject_id: str | None
    request_id: str | None
    reason: str
    attempts: int
    received_at: datetime
    died_at: datetime
    body: bytes = field(repr=False)

    def event(self) -> CallbackEvent:
        """Read the event from its raw body again. Raises CallbackError if this version cannot read
        it.
        """
        return read_event(self.body, self.request_id)


@frozen(kw_only=True)
class Counts:
    """How many events there are: to be handled (leased ones too), handled and not yet pruned, dead
    letters.
    """

    waiting: int
    handled: int
    dead: int


class Inbox:
    """Stores each event once, in a database, and hands it out until it is handled.

    `database` is a `postgresql://` URL, an engine of yours, or the path of an SQLite file. Several
    processes of one machine may share an SQLite file. Several machines need PostgreSQL, and clocks
    that agree to well within the lease. The table is made at the first use. `now` returns seconds
    since 1970, and `monotonic` the seconds of a clock that is never set: by default the process's
    own, or `now` where that is given. Raises InvalidArgument for a database of another kind, for an
    asynchronous driver and for SQLite in memory.

    Every event is handled at least once: after a crash it is handed out again when its lease has
    run out. The lease of a handler that is still at work is renewed, so a slow one is not run
    twice. Its effect happens once if the handler may be repeated (remember
    `event.deduplication_key`), or if it is `transactional`: then it gets a connection of the same
    database, and what it writes is committed together with the event's end. With SQLite nothing
    else can be stored meanwhile, callbacks neither: such a handler must be done within a second or
    two there, and put nothing itself.

    Whatever the handler raises is a failure of the event: it is logged, counted, and stops no
    worker. That includes SystemExit and cancellation; to end a worker from a signal handler, set
    its `stop`. Only KeyboardInterrupt in the main thread, which is Ctrl-C, releases the event
    uncounted and is raised.

    When the clock is set forward, or advances while the machine is suspended, the workers leave a
    lease that ran out alone for half its length, in which a handler at work renews it. A process
    that begins within a second of that does not know of it, and a process that is stopped for
    longer than its lease cannot renew: only a transactional handler excludes that both take effect.

    PostgreSQL has 5 seconds to take a connection and 10 to answer a statement: the
    `connect_timeout` of the URL, and twice that. What it does not answer in time is given up with
    its connection: `put` raises, so a receiver answers 503, and a worker logs it and tries again. A
    statement of a transactional handler, of `prune`, `requeue`, `dead_letters` or `counts` may take
    as long as a lease. That holds for psycopg, the driver of a `postgresql://` URL. Another driver,
    and an engine of yours, have the timeouts that you give them; psycopg by itself waits for ever.

    An SQLite file that was deleted or replaced is noticed when an event is stored: the event goes
    into a new file. What the old file held is gone.
    """

    def __init__(
        self,
        database: Database = Path("runflow_inbox.sqlite3"),
        *,
        policy: HandlingPolicy | None = None,
        now: Callable[[], float] = time.time,
        monotonic: Callable[[], float] | None = None,
        table: str = "runflow_inbox",
    ) -> None:
        check_instance("policy", policy, HandlingPolicy)
        check_arguments(now=now, monotonic=monotonic, table=table)
        check_blocking(now=now, monotonic=monotonic)
        if monotonic is None:
            monotonic = time.monotonic if now is time.time else now
        self.policy = policy or HandlingPolicy()
        self.now = now
        self.arrivals = Arrivals()
        self._queue = Queue(
            engine=open_engine(database),
            owns_engine=not isinstance(database, Engine),
            table=inbox_table(table),
            policy=self.policy,
            now=now,
            monotonic=monotonic,
        )

    @submitted_by("_submit")
    def put(self, event: CallbackEvent, body: Body) -> bool:
        """Store the event; when this returns, it is committed. False if it is stored already.

        `body` is the raw body that the event was read from. Raises what SQLAlchemy raises when the
        database refuses.
        """
        check_instance("event", event, CallbackEvent, is_required=True)
        check_arguments(body=body)
        is_new = self._queue.put(self._row(event, body))
        self.arrivals.notify()
        return is_new

    def _submit(self, event: CallbackEvent, body: Body, done: Done) -> None:
        """Store the event soon and call `done` with what `put` returns or raises."""

        def stored(result: bool | Exception) -> None:
            done(result)
            self.arrivals.notify()

        self._queue.submit(self._row(event, body), stored)

    def _row(self, event: CallbackEvent, body: Body) -> Row:
        return new_row(event, bytes(body), event.request_id, self.now())

    def lease(self) -> Lease | None:
        """Lease the event that is due longest, or None; for workers of your own.

        Settle the lease with one of its methods, and `renew` it where that takes long.
        """
        return lease_next(self._queue)

    @overload
    def work_once(self, handler: Handler) -> Outcome | None: ...
    @overload
    def work_once(
        self, handler: TransactionalHandler, *, transactional: Literal[True]
    ) -> Outcome | None: ...
    def work_once(
        self, handler: Callable[..., object], *, transactional: bool = False
    ) -> Outcome | None:
        """Hand one due event to the handler and return its outcome; None if no event is due.

        Whatever the handler raises is a failure of the event and not raised here, except
        KeyboardInterrupt in the main thread. Raises what SQLAlchemy raises.
        """
        check_handler(handler)
        check_arguments(transactional=transactional)
        lease = self.lease()
        if lease is None:
            return None
        return handle(lease, handler, transactional=transactional)

    @overload
    def work(
        self, handler: Handler, *, stop: threading.Event | None = None, poll: float = 1.0
    ) -> None: ...
    @overload
    def work(
        self,
        handler: TransactionalHandler,
        *,
        transactional: Literal[True],
        stop: threading.Event | None = None,
        poll: float = 1.0,
    ) -> None: ...
    def work(self, handler: Callable[..., object], **options: Any) -> None:
        """Hand out events until `stop` is set, or for ever; for a process or thread of its own.

        Events that this inbox puts are handed out at once; those of other processes, and those due
        again, within `poll` seconds. A database that fails is logged and tried again. Prunes now
        and then.
        """
        work(self, handler, **options)

    @overload
    def working(
        self, handler: Handler, *, threads: int = 1, poll: float = 1.0
    ) -> AbstractContextManager[None]: ...
    @overload
    def working(
        self,
        handler: TransactionalHandler,
        *,
        transactional: Literal[True],
        threads: int = 1,
        poll: float = 1.0,
    ) -> AbstractContextManager[None]: ...
    def working(
        self, handler: Callable[..., object], **options: Any
    ) -> AbstractContextManager[None]:
        """`with inbox.working(handler):` works in threads beside the block; at its end the events
        in hand are finished.
        """
        return working(self, handler, **options)

    def working_async(
        self, handler: AsyncHandler, *, tasks: int = 1, poll: float = 1.0
    ) -> AbstractAsyncContextManager[None]:
        """`async with inbox.working_async(handler):` awaits the handler on the event loop beside
        the block.

        The database work is done in threads, for it blocks. At the block's end, handlers in
        progress are canceled and their events released.
        """
        return working_async(self, handler, tasks=tasks, poll=poll)

    def dead_letters(self) -> list[DeadLetter]:
        """Return the events that could not be handled, oldest first."""
        table = self._queue.table
        with self._queue.reading() as connection, self._queue.unhurried(connection):
            rows = connection.execute(
                select(table).where(table.c.state == DEAD).order_by(table.c.id)
            ).all()
        return [
            DeadLetter(
                id=row.id,
                name=row.event,
                subject_id=row.subject_id,
                request_id=row.request_id,
                reason=row.reason,
                attempts=row.attempts,
                received_at=datetime.fromtimestamp(row.received_at, UTC),
                died_at=datetime.fromtimestamp(row.settled_at, UTC),
                body=bytes(row.body),
            )
            for row in rows
        ]

    def requeue(self, ids: Iterable[int] | None = None) -> int:
        """Make dead letters due again, with all their attempts; all of them if no ids are given.

        Returns how many there were.
        """
        chosen = list(ids) if isinstance(ids, Iterator) else ids
        check_arguments(ids=chosen)
        table, now = self._queue.table, self.now()
        dead = update(table).where(table.c.state == DEAD)
        dead = dead.values(state=WAITING, due_at=now, scheduled_at=now, attempts=0, settled_at=None)
        statements = [dead]
        if chosen is not None:
            all_ids = list(chosen)
            groups = [
                all_ids[first : first + IDS_AT_ONCE]
                for first in range(0, len(all_ids), IDS_AT_ONCE)
            ]
            statements = [dead.where(table.c.id.in_(group)) for group in groups]
        with self._queue.writing() as connection, self._queue.unhurried(connection):
            count = sum(connection.execute(statement).rowcount for statement in statements)
        self.arrivals.notify()
        return count

    def prune(self, older_than: float | None = None, *, dead_letters: bool = False) -> int:
        """Forget events that were handled more than so many seconds ago (the policy's `keep`), and
        return how many.

        With `dead_letters`, dead letters of that age too. A duplicate of a forgotten event counts
        as new. Just after the clock was set forward nothing is as old as it seems, and nothing is
        forgotten.
        """
        check_arguments(older_than=older_than, dead_letters=dead_letters)
        if self._queue.was_clock_set():
            return 0
        table = self._queue.table
        limit = self.now() - (self.policy.keep if older_than is None else older_than)
        states = [HANDLED, DEAD] if dead_letters else [HANDLED]
        with self._queue.writing() as connection, self._queue.unhurried(connection):
            return connection.execute(
                delete(table).where(table.c.state.in_(states), table.c.settled_at < limit)
            ).rowcount

    def counts(self) -> Counts:
        """How many events wait, were handled, are dead letters: for a dashboard or a health
        check.
        """
        table = self._queue.table
        with self._queue.reading() as connection, self._queue.unhurried(connection):
            rows = connection.execute(
                select(table.c.state, func.count()).group_by(table.c.state)
            ).all()
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return Counts(
            waiting=found.get(WAITING, 0),
            handled=found.get(HANDLED, 0),
            dead=found.get(DEAD, 0),
        )

    def close(self) -> None:
        """Store what waits to be stored, and close the connections."""
        self._queue.close()
