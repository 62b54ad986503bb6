"""How long a thread of the inbox waits for another one that is stuck, and what it says then."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client.callbacks.inbox._database import inbox_table, open_engine

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
