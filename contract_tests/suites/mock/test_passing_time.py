"""What each clock lets happen when a request comes, when none comes, and when a test says so."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest
from runflow_mock import AcceleratedClock, RealClock, Settings, SteppedClock
from runflow_mock.faults.plan import Fault, Faults
from runflow_mock.simulation.outcomes import Outcome
from runflow_mock.simulation.simulation import Simulation
from runflow_mock.state.clock import STEPPED_START, Clock
from runflow_mock.state.state import State

from ..server.test_threads import Other
from .stories.world import CONTRACT, Receiver


class Begun:
    """A simulation on a clock, in which something is due after one, two and three seconds."""

    def __init__(self, clock: Clock) -> None:
        self.changes = 0
        self.state = State(clock, Settings(seed=0), "http://mock")
        faults = Faults({"get_run": ("GET", "/v1/runs/{id}")}, CONTRACT.document.operations)
        self.simulation = Simulation(self.state, CONTRACT, faults, Receiver())
        self.done: list[int] = []
        self.began = self.state.now()
        for seconds in (3, 1, 2):
            self.plan(seconds)
        self.state.schedule.on_change = self.change

    def plan(self, seconds: int) -> None:
        """Plan something."""

        def act(instant: datetime) -> None:
            assert instant == self.began + timedelta(seconds=seconds)
            self.done.append(seconds)

        self.state.schedule.at(self.began + timedelta(seconds=seconds), act)

    def change(self) -> None:
        """Count that the server is told of a change."""
        self.changes += 1

    def seen(self) -> tuple[float, list[int], int]:
        """Return how late it is, what was done, and how often the server was told."""
        return (self.state.now() - self.began).total_seconds(), [*self.done], self.changes


def test_a_request_advances_the_clock_by_its_step_and_wakes_a_clock_that_jumps() -> None:
    rows: list[tuple[float, float | None, list[tuple[float, list[int], int]]]] = [
        (0.0, None, [(0, [], 0)] * 2),
        (1.5, None, [(1.5, [1], 0), (3, [1, 2, 3], 0)]),
        (0.0, 0.0, [(0, [], 1), (0, [], 2)]),
        (2.0, 0.5, [(2, [1, 2], 1), (4, [1, 2, 3], 2)]),
    ]
    for step, idle, wanted in rows:
        begun = Begun(SteppedClock(step=step, idle=idle))
        seen = []
        for _ in wanted:
            begun.simulation.step()
            seen.append(begun.seen())
        assert seen == wanted


def test_a_clock_jumps_to_what_is_due_next_only_when_it_is_idle() -> None:
    steady = Begun(SteppedClock(step=1.0))
    assert [steady.simulation.jump() for _ in range(3)] == [0, 0, 0]
    assert steady.seen() == (0, [], 0)
    jumping = Begun(SteppedClock(idle=0.0))
    assert [jumping.simulation.jump() for _ in range(4)] == [1, 1, 1, 0]
    assert jumping.seen() == (3, [1, 2, 3], 0)
    for clock in (RealClock(), AcceleratedClock(1.0)):
        begun = Begun(clock)
        assert (begun.simulation.jump(), begun.done) == (0, [])


def test_settling_does_everything_that_is_due() -> None:
    steady, jumping = Begun(SteppedClock()), Begun(SteppedClock(idle=0.0))
    for begun in (steady, jumping):
        asyncio.run(begun.simulation.settle())
    assert (steady.done, jumping.done) == ([], [1, 2, 3])
    steady.simulation.advance(2.5)
    assert steady.seen() == (2.5, [1, 2], 0)
    fast = Begun(AcceleratedClock(1e9))
    while fast.state.now() < fast.began + timedelta(seconds=3):
        pass
    asyncio.run(fast.simulation.settle())
    assert fast.done == [1, 2, 3]
    with pytest.raises(TypeError, match=r"only a stepped clock can be advanced: .*SteppedClock"):
        Begun(RealClock()).simulation.advance(1)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Let threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_that_act_at_once_all_do() -> None:
    clock, faults = SteppedClock(), Begun(SteppedClock()).simulation.faults
    fault = faults.add(Fault(kind="lost_callback", count=6000))
    taken: list[Fault | None] = []
    begin = threading.Barrier(4)

    def act() -> None:
        begin.wait()
        for _ in range(2000):
            clock.advance(1)
            taken.append(faults.for_callback("{}"))

    threads = [threading.Thread(target=act) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == STEPPED_START + timedelta(seconds=8000)
    assert (taken.count(fault), taken.count(None)) == (6000, 2000)


class Interrupted(datetime):
    """An instant that lets the other thread act when it is read."""

    other: Other

    def astimezone(self, tz: tzinfo | None = None) -> Self:
        """Let it act first."""
        self.other.begin()
        return super().astimezone(tz)


def test_a_clock_is_not_advanced_while_it_jumps() -> None:
    clock = SteppedClock()
    instant = Interrupted(2026, 1, 1, 1, tzinfo=UTC)
    other = instant.other = Other(lambda: clock.advance(2))
    clock.move_to(instant)
    other.end()
    assert clock.now() - STEPPED_START == timedelta(hours=1, seconds=2)


def test_what_was_planned_and_never_applied_is_told() -> None:
    simulation = Begun(SteppedClock()).simulation
    simulation.faults.add(Fault(kind="status", operation="get_run", contains="x"))
    simulation.faults.add(Fault(kind="null", operation="get_run")).applied = 1
    simulation.faults.add(Fault(kind="html")).changed = True
    simulation.faults.add(Fault(kind="lost_callback"))
    simulation.faults.add(Fault(kind="late_callback", probability=0.99))  # chance decides
    twice = simulation.faults.add(Fault(kind="unknown_enum", count=2))
    twice.changed = True  # the first time; the second time it finds nothing
    assert twice.hits(("GET", "/v1/runs"), "")
    simulation.outcomes.plan(Outcome("failed"))
    simulation.outcomes.plan(Outcome("canceled"), "google/nano-banana-pro", 2)
    assert simulation.unused() == [
        "fault 'status' for get_run with 'x'",
        "fault 'null' for get_run (it found nothing to change)",
        "fault 'lost_callback' for *",
        "outcome 'failed' for any model",
        "outcome 'canceled' for google/nano-banana-pro",
    ]
    assert simulation.state.now() == STEPPED_START
