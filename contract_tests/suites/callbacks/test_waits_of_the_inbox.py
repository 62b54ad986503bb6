"""How long a thread of the inbox waits for another one that is stuck, and what it says then; and
how long a worker waits for the next event.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

import anyio
import pytest
from anyio import to_thread
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.inbox._database import inbox_table, open_engine
from runflow_client.callbacks.inbox._workers import Arrivals

from .test_locks_of_the_inbox import loaded

PATIENCE: Final = 30.0
SECONDS: Final = 0.02


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Any]:
    """The queue of an inbox whose threads wait for so many seconds."""
    module, writer = loaded("_queue"), loaded("_writer")
    vars(module).update(WAIT_TIMEOUT=SECONDS, Writer=writer.Writer)
    vars(writer).update(WAIT_TIMEOUT=SECONDS)
    engine, policy = open_engine(tmp_path / "inbox.sqlite3"), module.HandlingPolicy()
    queue = module.Queue(engine, True, inbox_table("inbox"), policy, lambda: 0.0, lambda: 0.0)
    yield queue
    queue.close()


def test_a_table_that_another_thread_makes_is_waited_for(queue: Any) -> None:
    state = queue._state()
    with state.preparing:
        for use in (queue.prepare, queue.was_clock_set):
            with pytest.raises(TimeoutError) as refused:
                use()
            assert str(refused.value) == "another thread has been making the table for 0.02 s"
        assert not state.is_ready
    assert queue.prepare() is state
    assert state.is_ready


def test_a_thread_that_writes_is_waited_for_and_keeps_no_inbox_from_closing(queue: Any) -> None:
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with queue.writing():
            held.set()
            over.wait(PATIENCE)

    holding = threading.Thread(target=hold)
    holding.start()
    assert held.wait(PATIENCE)
    with pytest.raises(TimeoutError) as refused, queue.writing():
        """Writes nothing."""
    assert str(refused.value) == "another thread has been writing to the inbox for 0.02 s"
    queue.close()
    over.set()
    holding.join(PATIENCE)
    assert not holding.is_alive()
    with queue.writing():
        """It is free again."""


class Noting(Arrivals):
    """Keeps for how long each worker waits that finds nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: SimpleQueue[float] = SimpleQueue()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait."""
        self.seconds.put(seconds)
        super().wait(seen, seconds)

    def check(self, poll: float) -> None:
        """Wait until two workers wait that long."""
        assert [self.seconds.get(timeout=PATIENCE) for _ in range(2)] == [poll, poll]


@pytest.mark.parametrize("poll", [0.5, 3600.0])
def test_each_worker_waits_as_long_as_was_asked_for(tmp_path: Path, poll: float) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite3")

    async def handle(event: CallbackEvent) -> None:
        """Nothing comes."""

    async def beside_a_loop(noting: Noting) -> None:
        async with inbox.working_async(handle, tasks=2, poll=poll):
            await to_thread.run_sync(noting.check, poll)

    inbox.arrivals = beside_threads = Noting()
    with inbox.working(lambda event: None, threads=2, poll=poll):
        beside_threads.check(poll)
    inbox.arrivals = noting = Noting()
    anyio.run(beside_a_loop, noting)
    inbox.close()
