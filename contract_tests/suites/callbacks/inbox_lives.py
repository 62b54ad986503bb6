"""Write down what each step of an event changes in the inbox, column by column, and logs."""

import json
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, Final

from attrs import asdict, define, field
from runflow_client import callbacks
from runflow_client.callbacks.inbox import DeadLetter, HandlingPolicy, Inbox, Lease
from runflow_client.callbacks.inbox._workers import Arrivals
from runflow_client.testing import sign
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from .answers import logged

SECRET: Final = "whsec_" + "a" * 40
POLICY: Final = HandlingPolicy(
    attempts=3, lease=60.0, first_backoff=4.0, longest_backoff=5.0, keep=100.0
)
LATER: Final = 10.0
"""Seconds between two steps."""
PATIENCE: Final = 60.0
MAX_SHOWN: Final = 90
"""Characters of a value that are shown."""


def body_of(number: int, **changes: object) -> bytes:
    """Return the body of an event."""
    told = {"event": "run.failed", "run_id": f"run-{number}", "status": "failed"}
    return json.dumps({**told, **changes}).encode()


class Telling(Arrivals):
    """Keeps how many events waited whenever the workers were told."""

    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox = inbox
        self.waiting: list[int] = []
        self.told = Event()

    def notify(self) -> None:
        """Tell the workers."""
        self.waiting.append(self._inbox.counts().waiting)
        self.told.set()
        super().notify()

    def since(self) -> str:
        """Give what was kept since it was asked last."""
        found, self.waiting = self.waiting, []
        self.told.clear()
        return f", tells the workers of {found}" if found else ""


@define
class Life:
    """One inbox, and the leases that were taken of it."""

    inbox: Inbox
    leases: list[Lease] = field(factory=list[Lease])

    @property
    def telling(self) -> "Telling":
        """What tells the workers."""
        assert isinstance(self.inbox.arrivals, Telling)
        return self.inbox.arrivals

    def put(self, number: int = 1, request_id: str | None = None, **changes: object) -> object:
        """Receive an event."""
        body = body_of(number, **changes)
        headers = {"Runflow-Signature": sign(body, SECRET)}
        headers["Runflow-Request-Id"] = f"id-{number}" if request_id is None else request_id
        return self.inbox.put(callbacks.verify(body, headers, SECRET), body)

    def submit(self, number: int) -> object:
        """Receive an event without waiting until it is stored."""
        body = body_of(number)
        incoming = callbacks.Receiver(SECRET, self.inbox.put).open(
            "POST", {"Runflow-Signature": sign(body, SECRET)}
        )
        incoming.add(body)
        answers: list[str] = []
        taken = incoming.submit(lambda answer: answers.append(f"{answer.status:d} {answer.text}"))
        assert self.telling.told.wait(PATIENCE), "the workers are not told"
        return f"{taken}, {answers}"

    def put_of_nothing(self) -> object:
        """Receive an event that names neither a run nor a request."""
        body = b'{"event": "balance.low"}'
        headers = {"Runflow-Signature": sign(body, SECRET)}
        return self.inbox.put(callbacks.verify(body, headers, SECRET), body)

    def lease(self) -> object:
        """Take the event that is due longest."""
        lease = self.inbox.lease()
        if lease is None:
            return None
        self.leases.append(lease)
        spent = "spent" if lease.is_spent else "to be handled"
        event = lease.event()
        last = "" if lease.reason is None else f", failed before: {lease.reason}"
        of = f"{type(event).__name__} of {event.subject_id} in request {event.request_id}"
        return f"row {lease.id}, {spent}: {lease}, a {_shown(of)}{last}"

    def fail(self) -> object:
        """Settle the newest lease as failed."""
        return self.leases[-1].failed(ValueError("no, rf_live_secret"))

    def work(
        self,
        error: BaseException | None = None,
        *,
        returns: object = None,
        transactional: bool = False,
    ) -> object:
        """Hand one event to a handler."""
        given: list[str] = []

        def handle(event: callbacks.CallbackEvent, *connections: object) -> object:
            given.append(f"{event.subject_id} with {len(connections)} connections")
            if error is not None:
                raise error
            return returns

        try:
            if transactional:
                outcome = self.inbox.work_once(handle, transactional=True)
            else:
                outcome = self.inbox.work_once(handle)
        except KeyboardInterrupt as interrupt:
            return f"raises {interrupt!r}, given {given}"
        return f"{outcome}, given {given}"

    def write(self, number: int) -> object:
        """Begin a transaction with a lease."""
        try:
            with self.leases[number].transaction():
                return "begun"
        except Exception as error:
            return f"raises {type(error).__name__}: {error}"


class Pressing(Exception):
    """Cannot be shown, for Ctrl-C is pressed then."""

    def __str__(self) -> str:
        raise KeyboardInterrupt("while it is shown")


TWO: Final = ExceptionGroup("two", [ValueError("first"), OSError("second")])
CTRL_C: Final = KeyboardInterrupt()
EXIT: Final = SystemExit("no more")
SET: Final = "set the clock and"
"""What the name of a step begins with before which the clock is set, and no time passes."""

Step = tuple[str, float, Callable[[Life], object]]
PUT: Final[Step] = ("put", LATER, Life.put)
LEASE: Final[Step] = ("lease", LATER, Life.lease)
FAIL: Final[Step] = ("fail", LATER, Life.fail)
HANDLED: Final[Step] = ("handled", LATER, lambda life: life.leases[-1].handled())

LIVES: Final[dict[str, list[Step]]] = {
    "one that is handled": [
        PUT,
        ("put again", LATER, Life.put),
        LEASE,
        ("lease when there is none", LATER, Life.lease),
        ("renew", LATER, lambda life: life.leases[-1].renew()),
        HANDLED,
        ("handled once more", LATER, lambda life: life.leases[-1].handled()),
        ("fail then", LATER, Life.fail),
        ("put once more", LATER, Life.put),
        ("prune at the age to keep", 70.0, lambda life: life.inbox.prune()),
        ("prune beyond it", 1.0, lambda life: life.inbox.prune()),
    ],
    "one that fails": [
        PUT,
        LEASE,
        FAIL,
        ("lease before it is due", 3.0, Life.lease),
        ("lease when it is due", 1.0, Life.lease),
        FAIL,
        ("lease before it is due", 4.0, Life.lease),
        ("lease when it is due", 1.0, Life.lease),
        FAIL,
        ("lease when it is dead", 1000.0, Life.lease),
        ("prune", LATER, lambda life: life.inbox.prune(older_than=0.0)),
        ("requeue another, and none", LATER, lambda life: [*map(life.inbox.requeue, ([7], []))]),
        ("requeue", LATER, lambda life: life.inbox.requeue()),
        LEASE,
        ("give up", LATER, lambda life: life.leases[-1].give_up("no use")),
        ("prune", LATER, lambda life: life.inbox.prune(older_than=0.0, dead_letters=True)),
    ],
    "one whose leases run out": [
        PUT,
        LEASE,
        ("lease at its end", 60.0, Life.lease),
        ("renew the first", LATER, lambda life: life.leases[0].renew()),
        ("fail the first", LATER, lambda life: life.leases[0].failed(ValueError("late"))),
        ("release the first", LATER, lambda life: life.leases[0].release()),
        ("release the second", LATER, lambda life: life.leases[1].release()),
        LEASE,
        ("lease at its end", 60.0, Life.lease),
        ("lease when it is spent", 60.0, Life.lease),
        ("give up", LATER, lambda life: life.leases[-1].give_up()),
        ("handled after all", LATER, lambda life: life.leases[0].handled()),
    ],
    "several in their order": [
        ("put 1", LATER, lambda life: life.put(1)),
        ("put 2", 0.0, lambda life: life.put(2)),
        ("put 3", LATER, lambda life: life.put(3)),
        LEASE,
        ("work and fail", LATER, lambda life: life.work(ValueError("it fails"))),
        ("work", LATER, Life.work),
        (
            "work in a transaction and fail",
            0.0,
            lambda life: life.work(ValueError("it fails"), transactional=True),
        ),
        ("work in a transaction", LATER, lambda life: life.work(transactional=True)),
        ("work when there is nothing", LATER, Life.work),
    ],
    "one whose clock is set back": [
        PUT,
        LEASE,
        FAIL,
        ("lease an hour before", -3600.0, Life.lease),
        ("lease when it is due", 4.0, Life.lease),
    ],
    "one whose clock is set forward": [
        ("put 1", LATER, lambda life: life.put(1)),
        ("put 2", LATER, lambda life: life.put(2)),
        ("work", LATER, Life.work),
        LEASE,
        ("lease when there is none", LATER, Life.lease),
        (f"{SET} lease", 86400.0, Life.lease),
        ("prune", 0.0, lambda life: life.inbox.prune()),
        ("put 3", 0.0, lambda life: life.put(3)),
        ("lease a new one", 0.0, Life.lease),
        ("lease before half a lease", 29.0, Life.lease),
        ("prune before half a lease", 0.0, lambda life: life.inbox.prune()),
        ("lease after half a lease", 1.0, Life.lease),
        ("prune after half a lease", 0.0, lambda life: life.inbox.prune()),
        (f"{SET} lease after a tenth of a lease", 6.0, Life.lease),
        ("lease at the end of the first", 54.0, Life.lease),
    ],
    "one that is interrupted": [
        PUT,
        ("work and press Ctrl-C", LATER, lambda life: life.work(CTRL_C)),
        ("press it in a transaction", LATER, lambda life: life.work(CTRL_C, transactional=True)),
        ("work and press it when it is shown", LATER, lambda life: life.work(Pressing())),
        ("work and exit", LATER, lambda life: life.work(EXIT)),
        ("exit in a transaction", LATER, lambda life: life.work(EXIT, transactional=True)),
        LEASE,
    ],
    "one whose handler is not done": [
        PUT,
        ("work and return a map", LATER, lambda life: life.work(returns=map(print, []))),
        (
            "return one in a transaction",
            LATER,
            lambda life: life.work(returns=map(print, []), transactional=True),
        ),
        ("return an error", LATER, lambda life: life.work(returns=ValueError("returned"))),
    ],
    "one that is written too late": [
        PUT,
        LEASE,
        ("write", LATER, lambda life: life.write(0)),
        ("write again", LATER, lambda life: life.write(0)),
        ("release then", LATER, lambda life: life.leases[0].release()),
        ("renew then", LATER, lambda life: life.leases[0].renew()),
        ("give up then", LATER, lambda life: life.leases[0].give_up()),
    ],
    "one that is spent": [
        PUT,
        *[("lease at its end", 60.0, Life.lease)] * 3,
        ("work then", 60.0, Life.work),
        ("prune alone what was handled", 200.0, lambda life: life.inbox.prune()),
        ("prune by its age", 0.0, lambda life: life.inbox.prune(200.0, dead_letters=True)),
        ("prune past it", 0.0, lambda life: life.inbox.prune(199.0, dead_letters=True)),
    ],
    "some of several": [
        ("put 1", LATER, lambda life: life.put(1)),
        ("put 2", LATER, lambda life: life.put(2)),
        ("put 3", LATER, lambda life: life.put(3)),
        *[("work and fail", 0.0, lambda life: life.work(ValueError("a")))] * 3,
        *[("fail again", 4.0, lambda life: life.work(ValueError("b")))] * 3,
        *[("fail at last", 5.0, lambda life: life.work(ValueError("c")))] * 3,
        ("requeue two", LATER, lambda life: life.inbox.requeue(iter([3, 1, 7]))),
        ("requeue none", LATER, lambda life: life.inbox.requeue([])),
        ("requeue it again", LATER, lambda life: life.inbox.requeue({1})),
        ("work", LATER, Life.work),
        ("prune", 101.0, lambda life: life.inbox.prune()),
        ("prune more", 0.0, lambda life: life.inbox.prune(dead_letters=True)),
    ],
    "some that are submitted": [
        ("submit 1", LATER, lambda life: life.submit(1)),
        ("submit it again", LATER, lambda life: life.submit(1)),
        ("put it again", LATER, lambda life: life.put(1)),
        ("work", LATER, Life.work),
        ("close", LATER, lambda life: life.inbox.close()),
        ("put it after that", LATER, lambda life: life.put(1)),
    ],
    "strange ones": [
        ("put of nothing", LATER, Life.put_of_nothing),
        ("put a NUL", LATER, lambda life: life.put(2, run_id="a\0b")),
        (
            "put half a character",
            LATER,
            lambda life: life.put(3, run_id="a\ud800b", event="run.\0"),
        ),
        ("put long ones", LATER, lambda life: life.put(4, "id" * 200, run_id="r\0" * 300)),
        ("put canceled", LATER, lambda life: life.put(5, event="run.canceled")),
        ("put cancelled", LATER, lambda life: life.put(5, event="run.cancelled")),
        # what is refused takes a number in PostgreSQL
        ("put of nothing again", LATER, Life.put_of_nothing),
        *[LEASE] * 5,
        ("fail with a NUL", LATER, lambda life: life.leases[-1].failed(ValueError("a\0b"))),
        ("fail at length", LATER, lambda life: life.leases[-2].failed(ValueError("n" * 3000))),
        (
            "give up with a NUL",
            LATER,
            lambda life: life.leases[1].give_up("a\0b\ud800, rf_live_key"),
        ),
        ("give up at length", LATER, lambda life: life.leases[0].give_up("n" * 3000)),
        ("fail in two ways", LATER, lambda life: life.leases[-3].failed(TWO)),
    ],
    "one of an empty request id": [
        ("put", LATER, lambda life: life.put(1, "")),
        LEASE,
        ("give up without a word", LATER, lambda life: life.leases[-1].give_up("")),
    ],
}


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = text.encode("utf-8", "backslashreplace").decode()
    return text if len(text) <= MAX_SHOWN * 2 else f"{text[:MAX_SHOWN]}... ({len(text)})"


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    """Tell rows that are new, rows that are gone, and columns with another value."""
    old = {row["id"]: row for row in before}
    for number in sorted(old.keys() - {row["id"] for row in after}):
        yield f"row {number} is gone"
    for row in after:
        same = old.get(row["id"], {})
        changed = {name: value for name, value in row.items() if same.get(name, "") != value}
        if changed.get("lease"):
            changed["lease"] = "a token"
        if changed:
            told = ", ".join(f"{name}={_shown(repr(value))}" for name, value in changed.items())
            yield f"row {row['id']}: {told}"


def _fields(letter: DeadLetter) -> str:
    found = asdict(letter, filter=lambda one, value: one.name != "body")
    return ", ".join(f"{name}={_shown(repr(value))}" for name, value in found.items())


def lines(database_url: str) -> Iterator[str]:
    """Give the list, line by line."""
    for number, (name, steps) in enumerate(LIVES.items()):
        yield name
        yield from _life(database_url, f"life_{number}", steps)


def _life(database_url: str, table: str, steps: list[Step]) -> Iterator[str]:
    now = steady = 1000.0
    engine = create_engine(database_url, poolclass=NullPool)

    def rows() -> list[dict[str, Any]]:
        with engine.connect() as connection:
            found = connection.execute(text(f"SELECT * FROM {table} ORDER BY id"))
            return [dict(row) for row in found.mappings()]

    inbox = Inbox(
        database_url, policy=POLICY, now=lambda: now, monotonic=lambda: steady, table=table
    )
    inbox.arrivals = Telling(inbox)
    life, before, letters = Life(inbox), list[dict[str, Any]](), list[str]()
    for name, seconds, act in steps:
        now += seconds
        steady += 0.0 if name.startswith(SET) else max(seconds, 0.0)
        notes: list[str] = []
        with logged(notes):
            result = act(life)
        yield f"    {now:g} {name}: {result} ({inbox.counts()}){life.telling.since()}"
        yield from (f"        {_shown(note)}" for note in notes)
        after = rows()
        yield from (f"        {change}" for change in _changes(before, after))
        before = after
        dead = [f"        dead letter: {_fields(one)}" for one in inbox.dead_letters()]
        yield from (one for one in dead if one not in letters)
        letters = dead
    inbox.close()
