"""What can be done with runs, as flows: create, read, wait. Both clients drive these."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeVar
from uuid import UUID

from attrs import evolve, frozen
from runflow_api.api.runs import get_run
from runflow_api.models.run import Run as RunModel

from .creation import Create, create
from .deadlines import Deadline, check_seconds
from .exchanges import deliver
from .flows import Context, Flow, Listen, Listens, Poll, sleep
from .runs import BaseRun, conclude, model_after, read_run
from .uploads import AssetFlows
from .wait_flows import WaitFlows
from .waiting import PollSchedule

if TYPE_CHECKING:
    from .callbacks.events import CallbackEvent

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

    def run(self, request: Create, *, timeout: float | None, raise_on_failure: bool) -> Flow[R]:
        """Create, then wait."""
        check_seconds("timeout", timeout)
        state = yield from self.create(request)
        return (
            yield from self.wait(UUID(state.id), state, timeout=timeout, raise_on_failure=raise_on_failure, fresh=True)
        )

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[R]:
        """Read the run once, with the context's retries."""
        response = yield from deliver(context, get_run.build_request(subject_id), deadline=deadline)
        return self.show(read_run(response, get_run.parse_response))

    def look(self, once: Context, subject_id: UUID, last: R | None, pause: float, deadline: Deadline) -> Flow[R | None]:
        """Look together with other runs of the same client_ref where the driver has such company, else alone."""
        if last is not None and self.wakeup is not None:
            event: CallbackEvent | None = yield Listen(self.wakeup, last.id, pause)
            if event is not None:
                return self.show(model_after(last.model, event))
            if deadline.has_passed():
                return None
            return (yield from self.read(once, subject_id, deadline))
        if last is not None and last.client_ref is not None:
            model = yield Poll(last.id, last.client_ref, last.progress, pause)
            if isinstance(model, RunModel):
                return self.show(model)
        yield from sleep(pause)
        if deadline.has_passed():
            return None
        return (yield from self.read(once, subject_id, deadline))

    def unseen(self, subject_id: UUID) -> R:
        """A run of which only the id is known."""
        return self.show(RunModel(id=subject_id))

    def conclude(self, state: R, *, raise_on_failure: bool) -> R:
        """The run, or RunFailed or RunCanceled."""
        return conclude(state, raise_on_failure=raise_on_failure)
