"""Leases: an event is in the hands of one handler at a time, until it is settled or the lease runs
out.
"""

import logging
import math
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, Literal, TypeVar, cast
from uuid import uuid4

from attrs import field, frozen
from sqlalchemy import Connection, select, update

from ..._redaction import redact
from ..._validation import check_arguments, check_instance
from .._events import CallbackEvent, read_event
from ._database import DEAD, HANDLED, WAITING, storable_text
from ._queue import ProcessState, Queue

T = TypeVar("T")

Outcome = Literal["handled", "failed", "dead", "lost"]
"""What became of one handling. `failed` is tried again, `dead` is a dead letter, `lost` means that
the lease ran out and the event is in other hands.
"""

_NEVER_ENDED: Final = "no handling ended: the process died or the lease ran out at every attempt"

_RENEWALS: Final = 3
"""How often a lease is renewed within its length."""

_LOOK_INTERVAL: Final = 1.0
"""Seconds between two looks at the clock, after which a lease is renewed early if it was set."""

_SET_BY: Final = 0.1
"""The part of a lease by which a clock must have jumped to be one that was set. Less cannot end a
lease that is renewed in time.
"""

_MAX_DESCRIBED: Final = 20
"""Errors of one group, or of groups within groups, that a reason names."""

_logger = logging.getLogger("runflow_client.callbacks")


class LeaseLost(Exception):
    """The lease ran out, and another handler may have the event."""


@frozen(kw_only=True)
class Lease:
    """One event that is yours to handle until the lease runs out or you settle it.

    `attempts` counts how often it was leased, this time too.
    """

    queue: Queue = field(repr=False)
    id: int
    token: str = field(repr=False)
    attempts: int
    name: str
    subject_id: str | None
    request_id: str | None
    body: bytes = field(repr=False)
    reason: str | None

    @property
    def is_spent(self) -> bool:
        """Whether all attempts were used up before, none of which ended in success or failure."""
        return self.attempts > self.queue.policy.attempts

    def event(self) -> CallbackEvent:
        """Read the event from its raw body again. Raises CallbackError if this version cannot read
        it.
        """
        return read_event(self.body, self.request_id)

    def renew(self) -> bool:
        """Let the lease begin anew. False if it ran out and another handler has the event."""
        with self.queue.writing() as connection:
            return self._settle(connection, **self.queue.due_in(self.queue.policy.lease))

    def handled(self) -> Outcome:
        """Settle it as done: it is not handed out again.

        This holds although the lease ran out meanwhile, for the work is done. `lost` if the event
        was settled as done before.
        """
        table = self.queue.table
        with self.queue.writing() as connection:
            done = (
                update(table)
                .where(table.c.id == self.id, table.c.state != HANDLED)
                .values(state=HANDLED, settled_at=self.queue.now(), lease=None, reason=None)
            )
            if connection.execute(done).rowcount == 1:
                return "handled"
        _logger.warning("%s was settled before: its lease had run out", self)
        return "lost"

    @contextmanager
    def transaction(self) -> Generator[Connection, None, None]:
        """Open a transaction that ends with the event handled: what is written in it happens
        exactly once, or not at all.

        Raises LeaseLost at its beginning if the event is no longer yours.
        """
        with self.queue.writing() as connection:
            # First of all: it takes the row's lock, and in SQLite the right to write.
            if not self._settle(
                connection, state=HANDLED, settled_at=self.queue.now(), lease=None, reason=None
            ):
                raise LeaseLost(f"the lease on {self} ran out, and another handler may have it")
            with self.queue.unhurried(connection):
                yield connection

    def failed(self, error: BaseException) -> Outcome:
        """Settle it as failed: due again after a backoff, or a dead letter after the last
        attempt.
        """
        check_instance("error", error, BaseException, is_required=True)
        reason = _describe(error)
        if self.attempts >= self.queue.policy.attempts:
            return self.give_up(reason)
        reason = storable_text(redact(reason))
        pause = self.queue.policy.backoff(self.attempts)
        _logger.warning("%s failed and is due again in %g s: %s", self, pause, reason)
        with self.queue.writing() as connection:
            kept = self._settle(connection, lease=None, reason=reason, **self.queue.due_in(pause))
        return "failed" if kept else self._lost()

    def give_up(self, reason: str | None = None) -> Outcome:
        """Make it a dead letter, for a person to inspect."""
        check_arguments(reason=reason)
        reason = storable_text(redact(reason or self.reason or _NEVER_ENDED))
        _logger.error("%s is a dead letter: %s", self, reason)
        with self.queue.writing() as connection:
            kept = self._settle(
                connection, state=DEAD, settled_at=self.queue.now(), lease=None, reason=reason
            )
        return "dead" if kept else self._lost()

    def release(self) -> None:
        """Release it untried: due at once, and this attempt does not count."""
        with self.queue.writing() as connection:
            self._settle(
                connection, lease=None, attempts=self.attempts - 1, **self.queue.due_in(0.0)
            )

    def _lost(self) -> Outcome:
        _logger.warning("%s was not settled: its lease had run out", self)
        return "lost"

    def _settle(self, connection: Connection, **values: object) -> bool:
        """Write these values if the lease is still this one."""
        table = self.queue.table
        mine = update(table).where(table.c.id == self.id, table.c.lease == self.token)
        return connection.execute(mine.values(**values)).rowcount == 1

    def __str__(self) -> str:
        return f"{self.name} of {self.subject_id} (inbox row {self.id}, attempt {self.attempts})"


class Renewal:
    """Renews a lease, in a thread, as long as its handler is at work."""

    def __init__(self, lease: Lease) -> None:
        self._lease = lease
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="runflow-inbox-lease", daemon=True)

    def start(self) -> None:
        """Begin. The event is leased to no other handler of this process, lease or not."""
        self._thread.start()
        self._lease.queue.running().add(self._lease.id)

    def stop(self) -> None:
        """End, when the last renewal is done."""
        self._over.set()
        self._thread.join()
        self._lease.queue.running().discard(self._lease.id)

    def _run(self) -> None:
        lease, queue = self._lease, self._lease.queue
        interval = queue.policy.lease / _RENEWALS
        pause = min(interval, _LOOK_INTERVAL)
        waited, renewed_at = 0.0, queue.now()
        while not self._over.wait(pause):
            waited += pause
            now = queue.now()
            if waited < interval and abs(now - renewed_at) < interval:
                continue
            waited, renewed_at = 0.0, now
            try:
                if not lease.renew():
                    _logger.warning("the lease on %s ran out: it may be handled twice", lease)
                    return
            except Exception as error:
                _logger.error("the lease on %s could not be renewed", lease, exc_info=error)


def is_interrupt(error: BaseException) -> bool:
    """Whether this is Ctrl-C, which Python raises in the main thread alone."""
    # the type is asked, for an exception's own __class__ may raise
    return (
        issubclass(type(error), KeyboardInterrupt)
        and threading.current_thread() is threading.main_thread()
    )


def _describe(error: BaseException) -> str:
    """Return the error's class and message, and those of the first errors in a group. Whatever the
    error's own code raises is left out.
    """
    texts: list[str] = []
    left = [error]
    while left and len(texts) < _MAX_DESCRIBED:
        one = left.pop(0)
        texts.append(_attempt(_name, one, "an exception") + _attempt(_text, one, ""))
        left[:0] = _attempt(_members, one, list[BaseException]())
    return "; ".join(texts)


def _name(error: BaseException) -> str:
    return type(error).__name__


def _text(error: BaseException) -> str:
    return f": {error}"


def _members(error: BaseException) -> list[BaseException]:
    if not issubclass(type(error), BaseExceptionGroup):
        return []
    return list(cast("BaseExceptionGroup[BaseException]", error).exceptions)


def _attempt(read: Callable[[BaseException], T], error: BaseException, default: T) -> T:
    try:
        return read(error)
    except BaseException as failure:
        if is_interrupt(failure):
            raise
        return default


def lease_next(queue: Queue) -> "Lease | None":
    """Lease the event that is due longest; None if none is due. No two processes get the same
    one while its lease lasts, and no event that is being handled in this process is leased.
    """
    state = queue.prepare()
    now, token = queue.now(), uuid4().hex
    clock_went_back = _look_at_clock(queue, state, now)
    with queue.writing() as connection:
        if clock_went_back:
            _reschedule(queue, connection, now)
        row = _lease_row(queue, connection, now, token, state)
        if row is None and _reschedule(queue, connection, now):
            row = _lease_row(queue, connection, now, token, state)
    if row is None:
        return None
    return Lease(
        queue=queue,
        id=row.id,
        token=token,
        attempts=row.attempts,
        name=row.event,
        subject_id=row.subject_id,
        request_id=row.request_id,
        body=bytes(row.body),
        reason=row.reason,
    )


def _lease_row(
    queue: Queue, connection: Connection, now: float, token: str, state: ProcessState
) -> Any:
    table = queue.table
    # PostgreSQL passes over rows that others are leasing; SQLite has one writer at a time and
    # ignores the words.
    due = (
        select(table.c.id)
        .where(table.c.state == WAITING, table.c.due_at <= now)
        .order_by(table.c.due_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if queue.was_clock_set():
        due = due.where(table.c.lease.is_(None))
    if state.running:
        due = due.where(table.c.id.not_in(list(state.running)))
    statement = (
        update(table)
        .where(table.c.id == due.scalar_subquery())
        .values(lease=token, attempts=table.c.attempts + 1, **queue.due_in(queue.policy.lease))
        .returning(table)
    )
    return connection.execute(statement).one_or_none()


def _look_at_clock(queue: Queue, state: ProcessState, now: float) -> bool:
    """Whether the clock was set back. After it was set forward, or went on while the machine was
    suspended, handlers at work have time to renew their leases.
    """
    monotonic, lease = queue.monotonic(), queue.policy.lease
    jump = (now - state.latest) - (monotonic - state.latest_monotonic)
    if math.isfinite(jump) and jump > lease * _SET_BY:
        state.distrusted_until = monotonic + lease / 2
    went_back = now < state.latest
    state.latest, state.latest_monotonic = now, monotonic
    return went_back


def _reschedule(queue: Queue, connection: Connection, now: float) -> bool:
    """After the clock was set back: let what was scheduled by the old time wait as long from
    now on as it would have from then on. Whether there was any.
    """
    table = queue.table
    ahead = (
        select(table.c.id)
        .where(table.c.state == WAITING, table.c.due_at > now, table.c.scheduled_at > now)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(table)
        .where(table.c.id.in_(ahead))
        .values(due_at=table.c.due_at - table.c.scheduled_at + now, scheduled_at=now)
    )
    return connection.execute(statement).rowcount > 0
