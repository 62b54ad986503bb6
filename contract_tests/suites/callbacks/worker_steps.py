"""Write down each step of a worker: what it asks its inbox and its lease, in order, and logs."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Final, cast

import anyio
from attrs import define, field, frozen
from runflow_client.callbacks import CallbackEvent, NotAnEvent
from runflow_client.callbacks.inbox._lease import LeaseLost
from runflow_client.callbacks.inbox._workers import Arrivals, work, working, working_async

from .answers import logged
from .deliveries import encode, event_of

EVENT: Final = event_of(encode())
POLL: Final = 2.5
PATIENCE: Final = 60.0


class _Steps(list[str]):
    """The steps, in their order. The last one that is allowed stops the worker."""

    def __call__(self, step: str) -> None:
        self.append(step)


class _Running(set[int]):
    """The events that are being handled."""

    def __init__(self, steps: _Steps) -> None:
        super().__init__()
        self._steps = steps

    def add(self, element: int) -> None:
        self._steps(f"hold {element}")
        super().add(element)

    def discard(self, element: object) -> None:
        self._steps(f"let go of {element}")
        super().discard(element)


@define(eq=False)
class _Lease:
    """A lease that does what the case says, and notes what is asked of it."""

    steps: _Steps
    queue: Any
    is_spent: bool = False
    raises: dict[str, BaseException] = field(factory=dict[str, BaseException])
    id: int = 7

    def _step(self, name: str, shown: str, result: Any) -> Any:
        self.steps(shown)
        if name in self.raises:
            raise self.raises[name]
        return result

    def event(self) -> CallbackEvent:
        """Read the event."""
        return cast("CallbackEvent", self._step("event", "read the event", EVENT))

    def renew(self) -> bool:
        """Begin anew."""
        return bool(self._step("renew", "renew", True))

    def handled(self) -> object:
        """Settle as done."""
        return self._step("handled", "handled", "handled")

    def failed(self, error: BaseException) -> object:
        """Settle as failed."""
        return self._step("failed", f"failed by {type(error).__name__}: {error}", "failed")

    def give_up(self) -> object:
        """Make it a dead letter."""
        return self._step("give_up", "give up", "dead")

    def release(self) -> None:
        """Release it untried."""
        self._step("release", "release", None)

    @contextmanager
    def transaction(self) -> Generator[str, None, None]:
        """Open a transaction."""
        self._step("transaction", "begin", None)
        try:
            yield "a connection"
        except BaseException:
            self.steps("roll back")
            raise
        self._step("commit", "commit", None)


@frozen(kw_only=True)
class Case:
    """What the inbox hands out in turn, and what the handler does."""

    leases: tuple[Any, ...] = ({},)
    """For each look: None, an error, or what is special about the lease."""
    seconds: float = 0.0
    """Seconds that pass at each look."""
    raises: BaseException | None = None
    """What the handler raises."""
    returns: object = None
    prune: Exception | None = None
    transactional: bool = False
    stops: bool = False
    """Whether the worker is stopped while the handler is at work."""
    ends: bool = False
    """Whether the worker is stopped while it looks for an event."""
    arrives: bool = False
    """Whether an event arrives while the inbox is looked at."""
    poll: float | None = POLL
    """None for a worker that is given its handler alone, and where it stops."""

    def options(self) -> dict[str, Any]:
        """Return what the worker is given."""
        if self.poll is None:
            return {}
        return {"poll": self.poll, "transactional": self.transactional}


class _Awaited:
    """What is done when it is awaited."""

    def __await__(self) -> Iterator[None]:
        return iter(())


LOCKED: Final = OSError("the database is locked")
CASES: Final[dict[str, Case]] = {
    "nothing to do": Case(leases=(None,)),
    "nothing twice": Case(leases=(None, None)),
    "a worker of its handler alone": Case(leases=({}, None), poll=None),
    "an event arrives meanwhile": Case(leases=(None,), arrives=True),
    "one event": Case(),
    "two events": Case(leases=({}, {})),
    "one that fails": Case(raises=ValueError("no")),
    "one that exits": Case(raises=SystemExit("out")),
    "one that is interrupted": Case(raises=KeyboardInterrupt()),
    "one that returns what is not done": Case(returns=map(print, [])),
    "one that returns an error": Case(returns=ValueError("no")),
    "one that returns what is to be awaited": Case(returns=_Awaited()),
    "one that is spent": Case(leases=({"is_spent": True},)),
    "one that cannot be read": Case(leases=({"raises": {"event": NotAnEvent("no event")}},)),
    "an inbox that fails": Case(leases=(LOCKED, {})),
    "a pruning that fails": Case(prune=LOCKED),
    "a success that cannot be settled": Case(leases=({"raises": {"handled": LOCKED}},)),
    "a failure that cannot be settled": Case(
        leases=({"raises": {"failed": LOCKED}},), raises=ValueError("no")
    ),
    "a spent one that cannot be settled": Case(
        leases=({"is_spent": True, "raises": {"give_up": LOCKED}},)
    ),
    "a stop while it is handled": Case(leases=({}, {}), stops=True),
    "a stop while it looks": Case(leases=({}, {}), ends=True),
    "a stop while it looks for nothing": Case(leases=(None, {}), ends=True),
    "just less than an hour": Case(leases=(None, None, None), seconds=3599.0),
    "an hour": Case(leases=(None, None, None), seconds=3600.0),
    "time that goes back": Case(leases=(None, None), seconds=-1.0),
    "in a transaction": Case(transactional=True),
    "a failure in a transaction": Case(transactional=True, raises=ValueError("no")),
    "an interruption in a transaction": Case(transactional=True, raises=KeyboardInterrupt()),
    "a transaction that is not done": Case(transactional=True, returns=map(print, [])),
    "a transaction too late": Case(
        leases=({"raises": {"transaction": LeaseLost("ran out")}},), transactional=True
    ),
    "a transaction that is not committed": Case(
        leases=({"raises": {"commit": LOCKED}},), transactional=True
    ),
    "a spent one in a transaction": Case(leases=({"is_spent": True},), transactional=True),
}


class _Arrivals(Arrivals):
    """Notes for what a worker would wait, and lets it go on."""

    def __init__(self, source: "_Source") -> None:
        super().__init__()
        self._source = source
        self.notified = threading.Event()

    def notify(self) -> None:
        """Wake the workers."""
        super().notify()
        self.notified.set()

    def wait(self, seen: int, seconds: float) -> None:
        """Note it."""
        news = " (more has arrived)" if self.count != seen else ""
        self._source.steps(f"wait {seconds:g} s{news}")
        if not self._source.left:
            self._source.end()


def _nothing() -> None:
    """What ends a worker beside which no block is."""


class _Source:
    """The inbox of a case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.steps = _Steps()
        self.left = list(case.leases)
        self.seconds = 1000.0
        self.ended = threading.Event()
        self.over: Callable[[], object] = _nothing
        self.arrivals = _Arrivals(self)
        running = _Running(self.steps)
        self.queue = SimpleNamespace(
            now=self.now,
            running=lambda: running,
            policy=SimpleNamespace(lease=3600.0),
        )

    def now(self) -> float:
        """The inbox's clock."""
        return self.seconds

    def end(self) -> None:
        """Stop the worker."""
        self.ended.set()
        self.arrivals.notified.clear()
        self.over()
        if self.over is not _nothing:
            assert self.arrivals.notified.wait(PATIENCE), "the worker is not told to end"

    def lease(self) -> Any:
        """Hand out what is next."""
        self.steps("look")
        if not self.left:
            return None
        self.seconds += self.case.seconds
        found = self.left.pop(0)
        if self.case.arrives:
            self.arrivals.notify()
        if self.case.ends:
            self.end()
        if isinstance(found, Exception):
            raise found
        return None if found is None else _Lease(self.steps, self.queue, **found)

    def prune(self) -> int:
        """Forget what is old."""
        self.steps("prune")
        if self.case.prune is not None:
            raise self.case.prune
        return 0

    def handle(self, *given: object) -> object:
        """Handle an event."""
        what = ["the event" if one is EVENT else str(one) for one in given]
        self.steps(f"handle {' with '.join(what)}")
        if self.case.stops:
            self.end()
        if self.case.raises is not None:
            raise self.case.raises
        return self.case.returns


def _work(source: _Source) -> None:
    work(
        source,
        source.handle,
        # Ctrl-C ends a worker that nothing stops
        stop=None if isinstance(source.case.raises, KeyboardInterrupt) else source.ended,
        **source.case.options(),
    )


def _work_beside(source: _Source) -> None:
    over = threading.Event()
    source.over = over.set
    with working(source, source.handle, **source.case.options()):
        assert over.wait(PATIENCE), "the worker does not come to its end"


def _work_async(source: _Source) -> None:
    async def handle(event: CallbackEvent) -> object:
        return source.handle(event)

    async def main() -> None:
        over = anyio.Event()
        token = anyio.lowlevel.current_token()
        source.over = lambda: anyio.from_thread.run_sync(over.set, token=token)
        async with working_async(source, handle, tasks=1, poll=POLL):
            await over.wait()

    anyio.run(main)


def _told(case: Case, run: Callable[[_Source], None]) -> Iterator[str]:
    source, notes = _Source(case), list[str]()
    with logged(notes):
        try:
            run(source)
        except BaseException as error:
            while isinstance(error, BaseExceptionGroup):
                error = error.exceptions[0]
            source.steps(f"raises {type(error).__name__}")
    yield f"    {', '.join(source.steps)}"
    yield from (f"    {note}" for note in notes)


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for name, case in CASES.items():
        yield name
        yield from _told(case, _work)
        yield f"{name}, beside"
        yield from _told(case, _work_beside)
        if not case.transactional and not case.stops and case.poll is not None:
            yield f"{name}, awaited"
            yield from _told(case, _work_async)
