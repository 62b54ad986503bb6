"""What can be done with runs, as flows: create, read, wait. Both clients drive these."""

import math
from collections.abc import Callable
from typing import ClassVar, Final, Self, TypeVar
from uuid import UUID

from attrs import define, evolve, field, frozen
from runflow_api.api.runs import get_run
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_status import RunStatus
from runflow_api.types import UNSET

from .creation import Create, create
from .deadlines import Deadline, check_seconds
from .exchanges import deliver
from .flows import NO_NEWS, Context, Flow, Listen, Listens, Poll
from .runs import BaseRun, conclude, model_after, read_run
from .uploads import AssetFlows
from .wait_flows import OneOf, WaitFlows
from .waiting import PollSchedule

R = TypeVar("R", bound=BaseRun)

UNDER_CALLBACKS: Final = PollSchedule(first=20.0, growth=1.5, longest=60.0)
"""The slow poll underneath a callback."""


@frozen
class RunFlows(WaitFlows[R]):
    """The flows of runs, giving runs of one colour."""

    show: Callable[[RunModel], R]
    """Makes a Run or AsyncRun of the generated model."""
    assets: AssetFlows | None = None
    """Uploads the files of inputs and remembers them."""
    wakeup: Listens | None = None
    """Where the callbacks of these runs arrive in this process, if they do."""

    kind: ClassVar[str] = "run"
    way_back: ClassVar[str] = "client.runs.attach"

    def woken_by(self, wakeup: Listens) -> Self:
        """The same flows where the callback of a run ends the wait for it, and only a slow poll goes on underneath."""
        return evolve(self, wakeup=wakeup, schedule=UNDER_CALLBACKS)

    def create(self, request: Create) -> Flow[R]:
        """Upload the files of the input, create the run, give back its first state; raises as creation.create does."""
        if self.assets is not None:
            evolve(request, input={}).arguments()  # what else cannot be right is told before a file is uploaded
            sendable = yield from self.assets.resolve_files(
                request.input, inline_below=request.inline_below, progress=request.upload_progress
            )
            request = evolve(request, input=sendable)
        return self.show((yield from create(self.context, request)))

    def run(self, request: Create, *, timeout: float | None, raise_on_failure: bool) -> Flow[Flow[R]]:
        """Create the run, and give back the flow that waits for it, so that nothing of the create is kept meanwhile."""
        check_seconds("timeout", timeout)
        run = yield from self.create(request)
        return self.wait(UUID(run.id), run, timeout=timeout, raise_on_failure=raise_on_failure, fresh=True)

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[R]:
        """Read the run once, with the context's retries."""
        response = yield from deliver(context, get_run.build_request(subject_id), deadline=deadline)
        return self.show(read_run(response, get_run.parse_response))

    def subject(self, subject_id: UUID, timeout: float | None, raise_on_failure: bool) -> OneOf[R]:
        """The run, as something to wait for."""
        return OneRun(self, str(subject_id), timeout, raise_on_failure, show=self.show, wakeup=self.wakeup)

    def unseen(self, subject_id: UUID) -> R:
        """A run of which only the id is known."""
        return self.show(RunModel(id=subject_id))

    def conclude(self, state: R, *, raise_on_failure: bool) -> R:
        """The run, or RunFailed or RunCanceled."""
        return conclude(state, raise_on_failure=raise_on_failure)


@define(eq=False)
class OneRun(OneOf[R]):
    """One run that is waited for, together with others of its client_ref where the driver has such company.

    Between two looks nothing is kept of it but its client_ref and its progress, and the whole run only where a callback, which
    does not tell everything, may end the wait.
    """

    show: Callable[[RunModel], R] = field(kw_only=True)
    wakeup: Listens | None = field(kw_only=True)
    client_ref: str | None = None
    progress: tuple[str | None, int | None, int | None] | None = None

    def notice(self, state: R) -> bool:
        """Remember what the next look compares, and what an error tells. Whether it is another than before."""
        before, self.progress, self.client_ref = self.progress, state.progress, state.client_ref
        if self.wakeup is not None:
            self.state = state
        return self.progress != before

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """Its callback, or what the company sees of it."""
        if self.wakeup is not None and self.state is not None:
            return Listen(self.wakeup, self.subject_id, pause)
        if self.client_ref is None:
            return None
        due = self.flows.context.now() + pause
        until = math.inf if deadline.moment is None else deadline.moment
        return Poll(self.subject_id, self.client_ref, self.progress, due, until, self)

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[R | None]:
        """The run as the company or the callback told it, else as it is when looked at alone."""
        if isinstance(told, RunModel):
            return self.show(told)
        if told is NO_NEWS:
            return None
        if self.wakeup is not None and self.state is not None:
            from .callbacks.events import CallbackEvent  # loaded already, with the wakeup

            if isinstance(told, CallbackEvent) and told.status is not None:
                return self.show(model_after(self.state.model, told))
            pause = 0.0  # that long it was listened for
        return (yield from super().look(told, pause, deadline))

    def last(self) -> R:
        """What was last seen of it: its status and progress."""
        if self.state is not None or self.progress is None:
            return super().last()
        status, nodes_completed, nodes_total = self.progress
        return self.show(
            RunModel(
                id=UUID(self.subject_id),
                client_ref=self.client_ref,
                status_code=UNSET if status is None else RunStatus(status),
                nodes_completed=nodes_completed,
                nodes_total=nodes_total,
            )
        )
