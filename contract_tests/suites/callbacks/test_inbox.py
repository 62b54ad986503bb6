"""The inbox, on real databases: kept once, handled until it is done, and no process in another's
way.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from runflow_client import InvalidArgument
from runflow_client.callbacks import CallbackEvent, Receiver, RunCanceledEvent, RunCompletedEvent
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from runflow_client.callbacks.inbox._inbox import IDS_AT_ONCE
from sqlalchemy import Connection, create_engine, event, text
from sqlalchemy.pool import Pool

from .conftest import OpenInbox, WallClock
from .deliveries import SECRET, encode, event_of, signed
from .test_locks_of_the_inbox import loaded


def put(inbox: Inbox, run_id: str = "r1", event: str = "run.completed") -> bool:
    body = encode(run_id, event)
    return inbox.put(event_of(body), body)


def fail(event: CallbackEvent) -> None:
    raise LookupError(f"no order for {event.subject_id}, see https://host.test/a?signature=s3cret")


def test_an_event_is_handled_once_with_all_it_came_with(inbox: Inbox) -> None:
    assert put(inbox)
    seen: list[CallbackEvent] = []
    assert inbox.work_once(seen.append) == "handled"
    assert inbox.work_once(seen.append) is None
    assert seen == [event_of(encode("r1"))]
    assert isinstance(seen[0], RunCompletedEvent)
    assert seen[0].request_id == "req_1"


def test_an_event_is_kept_once_even_after_it_was_handled(open_inbox: OpenInbox) -> None:
    one, other = open_inbox(), open_inbox()
    assert [put(one), put(other)] == [True, False]
    assert one.work_once(lambda event: None) == "handled"
    assert not put(other)
    assert put(other, event="run.failed")
    assert one.counts().waiting == 1


def test_many_at_once_keep_one(open_inbox: OpenInbox) -> None:
    inboxes = [open_inbox() for _ in range(4)]
    with ThreadPoolExecutor(16) as pool:
        kept = list(
            pool.map(lambda number: put(inboxes[number % 4], f"r{number % 10}"), range(160))
        )
    assert sum(kept) == 10
    assert inboxes[0].counts().waiting == 10


def test_both_spellings_of_canceled_are_one_event(inbox: Inbox) -> None:
    assert put(inbox, event="run.cancelled")
    assert not put(inbox, event="run.canceled")
    seen: list[CallbackEvent] = []
    inbox.work_once(seen.append)
    assert isinstance(seen[0], RunCanceledEvent)


def test_events_without_a_subject_are_identified_by_their_bodies(inbox: Inbox) -> None:
    bodies = [encode(event="balance.low", run_id=None, status=word) for word in ("a", "b", "a")]  # type: ignore[arg-type]
    assert [inbox.put(event_of(body), body) for body in bodies] == [True, True, False]


@pytest.mark.parametrize(
    "name", ["\ud800", "a\0b", "x" * 100_000, "'; DROP TABLE runflow_inbox; --", "💥"]
)
def test_strange_names_are_kept_whole(inbox: Inbox, name: str) -> None:
    body = encode(run_id=name, event="run.completed")
    assert inbox.put(event_of(body), body)
    assert not inbox.put(event_of(body), body)
    seen: list[CallbackEvent] = []
    assert inbox.work_once(seen.append) == "handled"
    assert seen[0].subject_id == name


def test_a_failure_is_tried_again_later_and_finally_a_dead_letter_with_its_reason(
    open_inbox: OpenInbox, clock: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=3, first_backoff=10.0))
    put(inbox, "r-bad")
    assert inbox.work_once(fail) == "failed"
    assert inbox.work_once(fail) is None
    clock.seconds += 10
    assert inbox.work_once(fail) == "failed"
    clock.seconds += 19
    put(inbox, "r-good")
    assert inbox.work_once(lambda event: None) == "handled"
    assert inbox.work_once(fail) is None
    clock.seconds += 1
    assert inbox.work_once(fail) == "dead"
    clock.seconds += 1_000_000
    assert inbox.work_once(fail) is None
    (poison,) = inbox.dead_letters()
    assert poison.reason == "LookupError: no order for r-bad, see https://host.test/a?[hidden]"
    assert (poison.subject_id, poison.attempts, poison.request_id) == ("r-bad", 3, "req_1")
    assert poison.event().subject_id == "r-bad"
    assert (poison.died_at - poison.received_at).total_seconds() == 30
    assert "run.completed of r-bad" in caplog.text
    assert "s3cret" not in caplog.text


def test_a_dead_letter_can_be_tried_again(open_inbox: OpenInbox, clock: WallClock) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    for run_id in ("r1", "r2"):
        put(inbox, run_id)
        assert inbox.work_once(fail) == "dead"
    first, second = inbox.dead_letters()
    assert inbox.requeue([first.id]) == 1
    assert [row.id for row in inbox.dead_letters()] == [second.id]
    assert inbox.requeue() == 1
    seen: list[CallbackEvent] = []
    while inbox.work_once(seen.append):
        pass
    assert [event.subject_id for event in seen] == ["r1", "r2"]
    assert inbox.requeue() == 0


def test_more_dead_letters_than_a_database_takes_parameters_can_be_named(
    open_inbox: OpenInbox, database_url: str
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    too_many = 66_000 if database_url.startswith("postgresql") else 251_000
    places = (0, IDS_AT_ONCE - 1, IDS_AT_ONCE, 2 * IDS_AT_ONCE - 1, too_many)
    for number in range(len(places) + 1):
        put(inbox, f"r{number}")
        assert inbox.work_once(fail) == "dead"
    *named, left = (one.id for one in inbox.dead_letters())
    ids = [*range(left + 1, left + too_many + 2), named[0]]
    for place, one in zip(places, named, strict=True):
        ids[place] = one
    assert inbox.requeue(ids) == len(named)
    assert [row.id for row in inbox.dead_letters()] == [left]


def test_an_event_whose_handler_died_is_handed_out_again_after_its_lease(
    open_inbox: OpenInbox, clock: WallClock, caplog: pytest.LogCaptureFixture
) -> None:
    died, survivor = open_inbox(), open_inbox()
    put(died)
    lease = died.lease()
    assert lease is not None
    clock.seconds += died.policy.lease - 1
    assert survivor.work_once(lambda event: None) is None
    clock.seconds += 1
    assert survivor.work_once(lambda event: None) == "handled"
    assert lease.handled() == "lost"
    assert "lease" in caplog.text
    assert lease.failed(ValueError()) == "lost"
    assert survivor.counts().handled == 1


def test_a_clock_that_was_set_back_is_noticed_although_another_event_is_due(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(first_backoff=10.0))
    put(inbox, "failed")
    assert inbox.work_once(fail) == "failed"
    clock.seconds -= 3600.0
    put(inbox, "new")
    for run_id in ("new", "failed"):
        lease = inbox.lease()
        assert lease is not None
        assert lease.subject_id == run_id
        clock.seconds += 10.0


def test_an_event_that_kills_its_handler_every_time_is_a_dead_letter(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=2))
    put(inbox)
    for _ in range(2):
        assert inbox.lease() is not None
        clock.seconds += inbox.policy.lease
    assert inbox.work_once(lambda event: None) == "dead"
    assert "died" in inbox.dead_letters()[0].reason


def test_an_interrupted_handler_gives_its_event_back_at_once(inbox: Inbox) -> None:
    put(inbox)

    def interrupted(event: CallbackEvent) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        inbox.work_once(interrupted)
    lease = inbox.lease()
    assert lease is not None
    assert lease.attempts == 1


def test_a_transactional_handler_has_its_effect_exactly_once(
    open_inbox: OpenInbox, database_url: str, clock: WallClock
) -> None:
    inbox, other = open_inbox(), open_inbox()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE orders (run_id TEXT)"))

    def record(event: CallbackEvent, connection: Connection) -> None:
        connection.execute(text("INSERT INTO orders VALUES (:id)"), {"id": event.subject_id})

    def record_and_fail(event: CallbackEvent, connection: Connection) -> None:
        record(event, connection)
        raise ValueError

    def recorded() -> int:
        with engine.connect() as connection:
            return int(connection.execute(text("SELECT count(*) FROM orders")).scalar_one())

    put(inbox)
    assert inbox.work_once(record_and_fail, transactional=True) == "failed"
    assert recorded() == 0
    clock.seconds += 1
    late = inbox.lease()
    assert late is not None
    clock.seconds += inbox.policy.lease
    assert other.work_once(record, transactional=True) == "handled"
    with pytest.raises(Exception, match="lease"), late.transaction() as connection:
        record(late.event(), connection)
    assert recorded() == 1
    engine.dispose()


def test_handled_events_are_forgotten_after_a_while(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1, keep=100.0))
    put(inbox, "r1")
    inbox.work_once(lambda event: None)
    put(inbox, "r2")
    inbox.work_once(fail)
    put(inbox, "r3")
    clock.seconds += 100
    assert inbox.prune() == 0
    clock.seconds += 1
    assert inbox.prune() == 1
    counts = inbox.counts()
    assert (counts.waiting, counts.handled, counts.dead) == (1, 0, 1)
    assert inbox.prune(dead_letters=True) == 1
    assert not put(inbox, "r3")


def test_neither_secret_nor_signature_is_kept(inbox: Inbox, database_url: str) -> None:
    body = encode()
    incoming = Receiver(SECRET, inbox.put).open("POST", signed(body))
    incoming.add(body)
    assert incoming.answer().status == 200
    engine = create_engine(database_url)
    with engine.connect() as connection:
        (row,) = connection.execute(text("SELECT * FROM runflow_inbox")).all()
    engine.dispose()
    kept = " ".join(map(str, row))
    assert SECRET not in kept
    assert signed(body)["Runflow-Signature"] not in kept


def test_the_first_use_may_come_from_many_at_once(open_inbox: OpenInbox) -> None:
    inboxes = [open_inbox() for _ in range(8)]
    gate = threading.Barrier(8)

    def first_use(inbox: Inbox) -> int:
        gate.wait()
        return inbox.counts().waiting

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(first_use, inboxes)) == [0] * 8


@pytest.fixture
def locked_until_tried_again(tmp_path: Path) -> Iterator[Path]:
    """A fresh SQLite file that another connection writes to until the first thing that is done to
    it is done again.
    """
    path = tmp_path / "locked.sqlite3"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("BEGIN IMMEDIATE")
    statements: list[str] = []

    def told(statement: str) -> None:
        if statement in statements and writer.in_transaction:
            writer.execute("COMMIT")
        statements.append(statement)

    def connected(connection: Any, record: object) -> None:
        connection.set_trace_callback(told)

    event.listen(Pool, "connect", connected)
    yield path
    event.remove(Pool, "connect", connected)
    writer.close()
    assert statements


def test_a_file_that_another_sets_up_at_the_same_moment_is_waited_for(
    locked_until_tried_again: Path,
) -> None:
    inbox = Inbox(locked_until_tried_again)
    assert put(inbox)
    inbox.close()


@pytest.mark.parametrize(
    ("codes", "tries", "outcome"),
    [
        ([], 1, "set up"),
        ([sqlite3.SQLITE_BUSY], 2, "set up"),
        ([sqlite3.SQLITE_BUSY] * 6, 7, "set up"),
        ([sqlite3.SQLITE_BUSY] * 7, 7, "error 5"),
        ([sqlite3.SQLITE_IOERR], 1, "error 10"),
        ([sqlite3.SQLITE_BUSY, sqlite3.SQLITE_IOERR], 2, "error 10"),
    ],
)
def test_a_file_that_others_set_up_is_tried_for_so_long_and_no_longer(
    codes: list[int], tries: int, outcome: str
) -> None:
    module, left, told = loaded("_database"), list(codes), list[str]()
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += 1.0

    def execute(statement: str) -> None:
        told.append(statement)
        if left:
            error = sqlite3.OperationalError("it is in use")
            error.sqlite_errorcode = left.pop(0)
            raise error

    vars(module)["time"] = SimpleNamespace(monotonic=lambda: now[0], sleep=sleep)
    try:
        module._write_ahead(SimpleNamespace(execute=execute))
        found = "set up"
    except sqlite3.OperationalError as error:
        found = f"error {error.sqlite_errorcode}"
    assert (found, told) == (outcome, ["PRAGMA journal_mode = WAL"] * tries)
    assert slept == [0.01] * (tries - 1)


def test_a_clock_that_is_given_is_the_only_one(tmp_path: Path) -> None:
    def ticks() -> float:
        return 7.0

    def steady() -> float:
        return 8.0

    clocks: list[tuple[dict[str, Any], object, object]] = [
        ({}, time.time, time.monotonic),
        ({"now": ticks}, ticks, ticks),
        ({"monotonic": steady}, time.time, steady),
        ({"now": ticks, "monotonic": steady}, ticks, steady),
    ]
    for given, now, monotonic in clocks:
        inbox = Inbox(tmp_path / "inbox.sqlite3", **given)
        assert (inbox.now, inbox._queue.now, inbox._queue.monotonic) == (now, now, monotonic)


@pytest.mark.parametrize(
    "database",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user:s3cret@host/name",
        "runflow.db",
        "user:s3cret@host",
        "",
    ],
)
def test_a_database_that_cannot_hold_an_inbox_is_refused(database: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        Inbox(database)
    assert "s3cret" not in str(caught.value)


def test_a_database_that_is_away_is_a_503_and_comes_back(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "later" / "inbox.sqlite3")
    receiver = Receiver(SECRET, inbox.put)

    def deliver() -> int:
        incoming = receiver.open("POST", signed(encode()))
        incoming.add(encode())
        return incoming.answer().status

    assert deliver() == 503
    (tmp_path / "later").mkdir()
    assert deliver() == 200
    inbox.close()


def test_an_engine_of_the_application_serves_as_well(database_url: str) -> None:
    engine = create_engine(database_url)
    inbox = Inbox(engine, table="my_callbacks")
    put(inbox)
    assert inbox.work_once(lambda event: None) == "handled"
    engine.dispose()


@pytest.mark.parametrize(
    "options", [{"attempts": 0}, {"lease": 0.0}, {"keep": float("nan")}, {"first_backoff": -1.0}]
)
def test_a_policy_that_cannot_be_is_refused(options: dict[str, float]) -> None:
    with pytest.raises(InvalidArgument):
        HandlingPolicy(**options)  # type: ignore[arg-type]
