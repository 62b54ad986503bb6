"""What can be done with runs, as flows: create, read, wait. Both clients drive these."""

from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

from attrs import evolve, frozen
from runflow_api.api.runs import get_run
from runflow_api.models.run import Run as RunModel

from .creation import Create, create
from .deadlines import Deadline, check_seconds
from .errors import WaitTimeout
from .exchanges import deliver
from .flows import Context, Flow, Poll, sleep
from .runs import BaseRun, conclude, read_run
from .waiting import PollSchedule, wait

R = TypeVar("R", bound=BaseRun)


@frozen
class RunFlows(Generic[R]):
    """The flows of runs, giving runs of one colour."""

    context: Context
    schedule: PollSchedule
    show: Callable[[RunModel], R]
    """Makes a Run or AsyncRun of the generated model."""

    def create(self, request: Create) -> Flow[R]:
        """Create the run and give back its first state; raises as creation.create does."""
        return self.show((yield from create(self.context, request)))

    def get(self, run_id: UUID, deadline: Deadline | None = None) -> Flow[R]:
        """Read the run, with retries."""
        return (yield from self._get(self.context, run_id, deadline))

    def wait(
        self, run_id: UUID, state: R | None, *, timeout: float | None, raise_on_failure: bool, fresh: bool = False
    ) -> Flow[R]:
        """Wait until the run has ended and give back its last state; raises WaitTimeout, RunFailed, RunCanceled.

        `timeout` is seconds for the whole wait, None for no limit.
        """
        check_seconds("timeout", timeout)
        # The wait itself is the retry: an attempt more inside a poll would only hide the schedule.
        once = evolve(self.context, retries=evolve(self.context.retries, attempts=1))

        def look(last: R | None, pause: float, deadline: Deadline) -> Flow[R | None]:
            if last is not None and last.client_ref is not None:
                model = yield Poll(last.id, last.client_ref, last.progress, pause)
                if isinstance(model, RunModel):
                    return self.show(model)
            yield from sleep(pause)
            if deadline.has_passed():
                return None
            return (yield from self._get(once, run_id, deadline))

        def timed_out(last: R | None) -> WaitTimeout:
            return WaitTimeout(last or self.show(RunModel(id=run_id)), seconds=timeout or 0.0)

        last = yield from wait(
            self.context,
            state,
            look,
            deadline=Deadline.after(self.context.now, timeout),
            schedule=self.schedule,
            way_back=f"Run {run_id} goes on: client.runs.attach('{run_id}').wait() waits for it again.",
            timed_out=timed_out,
            fresh=fresh,
        )
        return conclude(last, raise_on_failure=raise_on_failure)

    def run(self, request: Create, *, timeout: float | None, raise_on_failure: bool) -> Flow[R]:
        """Create, then wait."""
        check_seconds("timeout", timeout)
        state = yield from self.create(request)
        return (
            yield from self.wait(UUID(state.id), state, timeout=timeout, raise_on_failure=raise_on_failure, fresh=True)
        )

    def _get(self, context: Context, run_id: UUID, deadline: Deadline | None) -> Flow[R]:
        response = yield from deliver(context, get_run.build_request(run_id), deadline=deadline)
        return self.show(read_run(response, get_run.parse_response))
