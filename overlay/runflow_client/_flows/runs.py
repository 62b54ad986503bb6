"""What can be done with runs: create, read, wait, conclude."""

from collections.abc import Callable
from typing import ClassVar, Final, Self, TypeVar
from uuid import UUID

from attrs import evolve, frozen
from runflow_api.api.runs import get_run
from runflow_api.models.run import Run as RunModel

from .. import _statuses as statuses
from .._models.run import BaseRun, read_run
from .._outcome_errors import RunCanceled, RunFailed
from .._time import Deadline
from .._validation import check_seconds
from ..callbacks._wakeup import Listens
from .commands import Context, Flow
from .create_run import Create, create
from .poll import OneOf, OneRun, PollSchedule, WaitFlows
from .request import send_with_retries
from .upload import AssetFlows

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
        """The same flows where the callback of a run ends the wait for it, and only a slow poll
        goes on underneath.
        """
        return evolve(self, wakeup=wakeup, schedule=UNDER_CALLBACKS)

    def create(self, request: Create) -> Flow[R]:
        """Upload the files of the input, create the run, give back its first state; raises as
        creation.create does.
        """
        if self.assets is not None:
            # what else cannot be right is told before a file is uploaded
            evolve(request, input={}).arguments()
            sendable = yield from self.assets.resolve_files(
                request.input,
                inline_below=request.inline_below,
                progress=request.upload_progress,
                model=request.model if request.strict else None,
            )
            request = evolve(request, input=sendable)
        return self.show((yield from create(self.context, request)))

    def run(
        self, request: Create, *, timeout: float | None, raise_on_failure: bool
    ) -> Flow[Flow[R]]:
        """Create the run, and give back the flow that waits for it, so that nothing of the create
        is kept meanwhile.
        """
        check_seconds("timeout", timeout)
        run = yield from self.create(request)
        return self.wait(
            UUID(run.id), run, timeout=timeout, raise_on_failure=raise_on_failure, fresh=True
        )

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[R]:
        """Read the run once, with the context's retries."""
        response = yield from send_with_retries(
            context, get_run.build_request(subject_id), deadline=deadline
        )
        return self.show(read_run(response, get_run.parse_response))

    def subject(self, subject_id: UUID, timeout: float | None, raise_on_failure: bool) -> OneOf[R]:
        """The run, as something to wait for."""
        return OneRun(
            self, str(subject_id), timeout, raise_on_failure, show=self.show, wakeup=self.wakeup
        )

    def unseen(self, subject_id: UUID) -> R:
        """A run of which only the id is known."""
        return self.show(RunModel(id=subject_id))

    def conclude(self, state: R, *, raise_on_failure: bool) -> R:
        """The run, or RunFailed or RunCanceled."""
        return conclude(state, raise_on_failure=raise_on_failure)


def conclude(run: R, *, raise_on_failure: bool) -> R:
    """The ended run itself; RunFailed or RunCanceled for one that ended badly, unless the caller
    wants it as a value.
    """
    if raise_on_failure and run.status == statuses.FAILED:
        raise RunFailed(run)
    if raise_on_failure and run.status in statuses.CANCELED:
        raise RunCanceled(run)
    return run
