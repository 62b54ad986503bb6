"""Leases of the inbox: renewed while the handler is at work, never in two hands, and right about
time that goes back.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import anyio
import pytest
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.event import listen
from sqlalchemy.pool import NullPool

from .conftest import OpenInbox, WallClock
from .deliveries import encode, event_of

PATIENCE = 60.0
LONG = 3600.0


def put(inbox: Inbox, run_id: str = "r1") -> bool:
    body = encode(run_id)
    return inbox.put(event_of(body), body)


def fail(event: CallbackEvent) -> None:
    raise ValueError


def nothing(event: CallbackEvent) -> None:
    """Handles at once."""


class Renewals:
    """Tells of each renewal of an inbox's leases, so that no test asks all the time."""

    def __init__(self, inbox: Inbox) -> None:
        self._begun = threading.Semaphore(0)
        listen(inbox._queue.engine, "commit", self._committed)

    def _committed(self, connection: Connection) -> None:
        if threading.current_thread().name == "runflow-inbox-lease":
            self._begun.release()

    def wait_until(self, is_renewed: Callable[[], bool]) -> None:
        """Wait for the next renewal, and then until it can be seen."""
        assert self._begun.acquire(timeout=PATIENCE), "the lease is not renewed"
        limit = time.monotonic() + PATIENCE
        while not is_renewed():
            assert time.monotonic() < limit, "the lease is not renewed"


class SlowHandler:
    """A handler that takes as long as two leases, and tries at every moment to get its own event
    from a second inbox.
    """

    def __init__(self, url: str, clock: WallClock, inbox: Inbox, rival: Inbox) -> None:
        self._engine = create_engine(url, poolclass=NullPool)
        self._clock = clock
        self._lease = inbox.policy.lease
        self._rival = rival
        self._renewals = Renewals(inbox)
        self.runs = 0
        self.stolen = 0

    def due_at(self) -> float:
        with self._engine.connect() as connection:
            return float(connection.execute(text("SELECT due_at FROM runflow_inbox")).scalar_one())

    def __call__(self, event: CallbackEvent) -> None:
        self.runs += 1
        for _ in range(8):
            self._clock.seconds += self._lease / 4
            due_at = self._clock.seconds + self._lease
            while self.due_at() < due_at:
                self._renewals.wait_until(lambda: True)
            self.stolen += self._rival.lease() is not None


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_handler_slower_than_its_lease_runs_once(
    open_inbox: OpenInbox, clock: WallClock, database_url: str, colour: str
) -> None:
    inbox, rival = (open_inbox(policy=HandlingPolicy(lease=0.3)) for _ in range(2))
    handler = SlowHandler(database_url, clock, inbox, rival)
    put(inbox)
    if colour == "sync":
        assert inbox.work_once(handler) == "handled"
    else:

        async def handle(event: CallbackEvent) -> None:
            await anyio.to_thread.run_sync(handler, event)
            done.set()

        async def main() -> None:
            async with inbox.working_async(handle, tasks=2, poll=0.01):
                await done.wait()
                while inbox.counts().waiting:
                    await anyio.sleep(0.001)

        done = anyio.Event()
        anyio.run(main)
    assert (handler.runs, handler.stolen) == (1, 0)
    assert inbox.counts().handled == 1


def test_a_lease_is_renewed_by_its_holder_only(open_inbox: OpenInbox, clock: WallClock) -> None:
    inbox, other = open_inbox(), open_inbox()
    put(inbox)
    lease = inbox.lease()
    assert lease is not None
    for _ in range(3):
        clock.seconds += inbox.policy.lease - 1
        assert lease.renew()
        assert other.lease() is None
    clock.seconds += inbox.policy.lease
    assert other.lease() is not None
    assert not lease.renew()


def test_no_event_is_handled_twice_at_once_in_a_process_whose_lease_ran_out(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    """A process that was stopped, or whose database was away, comes back late."""
    inbox = open_inbox()
    seen: list[str] = []

    def handler(event: CallbackEvent) -> None:
        clock.seconds += 2 * inbox.policy.lease
        seen.append(str(inbox.work_once(handler)))

    put(inbox)
    assert inbox.work_once(handler) == "handled"
    assert seen == ["None"]


@pytest.mark.parametrize("meanwhile", ["free", "leased", "dead"])
def test_a_success_after_the_lease_ran_out_is_a_success(
    open_inbox: OpenInbox, clock: WallClock, meanwhile: str
) -> None:
    inbox, other = open_inbox(), open_inbox(policy=HandlingPolicy(attempts=2))
    put(inbox)
    late = inbox.lease()
    assert late is not None
    clock.seconds += inbox.policy.lease
    if meanwhile == "leased":
        assert other.lease() is not None
    elif meanwhile == "dead":
        assert other.work_once(fail) == "dead"
    assert late.handled() == "handled"
    assert (inbox.counts().handled, inbox.counts().dead) == (1, 0)
    clock.seconds += 10 * inbox.policy.lease
    assert other.lease() is None


def test_a_failure_after_the_lease_ran_out_changes_nothing(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    inbox, other = open_inbox(), open_inbox()
    put(inbox)
    late = inbox.lease()
    assert late is not None
    clock.seconds += inbox.policy.lease
    present = other.lease()
    assert present is not None
    assert late.failed(ValueError()) == late.give_up() == "lost"
    late.release()
    assert present.renew()
    assert other.counts().waiting == 1


class Poison(BaseException):
    """As gevent.Timeout and pytest's outcomes are."""


class Mute(Exception):
    """Cannot be shown."""

    def __str__(self) -> str:
        raise RuntimeError


class MuteForGood(Exception):
    """Cannot be shown, and says so with what `except Exception` lets through."""

    def __str__(self) -> str:
        raise Poison


class Closed(ExceptionGroup[Exception]):
    """Shows none of its exceptions."""

    @property
    def exceptions(self) -> Any:
        raise RuntimeError


class Nameless(type):
    """Gives its classes no name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override] # an attribute of type that can be written
        raise RuntimeError


class NoName(Exception, metaclass=Nameless):
    """Does not say what it is called."""


class NoClass(Exception):
    """Does not say what it is."""

    @property  # type: ignore[misc] # an attribute of object that can be written
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise RuntimeError


def nested(depth: int) -> Exception:
    """A group in a group in a group, ..."""
    group: ExceptionGroup[Exception] = ExceptionGroup("0", [ValueError("inmost")])
    for number in range(1, depth):
        group = ExceptionGroup(f"{number}", [group])
    return group


GROUP = BaseExceptionGroup("two", [ValueError("first"), KeyboardInterrupt("second")])
RAISED: list[tuple[BaseException, str]] = [
    (SystemExit("out"), "SystemExit: out"),
    (asyncio.CancelledError(), "CancelledError: "),
    (GeneratorExit(), "GeneratorExit: "),
    (Poison("p"), "Poison: p"),
    (GROUP, "BaseExceptionGroup: two (2 sub-exceptions); ValueError: first; KeyboardInterrupt: "),
    (MemoryError(), "MemoryError: "),
    (Mute(), "Mute"),
    (MuteForGood(), "MuteForGood"),
    (Closed("shut", [ValueError()]), "Closed: shut"),
    (NoName("n"), "an exception: n"),
    (NoClass("c"), "NoClass: c"),
    (nested(3000), "ExceptionGroup: 2999 (1 sub-exception); ExceptionGroup: 2998 "),
]


@pytest.mark.parametrize(("error", "reason"), RAISED, ids=[reason[:12] for _, reason in RAISED])
@pytest.mark.parametrize("how", ["once", "threads", "tasks", "transactional"])
def test_whatever_a_handler_raises_is_counted_and_stops_no_worker(
    open_inbox: OpenInbox,
    error: BaseException,
    reason: str,
    how: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    others = threading.Semaphore(0)

    def handler(event: CallbackEvent, *connection: object) -> None:
        if event.subject_id == "poison":
            raise error
        others.release()

    async def handler_async(event: CallbackEvent) -> None:
        handler(event)

    put(inbox, "poison")
    put(inbox, "other")
    if how == "once":
        assert [inbox.work_once(handler) for _ in range(2)] == ["dead", "handled"]
    elif how == "threads":
        with inbox.working(handler, poll=LONG):
            assert others.acquire(timeout=PATIENCE)
    elif how == "transactional":
        with inbox.working(handler, transactional=True, poll=LONG):
            assert others.acquire(timeout=PATIENCE)
    else:

        async def main() -> None:
            async with inbox.working_async(handler_async, poll=LONG):
                acquire = partial(others.acquire, timeout=PATIENCE)
                assert await anyio.to_thread.run_sync(acquire)
                while inbox.counts().waiting:
                    await anyio.sleep(0.001)

        anyio.run(main)
    (letter,) = inbox.dead_letters()
    assert letter.reason.startswith(reason)
    assert (letter.subject_id, letter.attempts) == ("poison", 1)
    assert inbox.counts().handled == 1
    assert f"is a dead letter: {letter.reason}" in caplog.text


class MuteByCtrlC(Exception):
    """Cannot be shown, and says so as Ctrl-C would."""

    def __str__(self) -> str:
        raise KeyboardInterrupt


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), MuteByCtrlC()], ids=["itself", "shown"])
def test_ctrl_c_is_a_failure_where_no_ctrl_c_arrives(
    open_inbox: OpenInbox, raised: BaseException
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    put(inbox)

    def handler(event: CallbackEvent) -> None:
        raise raised

    thread = threading.Thread(target=inbox.work_once, args=[handler])
    thread.start()
    thread.join()
    assert inbox.counts().dead == 1


def set_back(clock: WallClock) -> None:
    clock.seconds -= 86_400.0


@pytest.mark.parametrize("fresh_process", [False, True])
def test_a_clock_that_goes_back_delays_nothing(
    open_inbox: OpenInbox, clock: WallClock, fresh_process: bool
) -> None:
    policy = HandlingPolicy(first_backoff=10.0)

    def after() -> Inbox:
        return open_inbox(policy=policy) if fresh_process else inbox

    inbox = open_inbox(policy=policy)
    put(inbox, "new")
    set_back(clock)
    assert after().work_once(nothing) == "handled"

    put(inbox, "failed")
    assert inbox.work_once(fail) == "failed"
    set_back(clock)
    assert after().work_once(nothing) is None
    clock.seconds += 10
    assert after().work_once(nothing) == "handled"

    put(inbox, "crashed")
    crashed = inbox.lease()
    assert crashed is not None
    set_back(clock)
    assert after().lease() is None
    clock.seconds += policy.lease - 1
    assert after().lease() is None
    clock.seconds += 1
    assert after().work_once(nothing) == "handled"

    put(inbox, "dead")
    lease = inbox.lease()
    assert lease is not None
    lease.give_up()
    set_back(clock)
    assert inbox.requeue() == 1
    set_back(clock)
    assert after().work_once(nothing) == "handled"


def test_a_handler_at_work_keeps_its_event_when_the_clock_goes_back(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    inbox, other = open_inbox(), open_inbox()
    put(inbox)
    lease = inbox.lease()
    assert lease is not None
    set_back(clock)
    assert other.lease() is None
    clock.seconds += inbox.policy.lease - 1
    assert other.lease() is None
    assert lease.renew()
    clock.seconds += inbox.policy.lease - 1
    assert other.lease() is None


def test_events_that_arrive_together_are_each_stored_once(open_inbox: OpenInbox) -> None:
    inbox = open_inbox()
    results: list[bool] = []
    gate = threading.Barrier(40)

    def deliver(run_id: str) -> None:
        gate.wait()
        results.append(put(inbox, run_id))

    threads = [threading.Thread(target=deliver, args=[f"r{number % 30}"]) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 10 + [True] * 30
    assert inbox.counts().waiting == 30


def test_an_event_that_the_database_refuses_fails_alone(database_url: str) -> None:
    """Several wait while another process writes, and share the transaction after it."""
    bad = threading.local()
    arrived = threading.Semaphore(0)

    def now() -> float:
        arrived.release()
        return object() if hasattr(bad, "thread") else 1_800_000_000.0  # type: ignore[return-value]

    inbox = Inbox(database_url, now=now)
    assert put(inbox, "first")
    assert arrived.acquire(timeout=PATIENCE)
    results: dict[str, bool | Exception] = {}

    def deliver(run_id: str) -> None:
        if run_id == "bad":
            bad.thread = True
        try:
            results[run_id] = put(inbox, run_id)
        except Exception as error:
            results[run_id] = error

    ids = [*(f"r{number}" for number in range(7)), "bad"]
    other = create_engine(database_url, poolclass=NullPool)
    with other.begin() as connection:
        connection.execute(text("UPDATE runflow_inbox SET attempts = 0"))
        threads = [threading.Thread(target=deliver, args=[run_id]) for run_id in ids]
        for thread in threads:
            thread.start()
            assert arrived.acquire(timeout=PATIENCE)
    for thread in threads:
        thread.join()
    assert isinstance(results.pop("bad"), Exception)
    assert results == dict.fromkeys(ids[:7], True)
    assert inbox.counts().waiting == 8
    inbox.close()


class Steady:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


DAY = 86_400.0


def test_a_clock_that_is_set_forward_takes_no_event_from_a_handler_at_work(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    """Also where a machine was suspended: the wall clock alone goes on."""
    steady = Steady()
    inbox, rival = (open_inbox(monotonic=steady) for _ in range(2))
    stolen: list[object] = []

    def handler(event: CallbackEvent) -> None:
        stolen.append(rival.lease())
        for jump in (400.0, DAY):  # each renewal comes at the next look at the clock
            clock.seconds += jump
            stolen.append(rival.lease())
            if stolen[-1] is None:
                renewals.wait_until(renewed)
            steady.seconds += inbox.policy.lease / 2
            stolen.append(rival.lease())

    def renewed() -> bool:
        with engine.connect() as connection:
            due_at = connection.execute(text("SELECT due_at FROM runflow_inbox")).scalar_one()
        return float(due_at) == clock.seconds + inbox.policy.lease

    engine, renewals = inbox._queue.engine, Renewals(inbox)
    put(inbox)
    assert inbox.work_once(handler) == "handled"
    assert stolen == [None] * 5


def test_an_event_whose_process_died_is_handed_out_although_the_clock_was_set(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    steady = Steady()
    inbox, other = (open_inbox(monotonic=steady) for _ in range(2))
    put(inbox)
    assert inbox.lease() is not None
    assert other.lease() is None
    clock.seconds += DAY
    assert other.lease() is None
    put(inbox, "new")
    assert other.work_once(nothing) == "handled"
    steady.seconds += inbox.policy.lease / 2
    clock.seconds += inbox.policy.lease / 2
    assert other.work_once(nothing) == "handled"


def test_a_clock_that_is_set_forward_forgets_no_event_that_was_just_handled(
    open_inbox: OpenInbox, clock: WallClock
) -> None:
    """Its duplicate, which comes within seconds, would be handled as new."""
    steady = Steady()
    inbox = open_inbox(monotonic=steady)
    put(inbox, "before")
    assert inbox.work_once(nothing) == "handled"
    heard = threading.Event()
    clock.seconds += 2 * inbox.policy.keep
    with inbox.working(lambda event: heard.set(), poll=LONG):
        put(inbox, "after")
        assert heard.wait(PATIENCE)
    assert not put(inbox, "before")
    assert inbox.counts().handled == 2
    steady.seconds += inbox.policy.lease
    clock.seconds += inbox.policy.lease
    assert inbox.prune() == 1


def test_time_that_passes_is_no_clock_that_is_set(open_inbox: OpenInbox, clock: WallClock) -> None:
    steady = Steady()
    inbox, other = (open_inbox(monotonic=steady) for _ in range(2))
    put(inbox)
    assert inbox.lease() is not None
    assert other.lease() is None
    clock.seconds += inbox.policy.lease
    steady.seconds += inbox.policy.lease - 1.0  # clocks are not equally fast
    assert other.lease() is not None
