"""One way of waiting for runs, batches and evaluations: read one, wait until it has ended, conclude."""

from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from attrs import evolve, frozen

from .deadlines import Deadline, check_seconds
from .errors import WaitTimeout
from .flows import Context, Flow, sleep
from .waiting import Awaited, PollSchedule, wait

S = TypeVar("S", bound=Awaited)


@frozen
class WaitFlows(Generic[S]):
    """The flows of one kind of thing that ends: subclasses say how it is read and what its ending means."""

    context: Context
    schedule: PollSchedule

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

    def look(self, once: Context, subject_id: UUID, last: S | None, pause: float, deadline: Deadline) -> Flow[S | None]:
        """Wait so many seconds, then read it; None when the deadline passed before."""
        yield from sleep(pause)
        if deadline.has_passed():
            return None
        return (yield from self.read(once, subject_id, deadline))

    def wait(
        self, subject_id: UUID, state: S | None, *, timeout: float | None, raise_on_failure: bool, fresh: bool = False
    ) -> Flow[S]:
        """Wait until it has ended and give back its last state; raises WaitTimeout, and what `conclude` raises.

        `timeout` is seconds for the whole wait, None for no limit; `fresh` says that it was created just now.
        """
        check_seconds("timeout", timeout)
        # The wait itself is the retry: an attempt more inside a poll would only hide the schedule.
        once = evolve(self.context, retries=evolve(self.context.retries, attempts=1))
        way_back = f"{self.way_back}('{subject_id}').wait()"

        def timed_out(last: S | None) -> WaitTimeout:
            return WaitTimeout(
                self.kind, str(subject_id), last or self.unseen(subject_id), seconds=timeout or 0.0, way_back=way_back
            )

        last = yield from wait(
            self.context,
            state,
            lambda last, pause, deadline: self.look(once, subject_id, last, pause, deadline),
            deadline=Deadline.after(self.context.now, timeout),
            schedule=self.schedule,
            way_back=f"{self.kind.capitalize()} {subject_id} goes on: {way_back} waits for it again.",
            timed_out=timed_out,
            fresh=fresh,
        )
        return self.conclude(last, raise_on_failure=raise_on_failure)
