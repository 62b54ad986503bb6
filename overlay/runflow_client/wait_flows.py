"""One way of waiting for runs, batches and evaluations: read one, wait until it has ended, conclude."""

from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from attrs import Factory, define, evolve, field, frozen

from .deadlines import Deadline, check_seconds
from .errors import WaitTimeout
from .flows import Context, Flow, Listen, Poll, sleep
from .waiting import Awaited, PollSchedule, Subject, wait

S = TypeVar("S", bound=Awaited)


@frozen
class WaitFlows(Generic[S]):
    """The flows of one kind of thing that ends: subclasses say how it is read and what its ending means."""

    context: Context
    schedule: PollSchedule

    once: Context = field(init=False, repr=False, eq=False, default=Factory(lambda self: _once(self), takes_self=True))
    """For one look. The wait itself is the retry: an attempt more inside a look would only hide the schedule."""

    kind: ClassVar[str]
    """What it is called in messages: `run`, `batch`, `evaluation`."""
    way_back: ClassVar[str]
    """The method that gives a handle on it again."""

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[S]:
        """Read it once, with the context's retries."""
        raise NotImplementedError

    def unseen(self, subject_id: UUID) -> S:
        """What is known of it when nothing but its id is."""
        raise NotImplementedError

    def conclude(self, state: S, *, raise_on_failure: bool) -> S:
        """The ended state, or its error."""
        raise NotImplementedError

    def get(self, subject_id: UUID) -> Flow[S]:
        """Read it, with retries."""
        return (yield from self.read(self.context, subject_id, None))

    def subject(self, subject_id: UUID, timeout: float | None, raise_on_failure: bool) -> Subject[S]:
        """It, as something to wait for."""
        return OneOf(self, str(subject_id), timeout, raise_on_failure)

    def wait(
        self, subject_id: UUID, state: S | None, *, timeout: float | None, raise_on_failure: bool, fresh: bool = False
    ) -> Flow[S]:
        """Wait until it has ended and give back its last state; raises WaitTimeout, and what `conclude` raises.

        `timeout` is seconds for the whole wait, None for no limit; `fresh` says that it was created just now.
        """
        check_seconds("timeout", timeout)
        return wait(
            self.context,
            self.subject(subject_id, timeout, raise_on_failure),
            state,
            deadline=Deadline.after(self.context.now, timeout),
            schedule=self.schedule,
            fresh=fresh,
        )


def _once(flows: WaitFlows[S]) -> Context:
    return evolve(flows.context, retries=evolve(flows.context.retries, attempts=1))


@define(eq=False)
class OneOf(Generic[S]):
    """One that is waited for alone, with its newest state."""

    flows: WaitFlows[S]
    subject_id: str
    timeout: float | None
    raise_on_failure: bool
    state: S | None = None

    def notice(self, state: S) -> bool:
        """Remember the state. Whether it is another than before."""
        before, self.state = self.state, state
        return before is None or state.progress != before.progress

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """Nothing tells of it."""
        return None

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[S | None]:
        """Wait so many seconds, then read it; None when the deadline passed before."""
        yield from sleep(pause)
        if deadline.has_passed():
            return None
        return (yield from self.flows.read(self.flows.once, UUID(self.subject_id), deadline))

    def conclude(self, state: S) -> S:
        """The ended state, or its error."""
        return self.flows.conclude(state, raise_on_failure=self.raise_on_failure)

    def last(self) -> S:
        """What was last seen of it."""
        return self.state or self.flows.unseen(UUID(self.subject_id))

    def timed_out(self) -> WaitTimeout:
        """The error for a deadline that passed."""
        return WaitTimeout(
            self.flows.kind, self.subject_id, self.last(), seconds=self.timeout or 0.0, way_back=self._way_back
        )

    @property
    def goes_on(self) -> str:
        """What to say when the wait ends before its time."""
        return f"{self.flows.kind.capitalize()} {self.subject_id} goes on: {self._way_back} waits for it again."

    @property
    def _way_back(self) -> str:
        return f"{self.flows.way_back}('{self.subject_id}').wait()"
