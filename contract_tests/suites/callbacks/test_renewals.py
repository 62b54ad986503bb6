"""When a lease is renewed while its handler is at work: three times within its length, at once when
the clock was set, and no longer than it is held.
"""

import math
import threading
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import pytest
from attrs import define, field

from .answers import logged
from .test_locks_of_the_inbox import loaded

PATIENCE: Final = 30.0
LOST: Final = "WARNING: the lease on event 7 ran out: it may be handled twice"
FAILED: Final = "ERROR: the lease on event 7 could not be renewed, raised OSError"


@define(eq=False)
class Work:
    """A handler at work: each look at the clock comes at once and shows that so many seconds have
    passed; after the last one the handler has ended.
    """

    steps: list[float]
    seconds: float
    """The length of the lease."""
    results: list[bool | Exception] = field(factory=list[bool | Exception])
    """What the renewals return or raise; True at the end."""
    id: int = 7
    now: float = 1000.0
    looks: int = 0
    pauses: set[float] = field(factory=set[float])
    renewed: list[int] = field(factory=list[int])
    """At which looks the lease was renewed."""
    held: list[set[int]] = field(factory=list[set[int]])
    running: set[int] = field(factory=set[int])

    @property
    def queue(self) -> SimpleNamespace:
        """The queue of the lease."""
        return SimpleNamespace(
            policy=SimpleNamespace(lease=self.seconds),
            now=lambda: self.now,
            running=lambda: self.running,
        )

    def renew(self) -> bool:
        """Renew the lease."""
        self.renewed.append(self.looks)
        result = self.results.pop(0) if self.results else True
        if isinstance(result, Exception):
            raise result
        return result

    def wait(self, seconds: float) -> bool:
        """Whether the handler has ended meanwhile."""
        self.pauses.add(seconds)
        if self.looks == len(self.steps):
            return True
        self.now += self.steps[self.looks]
        self.looks += 1
        return False

    def set(self) -> None:
        """The handler has ended."""

    def __str__(self) -> str:
        return f"event {self.id}"


def renewal_of(
    lease: Any, event: Callable[[], Any], thread: type[threading.Thread] = threading.Thread
) -> Any:
    """The renewal of this lease, which waits for such an event."""
    module = loaded("_lease")
    vars(module)["threading"] = SimpleNamespace(Thread=thread, Event=event)
    return module.Renewal(lease)


TIMES: Final[dict[str, tuple[float, list[float], float, list[int]]]] = {
    # the length of the lease, what passes, the pause between two looks, the looks with a renewal
    "an hour": (3600.0, [1.0] * 5, 1.0, []),
    "nine seconds": (9.0, [1.0] * 8, 1.0, [3, 6]),
    "three seconds": (3.0, [1.0] * 3, 1.0, [1, 2, 3]),
    "less than three": (1.5, [0.5] * 3, 0.5, [1, 2, 3]),
    "a clock that stands still": (9.0, [0.0] * 8, 1.0, [3, 6]),
    "a clock set forward": (9.0, [1.0, 3.0, 1.0, 1.0, 1.0], 1.0, [2, 5]),
    "forward by a third of the lease": (9.0, [3.0], 1.0, [1]),
    "forward by less": (9.0, [2.9], 1.0, []),
    "forward step by step": (9.0, [1.5, 1.5, 1.5], 1.0, [2]),
    "a clock set back": (9.0, [1.0, -4.0, 1.0, 1.0, 1.0], 1.0, [2, 5]),
    "back by a third of the lease": (9.0, [-3.0], 1.0, [1]),
    "back by less": (9.0, [-2.9], 1.0, []),
    "forward after a renewal": (9.0, [1.0, 1.0, 1.0, 2.5, 0.4, 0.1], 1.0, [3, 6]),
    "forward twice": (9.0, [3.0, 3.0, 2.0, 1.0], 1.0, [1, 2, 4]),
}


@pytest.mark.parametrize("name", TIMES)
def test_a_lease_is_renewed_in_time(name: str) -> None:
    seconds, steps, pause, renewed = TIMES[name]
    work, notes = Work(steps, seconds), list[str]()
    renewal = renewal_of(work, lambda: work)
    with logged(notes):
        renewal.start()
        renewal.stop()
    assert (work.pauses, work.renewed, work.looks) == ({pause}, renewed, len(steps))
    assert (notes, work.running) == ([], set())


@pytest.mark.parametrize(
    ("results", "renewed", "notes"),
    [
        ([True, True], [3, 6, 9], []),
        ([False], [3], [LOST]),
        ([True, False], [3, 6], [LOST]),
        ([OSError("locked")], [3, 6, 9], [FAILED]),
        ([OSError("locked"), False], [3, 6], [FAILED, LOST]),
    ],
    ids=["renewed", "lost", "lost later", "failed", "failed and lost"],
)
def test_a_lease_that_is_lost_is_left_and_one_that_could_not_be_renewed_is_not(
    results: list[bool | Exception], renewed: list[int], notes: list[str]
) -> None:
    work, found = Work([1.0] * 9, 9.0, results), list[str]()
    renewal = renewal_of(work, lambda: work)
    with logged(found):
        renewal.start()
        renewal.stop()
    assert (work.renewed, found) == (renewed, notes)


def test_an_event_is_held_by_no_renewal_that_could_not_begin() -> None:
    """It would be leased to nobody in this process any more."""

    class Thread(threading.Thread):
        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    work = Work([], 9.0)
    with pytest.raises(RuntimeError, match="can't start"):
        renewal_of(work, lambda: work, Thread).start()
    assert work.running == set()


def test_a_renewal_has_ended_when_its_handler_is_done() -> None:
    """Otherwise it could renew a lease that was settled."""
    begun, seen = threading.Event(), list[bool]()

    class Slow(Work):
        def renew(self) -> bool:
            begun.wait(PATIENCE)
            stopping.join(0.05)
            seen.append(stopping.is_alive())
            return True

    work = Slow([1.0], 3.0)
    renewal = renewal_of(work, lambda: work)
    stopping = threading.Thread(target=renewal.stop)
    renewal.start()
    assert work.running == {7}
    stopping.start()
    begun.set()
    stopping.join(PATIENCE)
    assert (seen, work.running) == ([True], set())


@pytest.mark.parametrize(
    ("steps", "went_back", "distrusted"),
    [
        ([(110.0, 10.0)], [False], -math.inf),
        ([(116.0, 10.0)], [False], -math.inf),  # by a tenth of a lease
        ([(116.5, 10.0)], [False], 40.0),
        ([(50.0, 10.0), (60.0, 20.0), (59.0, 30.0)], [True, False, True], -math.inf),
    ],
)
def test_a_clock_that_was_set_is_noticed_once(
    steps: list[tuple[float, float]], went_back: list[bool], distrusted: float
) -> None:
    """`distrusted` says up to which monotonic second leases may be of handlers at work."""
    module: Any = loaded("_lease")
    state = SimpleNamespace(latest=100.0, latest_monotonic=0.0, distrusted_until=-math.inf)
    found: list[bool] = []
    for now, monotonic in steps:
        queue = SimpleNamespace(
            monotonic=partial(float, monotonic), policy=SimpleNamespace(lease=60.0)
        )
        found.append(module._look_at_clock(queue, state, now))
    assert (found, state.distrusted_until) == (went_back, distrusted)
