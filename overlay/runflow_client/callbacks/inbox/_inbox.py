"""The inbox itself: put events in, hand them to a handler, look at what was set aside."""

import os
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, overload

from attrs import field, frozen
from sqlalchemy import Connection, Engine, delete, func, select, update

from .._events import CallbackEvent, read_event
from .._receiver import check_result
from .._signature import Body
from . import _workers as workers
from ._database import (
    HANDLED,
    SET_ASIDE,
    WAITING,
    Database,
    create_table,
    inbox_table,
    insert_unless_known,
    new_row,
    open_engine,
)
from ._queue import Claim, HandlingPolicy, Outcome, Overtaken, Queue

Handler = Callable[[CallbackEvent], object]
TransactionalHandler = Callable[[CallbackEvent, Connection], object]


@frozen(kw_only=True)
class SetAside:
    """An event that could not be handled. `reason` is what the last attempt said."""

    id: int
    name: str
    subject_id: str | None
    request_id: str | None
    reason: str
    attempts: int
    received_at: datetime
    set_aside_at: datetime
    body: bytes = field(repr=False)

    def event(self) -> CallbackEvent:
        """The event, read from its raw body again. Raises CallbackError if this version cannot read
        it.
        """
        return read_event(self.body, self.request_id)


@frozen(kw_only=True)
class Counts:
    """How many events there are: to be handled (claimed ones too), handled and not yet pruned, set
    aside.
    """

    waiting: int
    handled: int
    set_aside: int


class Inbox:
    """Keeps each event once, in a database, and hands it out until it is handled.

    `database` is a URL, an engine of yours, or the path of an SQLite file (several processes of one
    machine may share it; several machines need PostgreSQL, and clocks that agree to well within the
    lease). The table is made at the first use. `now` gives seconds since 1970. Raises
    InvalidArgument for a database of another kind.

    Every event is handled at least once: after a crash it is handed out again when its lease has
    run out. Its effect happens once if the handler may be repeated (remember
    `event.deduplication_key`), or if it is `transactional`: then it gets a connection of the same
    database, and what it writes is committed together with the event's end. With SQLite nothing
    else can be stored meanwhile, callbacks neither: such a handler must be done within a second or
    two there, and put nothing itself.
    """

    def __init__(
        self,
        database: Database = Path("runflow_inbox.sqlite3"),
        *,
        policy: HandlingPolicy | None = None,
        now: Callable[[], float] = time.time,
        table: str = "runflow_inbox",
    ) -> None:
        self.policy = policy or HandlingPolicy()
        self.now = now
        self.arrivals = workers.Bell()
        self._own_engine = not isinstance(database, Engine)
        self._queue = Queue(
            engine=open_engine(database), table=inbox_table(table), policy=self.policy, now=now
        )
        self._preparing = threading.Lock()
        self._process: int | None = None

    def put(self, event: CallbackEvent, body: Body) -> bool:
        """Keep the event; when this returns, it is committed. False if it is known already.

        `body` is the raw body that the event was read from. Raises what SQLAlchemy raises when the
        database refuses.
        """
        queue = self._ready()
        row = new_row(event, bytes(body), event.request_id, queue.now())
        with queue.writing() as connection:
            fresh = insert_unless_known(connection, queue.table, row)
        self.arrivals.ring()
        return fresh

    def claim(self) -> Claim | None:
        """The event that is due longest, or None; for workers of your own. End the claim with one
        of its methods.
        """
        return self._ready().claim()

    @overload
    def work_once(self, handler: Handler) -> Outcome | None: ...
    @overload
    def work_once(
        self, handler: TransactionalHandler, *, transactional: Literal[True]
    ) -> Outcome | None: ...
    def work_once(
        self, handler: Callable[..., object], *, transactional: bool = False
    ) -> Outcome | None:
        """Hand one due event to the handler and say what became of it; None if none is due.

        An exception of the handler's is the event's failure and not raised; KeyboardInterrupt and
        the like give the event back at once and pass. Raises what SQLAlchemy raises.
        """
        workers.check_handler(handler)
        claim = self.claim()
        if claim is None:
            return None
        if claim.is_spent:
            return claim.set_aside()
        try:
            event = claim.event()
            if transactional:
                with claim.transaction() as connection:
                    _call(handler, event, connection)
                return "handled"
            _call(handler, event)
        except Overtaken:
            return "overtaken"
        except Exception as error:
            return claim.failed(error)
        except BaseException:
            claim.release()
            raise
        return claim.handled()

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
        workers.work(self, handler, **options)

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
        return workers.working(self, handler, **options)

    def working_async(
        self, handler: workers.AsyncHandler, *, tasks: int = 1, poll: float = 1.0
    ) -> AbstractAsyncContextManager[None]:
        """`async with inbox.working_async(handler):` awaits the handler on the event loop beside
        the block.

        The database work is done in threads, one a task, for it blocks. At the block's end,
        handlers in progress are canceled and their events given back.
        """
        return workers.working_async(self, handler, tasks=tasks, poll=poll)

    def set_aside(self) -> list[SetAside]:
        """The events that could not be handled, oldest first."""
        queue = self._ready()
        table = queue.table
        with queue.engine.connect() as connection:
            rows = connection.execute(
                select(table).where(table.c.state == SET_ASIDE).order_by(table.c.id)
            ).all()
        return [
            SetAside(
                id=row.id,
                name=row.event,
                subject_id=row.subject_id,
                request_id=row.request_id,
                reason=row.reason,
                attempts=row.attempts,
                received_at=datetime.fromtimestamp(row.received_at, UTC),
                set_aside_at=datetime.fromtimestamp(row.settled_at, UTC),
                body=bytes(row.body),
            )
            for row in rows
        ]

    def requeue(self, ids: Iterable[int] | None = None) -> int:
        """Make events that were set aside due again, with all their attempts; all of them if no ids
        are given.

        Gives back how many there were.
        """
        queue = self._ready()
        table = queue.table
        statement = update(table).where(table.c.state == SET_ASIDE)
        if ids is not None:
            statement = statement.where(table.c.id.in_(list(ids)))
        with queue.writing() as connection:
            count = connection.execute(
                statement.values(state=WAITING, due_at=queue.now(), attempts=0, settled_at=None)
            ).rowcount
        self.arrivals.ring()
        return count

    def prune(self, older_than: float | None = None, *, set_aside: bool = False) -> int:
        """Forget events that were handled more than so many seconds ago (the policy's `keep`), and
        give back how many.

        With `set_aside`, those that were set aside so long ago, too. A duplicate of a forgotten
        event counts as new.
        """
        queue = self._ready()
        table = queue.table
        limit = queue.now() - (self.policy.keep if older_than is None else older_than)
        states = [HANDLED, SET_ASIDE] if set_aside else [HANDLED]
        with queue.writing() as connection:
            return connection.execute(
                delete(table).where(table.c.state.in_(states), table.c.settled_at < limit)
            ).rowcount

    def counts(self) -> Counts:
        """How many events wait, were handled, were set aside: for a dashboard or a health check."""
        queue = self._ready()
        table = queue.table
        with queue.engine.connect() as connection:
            rows = connection.execute(
                select(table.c.state, func.count()).group_by(table.c.state)
            ).all()
        found: dict[str, int] = {row[0]: row[1] for row in rows}
        return Counts(
            waiting=found.get(WAITING, 0),
            handled=found.get(HANDLED, 0),
            set_aside=found.get(SET_ASIDE, 0),
        )

    def close(self) -> None:
        """Close the connections."""
        self._queue.engine.dispose()

    def _ready(self) -> Queue:
        """The queue, with its table made and no connection inherited from a process that forked
        this one.
        """
        process = os.getpid()
        if self._process != process:
            with self._preparing:
                if self._process not in (None, process) and self._own_engine:
                    self._queue.engine.dispose(close=False)
                if self._process != process:
                    create_table(self._queue.engine, self._queue.table)
                self._process = process
        return self._queue


def _call(handler: Callable[..., object], *arguments: object) -> None:
    check_result(handler(*arguments), "the handler", "use inbox.working_async(handler)")
