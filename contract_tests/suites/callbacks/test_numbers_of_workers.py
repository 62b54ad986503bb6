"""As many workers as are asked for work at once, in threads that keep no program from ending; and
none of them needs a thread of the application's.
"""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import anyio
import pytest
from anyio import to_thread
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks._receiver import submit_of
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.inbox._workers import Arrivals

from .deliveries import encode, event_of
from .test_locks_of_the_inbox import loaded

LONG: Final = 3600.0
PATIENCE: Final = 30.0
NUMBERS: Final = [1, 3]


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    inbox = Inbox(tmp_path / "inbox.sqlite3")
    yield inbox
    inbox.close()


def put_all(inbox: Inbox, number: int, done: Callable[[bool | Exception], object]) -> None:
    """Store so many events in the thread of the inbox."""
    submit = submit_of(inbox.put)
    assert submit is not None
    for one in range(number):
        body = encode(f"r{one}")
        submit(event_of(body), body, done)


@pytest.mark.parametrize("number", NUMBERS)
def test_so_many_threads_work_at_once(inbox: Inbox, number: int) -> None:
    gate, stored = threading.Barrier(number + 1), threading.Semaphore(0)
    threads: list[threading.Thread] = []
    before = threading.enumerate()  # writers of other inboxes may be idle
    names = {f"runflow-inbox-{one}" for one in range(number)}

    def handle(event: CallbackEvent) -> None:
        gate.wait(PATIENCE)
        gate.wait(PATIENCE)

    with inbox.working(handle, threads=number, poll=LONG):
        put_all(inbox, number, lambda result: stored.release())
        gate.wait(PATIENCE)  # each is at work
        threads += [
            one
            for one in threading.enumerate()
            if one.name.startswith("runflow-inbox") and one not in before
        ]
        gate.wait(PATIENCE)
        for _ in range(number):
            assert stored.acquire(timeout=PATIENCE)
    assert {one.name for one in threads} == {*names, "runflow-inbox-lease", "runflow-inbox-writer"}
    assert len(threads) == 2 * number + 1
    assert all(one.daemon for one in threads), "the program does not end while they work"
    assert [one for one in threads if one.is_alive() and one.name in names] == []
    assert inbox.counts().handled == number


@pytest.mark.parametrize("number", NUMBERS)
def test_so_many_tasks_work_at_once_and_need_no_thread_of_the_application(
    inbox: Inbox, number: int
) -> None:
    """All of its threads are busy."""

    async def main() -> None:
        begun: list[str | None] = []
        all_begun, done = anyio.Event(), anyio.Event()
        busy, free = anyio.Event(), threading.Event()

        async def handle(event: CallbackEvent) -> None:
            begun.append(event.subject_id)
            if len(begun) == number:
                all_begun.set()
            await done.wait()

        to_thread.current_default_thread_limiter().total_tokens = 1

        async def occupy() -> None:
            busy.set()
            await to_thread.run_sync(partial(free.wait, PATIENCE))

        async with anyio.create_task_group() as group:
            group.start_soon(occupy)
            await busy.wait()
            with anyio.fail_after(PATIENCE / 2):
                async with inbox.working_async(handle, tasks=number, poll=LONG):
                    put_all(inbox, number, lambda result: None)
                    await all_begun.wait()
                    done.set()
                    while inbox.counts().handled < number:
                        await anyio.sleep(0.001)
            free.set()
        assert sorted(map(str, begun)) == [f"r{one}" for one in range(number)]

    anyio.run(main)


def test_an_event_is_settled_while_another_task_waits_for_one(inbox: Inbox) -> None:
    waits = threading.Event()

    class Waiting(Arrivals):
        def wait(self, seen: int, seconds: float) -> None:
            waits.set()
            super().wait(seen, seconds)

    async def handle(event: CallbackEvent) -> None:
        await to_thread.run_sync(waits.wait, PATIENCE)

    async def main() -> None:
        with anyio.fail_after(PATIENCE / 2):
            async with inbox.working_async(handle, tasks=2, poll=LONG):
                while not inbox.counts().handled:
                    await anyio.sleep(0.001)

    inbox.arrivals = Waiting()
    assert inbox.put(event_of(encode()), encode())
    anyio.run(main)


def test_a_renewal_keeps_no_program_from_ending_wherever_it_began(inbox: Inbox) -> None:
    """A thread that is begun by a worker is as the worker; this one is begun by the program."""
    before, daemons = threading.enumerate(), list[bool]()

    def handle(event: CallbackEvent) -> None:
        daemons.extend(one.daemon for one in threading.enumerate() if one not in before)

    assert inbox.put(event_of(encode()), encode())
    assert inbox.work_once(handle) == "handled"
    assert daemons == [True]


def test_each_that_waits_is_woken() -> None:
    arrivals, waiting, woken = Arrivals(), threading.Semaphore(0), threading.Semaphore(0)

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waiting.release()  # who takes the lock then finds the thread waiting
            return super().wait(timeout)

    def wait() -> None:
        arrivals.wait(0, LONG)
        woken.release()

    condition = Condition()
    vars(arrivals)["_condition"] = lambda: condition
    for _ in range(2):
        threading.Thread(target=wait, daemon=True).start()
        assert waiting.acquire(timeout=PATIENCE)
    arrivals.notify()
    assert [woken.acquire(timeout=PATIENCE) for _ in range(2)] == [True, True]


def test_where_one_of_them_cannot_begin_none_is_left(inbox: Inbox) -> None:
    module = loaded("_workers")
    begun: list[threading.Thread] = []

    class Thread(threading.Thread):
        def start(self) -> None:
            if len(begun) == 2:
                raise RuntimeError("can't start new thread")
            begun.append(self)
            super().start()

    vars(module)["threading"] = SimpleNamespace(Thread=Thread, Event=threading.Event)
    with (
        pytest.raises(RuntimeError, match="can't start"),
        module.working(inbox, lambda event: None, threads=3, poll=LONG),
    ):
        """None is at work."""
    assert [one.is_alive() for one in begun] == [False, False]


async def nothing(event: CallbackEvent) -> None:
    """Handle at once."""


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_block_that_fails_leaves_no_worker(inbox: Inbox, colour: str) -> None:
    before = threading.enumerate()
    error = LookupError("of the block")

    async def main() -> None:
        async with inbox.working_async(nothing, tasks=2, poll=LONG):
            raise error

    if colour == "sync":
        with (
            pytest.raises(LookupError, match="of the block"),
            inbox.working(print, threads=2, poll=LONG),
        ):
            raise error
    else:
        with pytest.raises(ExceptionGroup) as caught:
            anyio.run(main)
        assert caught.value.exceptions == (error,)
    left = [one for one in threading.enumerate() if one not in before]
    assert [one.name for one in left if one.name.startswith("runflow-inbox-")] == []
