"""Workers of the inbox: awake at once, alive after trouble, stopped without loss, in threads and
beside an event loop.
"""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from itertools import count, starmap
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import anyio
import pytest
from runflow_client import InvalidArgument
from runflow_client.callbacks import CallbackEvent, Receiver
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from sqlalchemy import Connection

from .conftest import OpenInbox, WallClock
from .deliveries import SECRET, encode, event_of, signed

LONG = 3600.0
"""Seconds that no test waits: whoever relies on polling hangs instead of passing late."""

PATIENCE = 60.0


def put(inbox: Inbox, run_id: str = "r1") -> bool:
    body = encode(run_id)
    return inbox.put(event_of(body), body)


class Heard:
    """A handler that remembers, and says when it has heard enough."""

    def __init__(self, enough: int = 1) -> None:
        self.ids: list[str | None] = []
        self._enough = enough
        self.complete = threading.Event()

    def __call__(self, event: CallbackEvent) -> None:
        self.ids.append(event.subject_id)
        if len(self.ids) >= self._enough:
            self.complete.set()

    def within(self, event: CallbackEvent, connection: Connection) -> None:
        self(event)


def test_a_worker_wakes_when_an_event_comes(inbox: Inbox) -> None:
    heard = Heard(20)
    with inbox.working(heard, threads=2, poll=LONG):
        for number in range(20):
            put(inbox, f"r{number}")
        assert heard.complete.wait(PATIENCE)
    assert sorted(map(str, heard.ids)) == sorted(f"r{number}" for number in range(20))
    assert inbox.counts().handled == 20


def test_a_worker_finds_what_others_put_and_what_is_due_again(open_inbox: OpenInbox) -> None:
    ticks = count(1000.0)  # a second passes whenever somebody looks at the clock
    inbox, other = (
        open_inbox(now=lambda: next(ticks), policy=HandlingPolicy(lease=1e9)) for _ in range(2)
    )
    heard = Heard(2)

    def fail_at_first(event: CallbackEvent) -> None:
        heard(event)
        if len(heard.ids) == 1:
            raise ValueError

    with inbox.working(fail_at_first, poll=0.001):
        put(other)
        assert heard.complete.wait(PATIENCE)
    assert inbox.counts().handled == 1


def test_a_transactional_worker(inbox: Inbox) -> None:
    heard = Heard()
    with inbox.working(heard.within, transactional=True, poll=LONG):
        put(inbox)
        assert heard.complete.wait(PATIENCE)
    assert inbox.counts().handled == 1


def test_a_stopped_worker_finishes_what_it_has_in_hand(inbox: Inbox) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(event: CallbackEvent) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    stop = threading.Event()
    thread = threading.Thread(target=partial(inbox.work, slow, stop=stop, poll=LONG))
    thread.start()
    put(inbox)
    assert begun.wait(PATIENCE)
    stop.set()
    go_on.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert inbox.counts().handled == 1


def test_a_worker_outlives_its_database(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    inbox = Inbox(tmp_path / "later" / "inbox.sqlite3")
    heard = Heard()
    with inbox.working(heard, poll=0.001):
        while "the inbox failed" not in caplog.text:
            inbox.arrivals.notify()
        (tmp_path / "later").mkdir()
        put(inbox)
        assert heard.complete.wait(PATIENCE)
    inbox.close()


def test_workers_prune(open_inbox: OpenInbox, clock: WallClock) -> None:
    inbox = open_inbox(policy=HandlingPolicy(keep=10.0))
    put(inbox, "old")
    inbox.work_once(lambda event: None)
    clock.seconds += 11
    heard = Heard()
    with inbox.working(heard, poll=LONG):
        put(inbox, "new")
        assert heard.complete.wait(PATIENCE)
    assert inbox.counts().handled == 1


def generating(event: CallbackEvent) -> Iterator[None]:
    yield


async def generating_slowly(event: CallbackEvent) -> AsyncIterator[None]:
    yield


def mapping(event: CallbackEvent) -> object:
    return map(print, [event])


def filtering(event: CallbackEvent) -> object:
    return filter(None, [event])


def zipping(event: CallbackEvent) -> object:
    return zip(map(print, [event]), [event], strict=True)


def unpacking(event: CallbackEvent) -> object:
    return starmap(print, [(event,)])


def in_another_thread(event: CallbackEvent) -> object:
    return Future[None]()


def in_a_pool(event: CallbackEvent) -> object:
    with ThreadPool(1) as pool:
        return pool.apply_async(print, (event.event,))


def in_a_pool_one_by_one(event: CallbackEvent) -> object:
    with ThreadPool(1) as pool:
        return pool.imap(print, [event.event])


@pytest.mark.parametrize(
    "hidden",
    [
        mapping,
        filtering,
        zipping,
        unpacking,
        in_another_thread,
        in_a_pool,
        in_a_pool_one_by_one,
    ],
)
def test_a_handler_whose_work_is_yet_to_be_done_has_failed(
    open_inbox: OpenInbox, hidden: Callable[[CallbackEvent], object]
) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    put(inbox)
    assert inbox.work_once(hidden) == "dead"
    assert (
        f"returned a {type(hidden(event_of(encode()))).__name__}" in inbox.dead_letters()[0].reason
    )
    answers: list[int] = []
    for store in (lambda event, body: hidden(event), inbox.put):
        incoming = Receiver(SECRET, store).open("POST", signed(encode("r2")))
        incoming.add(encode("r2"))
        answers.append(incoming.answer().status)
    assert answers == [503, 200]


@pytest.mark.parametrize("handler", [generating, generating_slowly, partial(generating)])
def test_a_handler_of_which_nothing_has_run_has_failed(open_inbox: OpenInbox, handler: Any) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))
    for call in (inbox.work_once, inbox.work):
        with pytest.raises(InvalidArgument, match=r"^handler is a generator function"):
            call(handler)

    def hidden(event: CallbackEvent) -> Any:
        return handler(event)

    put(inbox, "r1")
    assert inbox.work_once(hidden) == "dead"
    put(inbox, "r2")

    async def main() -> None:
        async with inbox.working_async(hidden, poll=0.01):
            with anyio.fail_after(PATIENCE):
                while inbox.counts().waiting:
                    await anyio.sleep(0.01)

    anyio.run(main)
    assert inbox.counts().dead == 2


async def coroutine_handler(event: CallbackEvent) -> None:
    """Handles nothing."""


def test_a_coroutine_function_is_refused_where_nothing_would_await_it(inbox: Inbox) -> None:
    put(inbox)
    for use in (inbox.work, inbox.work_once, lambda handler: inbox.working(handler).__enter__()):
        with pytest.raises(InvalidArgument, match="working_async"):
            use(coroutine_handler)
    assert inbox.work_once(lambda event: coroutine_handler(event)) == "failed"
    assert inbox.counts().waiting == 1


def test_an_asynchronous_handler_runs_on_the_event_loop(inbox: Inbox) -> None:
    async def main() -> None:
        home = threading.get_ident()
        heard: list[str | None] = []
        complete = anyio.Event()

        async def handle(event: CallbackEvent) -> None:
            assert threading.get_ident() == home
            heard.append(event.subject_id)
            if len(heard) == 10:
                complete.set()

        async with inbox.working_async(handle, tasks=2, poll=LONG):
            for number in range(10):
                await anyio.to_thread.run_sync(put, inbox, f"r{number}")
            with anyio.fail_after(PATIENCE):
                await complete.wait()
        assert sorted(map(str, heard)) == sorted(f"r{number}" for number in range(10))

    anyio.run(main)
    assert inbox.counts().handled == 10


def test_an_asynchronous_failure_is_the_event_s(open_inbox: OpenInbox) -> None:
    inbox = open_inbox(policy=HandlingPolicy(attempts=1))

    async def main() -> None:
        failed = anyio.Event()

        async def handle(event: CallbackEvent) -> None:
            failed.set()
            raise LookupError("no such order")

        async with inbox.working_async(handle, poll=LONG):
            await anyio.to_thread.run_sync(put, inbox)
            with anyio.fail_after(PATIENCE):
                await failed.wait()
                while not await anyio.to_thread.run_sync(inbox.dead_letters):
                    await anyio.lowlevel.checkpoint()

    anyio.run(main)
    assert inbox.dead_letters()[0].reason == "LookupError: no such order"


def test_an_asynchronous_handler_that_cancels_itself_fails_and_stops_no_other(inbox: Inbox) -> None:
    async def main() -> None:
        heard: list[str | None] = []
        complete = anyio.Event()

        async def handle(event: CallbackEvent) -> None:
            heard.append(event.subject_id)
            if event.subject_id == "r1":
                raise anyio.get_cancelled_exc_class()
            complete.set()

        with anyio.fail_after(PATIENCE):
            async with inbox.working_async(handle, poll=LONG):
                for run_id in ("r1", "r2"):
                    await anyio.to_thread.run_sync(put, inbox, run_id)
                await complete.wait()
        assert heard == ["r1", "r2"]

    anyio.run(main)
    assert inbox.counts().handled == 1
    assert inbox.counts().waiting == 1


def test_a_handler_that_is_canceled_from_outside_gives_its_event_back(inbox: Inbox) -> None:
    async def main() -> None:
        begun = anyio.Event()

        async def handle(event: CallbackEvent) -> None:
            begun.set()
            await anyio.sleep_forever()

        async def work() -> None:
            async with inbox.working_async(handle, poll=LONG):
                await anyio.sleep_forever()

        put(inbox)
        async with anyio.create_task_group() as group:
            group.start_soon(work)
            with anyio.fail_after(PATIENCE):
                await begun.wait()
            group.cancel_scope.cancel()

    anyio.run(main)
    lease = inbox.lease()
    assert lease is not None
    assert lease.attempts == 1


def test_a_canceled_asynchronous_handler_gives_its_event_back(inbox: Inbox) -> None:
    async def main() -> None:
        begun = anyio.Event()
        ended: list[str] = []

        async def handle(event: CallbackEvent) -> None:
            begun.set()
            try:
                await anyio.sleep_forever()
            finally:
                ended.append("canceled")

        put(inbox)
        async with inbox.working_async(handle, poll=LONG):
            with anyio.fail_after(PATIENCE):
                await begun.wait()
        assert ended == ["canceled"]

    anyio.run(main)
    lease = inbox.lease()
    assert lease is not None
    assert lease.attempts == 1


@pytest.mark.parametrize("value", ["8", 2.5, True, float("nan"), None, 0, timedelta(1)])
def test_numbers_of_another_kind_are_refused_by_name(inbox: Inbox, value: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"^attempts is "):
        HandlingPolicy(attempts=value)
    with pytest.raises(InvalidArgument, match=r"^threads is "), inbox.working(print, threads=value):
        """Begins no work."""

    async def main() -> None:
        async with inbox.working_async(coroutine_handler, tasks=value):
            """Begins no work."""

    with pytest.raises(InvalidArgument, match=r"^tasks is "):
        anyio.run(main)


@pytest.mark.parametrize("name", ["lease", "first_backoff", "longest_backoff", "keep"])
@pytest.mark.parametrize("value", ["8", True, float("inf"), None, 0, timedelta(1)])
def test_seconds_of_another_kind_are_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"^{name} is "):
        HandlingPolicy(**{name: value})


@pytest.mark.parametrize("handler", [None, 3, "handle"])
def test_a_handler_that_is_no_function_is_refused(inbox: Inbox, handler: Any) -> None:
    put(inbox)
    for use in (inbox.work_once, inbox.work):
        with pytest.raises(InvalidArgument, match="expected a function"):
            use(handler)
    assert inbox.counts().waiting == 1


def test_the_block_ends_at_once_where_there_is_nothing_to_do(open_inbox: OpenInbox) -> None:
    looked = threading.Semaphore(0)

    def now() -> float:
        looked.release()
        return 1000.0

    inbox = open_inbox(now=now)

    def use() -> None:
        for _ in range(20):
            with inbox.working(print, poll=LONG):
                looked.acquire(timeout=PATIENCE)

    using = threading.Thread(target=use, daemon=True)
    using.start()
    using.join(PATIENCE)
    assert not using.is_alive(), "a worker waits for its next poll"


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_event_whose_attempts_are_spent_is_handled_no_more(tmp_path: Path, colour: str) -> None:
    now, heard = 1000.0, Heard()
    policy = HandlingPolicy(attempts=1, lease=10.0)
    inbox = Inbox(tmp_path / "inbox.sqlite3", policy=policy, now=lambda: now)
    put(inbox)
    assert inbox.lease() is not None, "of a process that is killed then"
    now += 11.0

    async def handle(event: CallbackEvent) -> None:
        heard(event)

    async def until_it_ends() -> None:
        with anyio.fail_after(PATIENCE):
            while inbox.counts().waiting:
                await anyio.sleep(0.01)

    async def work() -> None:
        async with inbox.working_async(handle, poll=LONG):
            await until_it_ends()

    if colour == "async":
        anyio.run(work)
    else:
        with inbox.working(heard, poll=LONG):
            anyio.run(until_it_ends)
    assert (heard.ids, inbox.counts().dead) == ([], 1)
    inbox.close()
