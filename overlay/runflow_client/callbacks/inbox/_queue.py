"""The queue of callbacks that wait for their handler, and how failures are handled."""

import logging
import math
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final, Literal
from uuid import uuid4

from attrs import field, frozen
from sqlalchemy import Connection, Engine, Row, Table, select, update

from ..._errors import InvalidArgument
from ..._redaction import redact
from .._events import CallbackEvent, read_event
from ._database import HANDLED, PATIENCE, SET_ASIDE, SQLITE, WAITING, plain

Outcome = Literal["handled", "failed", "set_aside", "overtaken"]
"""What became of one handling. `failed` is tried again; `overtaken` means that the lease ran out
before the end.
"""


_NO_WORD: Final = (
    "the handling never came to an end: the process died or the lease ran out, at every attempt"
)


_logger = logging.getLogger("runflow_client.callbacks")


class Overtaken(Exception):
    """The lease ran out and somebody else may hold the event."""


_DAY = 24 * 60 * 60.0


@frozen
class HandlingPolicy:
    """Times are seconds."""

    attempts: int = 8
    """How often an event is tried before it is set aside."""
    lease: float = 300.0
    """How long a handling may take. After it the event is thought abandoned and handed out again.
    """
    first_backoff: float = 1.0
    """The pause after the first failure; it doubles with every further one."""
    longest_backoff: float = 600.0
    keep: float = 30 * _DAY
    """How long a handled event is kept, so that a late duplicate is known as one."""

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1:
            raise InvalidArgument(f"attempts is {self.attempts}: at least one is needed")
        for name in ("lease", "first_backoff", "longest_backoff", "keep"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidArgument(f"{name} is {value}: expected seconds, finite and above zero")

    def backoff(self, attempts: int) -> float:
        """Seconds until an event that failed that often is due again."""
        return min(self.longest_backoff, self.first_backoff * 2.0 ** min(attempts - 1, 32))


@frozen(kw_only=True)
class Queue:
    """The table with its clock and policy, as claims need them."""

    engine: Engine
    table: Table
    policy: HandlingPolicy
    now: Callable[[], float]
    _turn: threading.Lock = field(factory=threading.Lock, init=False, repr=False)

    @contextmanager
    def writing(self) -> Generator[Connection, None, None]:
        """A transaction that writes. SQLite has one writer: the threads of this process take turns
        instead of colliding.
        """
        if self.engine.dialect.name != SQLITE:
            with self.engine.begin() as connection:
                yield connection
            return
        if not self._turn.acquire(timeout=PATIENCE):
            raise TimeoutError(f"another thread has been writing to the inbox for {PATIENCE} s")
        try:
            with self.engine.begin() as connection:
                yield connection
        finally:
            self._turn.release()

    def claim(self) -> "Claim | None":
        """Claim the event that is due longest, or None. No two processes get the same one while its
        lease lasts.
        """
        table, now = self.table, self.now()
        # PostgreSQL passes over rows that others are claiming; SQLite has one writer at a time and
        # needs no such words.
        due = (
            select(table.c.id)
            .where(table.c.state == WAITING, table.c.due_at <= now)
            .order_by(table.c.due_at, table.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        token = uuid4().hex
        statement = (
            update(table)
            .where(table.c.id == due.scalar_subquery())
            .values(claim=token, due_at=now + self.policy.lease, attempts=table.c.attempts + 1)
            .returning(table)
        )
        with self.writing() as connection:
            row: Row[Any] | None = connection.execute(statement).one_or_none()
        if row is None:
            return None
        return Claim(
            queue=self,
            id=row.id,
            token=token,
            attempts=row.attempts,
            name=row.event,
            subject_id=row.subject_id,
            request_id=row.request_id,
            body=bytes(row.body),
            reason=row.reason,
        )


@frozen(kw_only=True)
class Claim:
    """One event that is yours to handle. `attempts` counts the times it was claimed, this one
    too.
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
        """Whether it was claimed too often already without any word of success or failure."""
        return self.attempts > self.queue.policy.attempts

    def event(self) -> CallbackEvent:
        """The event, read from its raw body again. Raises CallbackError if this version cannot read
        it.
        """
        return read_event(self.body, self.request_id)

    def handled(self) -> Outcome:
        """Say that it is done: nobody gets it again."""
        try:
            with self.transaction():
                return "handled"
        except Overtaken:
            _logger.warning(
                "%s was handled, but took longer than its lease of %g s: it may be handled again",
                self,
                self.queue.policy.lease,
            )
            return "overtaken"

    @contextmanager
    def transaction(self) -> Generator[Connection, None, None]:
        """A transaction that ends with the event handled: what is written in it happens exactly
        once, or not at all.

        Raises Overtaken at its beginning if the claim is no longer yours.
        """
        with self.queue.writing() as connection:
            # First of all: it takes the row's lock, and in SQLite the right to write.
            if not self._settle(
                connection, state=HANDLED, settled_at=self.queue.now(), claim=None, reason=None
            ):
                raise Overtaken(f"the lease on {self} ran out and somebody else may hold it")
            yield connection

    def failed(self, error: Exception) -> Outcome:
        """Say that it went wrong: due again after a backoff, or set aside after the last
        attempt.
        """
        reason = plain(redact(f"{type(error).__name__}: {error}"))
        if self.attempts >= self.queue.policy.attempts:
            return self.set_aside(reason)
        pause = self.queue.policy.backoff(self.attempts)
        _logger.warning("%s failed and is due again in %g s: %s", self, pause, reason)
        with self.queue.writing() as connection:
            kept = self._settle(
                connection, due_at=self.queue.now() + pause, claim=None, reason=reason
            )
        return "failed" if kept else "overtaken"

    def set_aside(self, reason: str | None = None) -> Outcome:
        """Take it out of the way for a person to look at."""
        reason = reason or self.reason or _NO_WORD
        _logger.error("%s is set aside: %s", self, reason)
        with self.queue.writing() as connection:
            kept = self._settle(
                connection, state=SET_ASIDE, settled_at=self.queue.now(), claim=None, reason=reason
            )
        return "set_aside" if kept else "overtaken"

    def release(self) -> None:
        """Give it back untried: due at once, and this claim does not count."""
        with self.queue.writing() as connection:
            self._settle(
                connection, due_at=self.queue.now(), claim=None, attempts=self.attempts - 1
            )

    def _settle(self, connection: Connection, **values: object) -> bool:
        """Write these values if the claim is still this one."""
        table = self.queue.table
        mine = update(table).where(table.c.id == self.id, table.c.claim == self.token)
        return connection.execute(mine.values(**values)).rowcount == 1

    def __str__(self) -> str:
        return f"{self.name} of {self.subject_id} (inbox row {self.id}, attempt {self.attempts})"
