"""A wait for a callback ends with the event, with its time or with its task, and listens no more
then.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

import anyio
import pytest
import trio
from runflow_client._transport.callback_wait import await_callback

from ..conftest import ENDING

RUN: Final = "run-7"
EVENT: Any = "the event"


class Source:
    """Takes down who listens, and does something when one begins to."""

    def __init__(self, early: object = None, begin: Callable[[Any], object] | None = None) -> None:
        self.early = early
        self.begin = begin
        self.listening: list[tuple[str, Any]] = []
        self.forgotten: list[tuple[str, Any]] = []
        self.threads: list[threading.Thread] = []

    def listen(self, subject_id: str, wake: Any) -> Any:
        """Keep who listens, unless there is an event already."""
        if self.early is None:
            self.listening.append((subject_id, wake))
            if self.begin is not None:
                self.begin(wake)
        return self.early

    def forget(self, subject_id: str, wake: Any) -> None:
        """Let go of who listened."""
        self.forgotten.append((subject_id, wake))

    def wake_elsewhere(self, wake: Any) -> None:
        """Wake from another thread."""
        self.threads.append(threading.Thread(target=wake, args=(EVENT,)))
        self.threads[-1].start()


class Clock:
    """A clock whose pauses end at once, or never."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends
        self.slept: list[float] = []

    def now(self) -> float:
        """No moment is asked for."""
        raise AssertionError

    async def sleep(self, seconds: float) -> None:
        """Take the seconds down."""
        self.slept.append(seconds)
        if not self.ends:
            await anyio.sleep_forever()


LOOPS: Final = ["asyncio", "trio"]


def waited(loop: str, source: Source, clock: Clock) -> object:
    """What a wait of seven seconds gives."""

    async def scenario() -> object:
        with anyio.fail_after(ENDING):
            found: object = await await_callback(source, RUN, 7.0, clock)
            return found

    result = asyncio.run(scenario()) if loop == "asyncio" else trio.run(scenario)
    for thread in source.threads:
        thread.join()
    assert source.forgotten == source.listening, "each that listened listens no more"
    assert all(run_id == RUN for run_id, _ in source.listening)
    return result


@pytest.mark.parametrize("loop", LOOPS)
def test_an_event_that_came_before_is_given_at_once(loop: str) -> None:
    clock = Clock(ends=False)
    assert waited(loop, Source(early=EVENT), clock) == EVENT
    assert clock.slept == []


@pytest.mark.parametrize("how", ["here", "elsewhere"])
@pytest.mark.parametrize("loop", LOOPS)
def test_an_event_ends_the_wait_from_whichever_thread_it_comes(loop: str, how: str) -> None:
    source = Source()
    source.begin = source.wake_elsewhere if how == "elsewhere" else lambda wake: wake(EVENT)
    assert waited(loop, source, Clock(ends=False)) == EVENT


@pytest.mark.parametrize("loop", LOOPS)
def test_without_an_event_the_wait_ends_with_its_time(loop: str) -> None:
    clock = Clock(ends=True)
    assert waited(loop, Source(), clock) is None
    assert clock.slept == [7.0]


@pytest.mark.parametrize("loop", LOOPS)
def test_of_two_events_the_first_counts(loop: str) -> None:
    source = Source()

    def begin(wake: Any) -> None:
        wake(EVENT)
        wake("another")

    source.begin = begin
    assert waited(loop, source, Clock(ends=False)) == EVENT


def test_a_wait_that_is_cancelled_listens_no_more() -> None:
    source = Source()

    async def scenario() -> None:
        async with anyio.create_task_group() as tasks:
            source.begin = lambda wake: tasks.cancel_scope.cancel()
            await await_callback(source, RUN, 7.0, Clock(ends=False))

    asyncio.run(scenario())
    assert source.forgotten == source.listening != []
