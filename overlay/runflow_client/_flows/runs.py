"""What can be done with runs: create, read, wait, conclude."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar
from uuid import UUID

from attrs import define, evolve, field, frozen
from runflow_api.api.runs import get_run
from runflow_api.models.run import Run as RunModel

from .._errors import RunflowError
from .._models.outcome_errors import RunCanceled, RunFailed
from .._models.run import BaseRun, model_after, read_run_object
from .._time import Deadline
from .commands import AwaitChange, Command, Context, Flow
from .poll import PollSchedule, Waiter, WaitFlows, wait
from .request import send_with_retries

if TYPE_CHECKING:
    from ..callbacks._wakeup import CallbackSource, Wakeup
    from .create_run import Create
    from .upload import AssetFlows, FilesOfInputs

R = TypeVar("R", bound=BaseRun)

UNDER_CALLBACKS: Final = PollSchedule(first=20.0, growth=1.5, longest=60.0)
"""The slow poll underneath a callback."""


@frozen(eq=False, repr=False)
class RunFlows(WaitFlows[R]):
    """The flows of runs, giving runs of one colour."""

    make: Callable[[RunModel | Mapping[str, Any], str | None], R]
    """Makes a Run or AsyncRun of the generated model, or of the item of a list, and of the id of
    the AI model.
    """
    assets: Callable[[], AssetFlows] | None = None
    """Returns what uploads the files of inputs and remembers them."""
    wakeup: CallbackSource | None = None
    """Where the callbacks of these runs arrive in this process, if they do."""
    model_name: str | None = None
    """The id of the AI model, where the flows are those of runs that this client created."""
    _of_models: dict[str, Self] = field(init=False, factory=dict[str, Any])

    kind: ClassVar[str] = "run"
    attach_method: ClassVar[str] = "client.runs.attach"
    failed: ClassVar[type[RunFailed]] = RunFailed
    canceled: ClassVar[type[RunCanceled] | None] = RunCanceled

    def woken_by(self, wakeup: CallbackSource) -> Self:
        """Return the same flows where the callback of a run ends the wait for it, and only a slow
        poll continues underneath.
        """
        return evolve(self, wakeup=wakeup, schedule=UNDER_CALLBACKS)

    def with_callback(
        self, callback: Wakeup | None, callback_url: str | None = None
    ) -> tuple[Self, str | None]:
        """Return the flows that this `callback` of the caller wakes, and the URL to send.

        Without a callback both stay as they are. Raises InvalidArgument for what is no Wakeup,
        or has another URL.
        """
        if callback is None:
            return self, callback_url
        from ..callbacks._wakeup import check_callback  # few runs have one

        callback_url = check_callback(callback, callback_url)
        return self.woken_by(callback), callback_url

    def of_model(self, model_name: str) -> Self:
        """Return the flows of runs that this client created of this AI model: the same for all."""
        found = self._of_models.get(model_name)
        if found is None:
            found = self._of_models[model_name] = evolve(self, model_name=model_name)
        return found

    def show(self, model: RunModel | Mapping[str, Any]) -> R:
        """Make the run that users hold."""
        return self.make(model, self.model_name)

    def create(
        self, request: Create, deadline: Deadline | None = None, *, look_first: bool = False
    ) -> Flow[R]:
        """Upload the files of the input, create the run and return its first state, by the
        deadline.

        With `look_first`, return the newest run that carries the client_ref already, if there is
        one. Errors are those of `create_run.create`; an upload that is not over at the deadline
        raises RequestTimeout.
        """
        from .create_run import create  # a program may only read

        files: FilesOfInputs | None = None
        try:
            if self.assets is not None:
                files = yield from self.assets().inspect_files(
                    {"input": request.input},
                    inline_below=request.inline_below,
                    model=request.model if request.strict else None,
                )
            if look_first and (found := (yield from self._find(request))) is not None:
                return self.make(found, request.model)
            if files is not None:
                request = evolve(request, input=(yield from self._upload(files, request, deadline)))
        finally:
            if files is not None:
                files.close()
        run = yield from create(self.context, request, deadline=deadline)
        return self.make(run, request.model)

    def _upload(
        self, files: FilesOfInputs, request: Create, deadline: Deadline | None
    ) -> Flow[dict[str, Any]]:
        from .deadlines import uploaded_by  # few runs have files

        assert self.assets is not None, "what inspected the files uploads them"
        uploading = self.assets().upload_files(files, request.upload_progress)
        return (yield from uploaded_by(deadline, uploading, self.kind))[0]

    def _find(self, request: Create) -> Flow[RunModel | None]:
        from .create_run import find_existing

        try:
            return (yield from find_existing(self.context, request))
        except RunflowError as error:  # a process before this one may have created it
            error.client_ref, error.idempotency_key = request.client_ref, request.idempotency_key
            raise

    def wait_for_new(
        self,
        request: Create,
        run: R,
        *,
        timeout: float | None,
        deadline: Deadline,
        raise_on_failure: bool,
    ) -> Flow[R]:
        """Wait until the run of this create has ended. `run` is its first state, and `timeout` the
        seconds of the whole call, for the error.

        Errors name the create. Its input is not kept: a thousand runs may be waited for at once.
        """
        flows = self.of_model(request.model)
        waiter = RunWaiter(flows, run.id, timeout, run_flows=flows)
        waiter.client_ref, waiter.idempotency_key = request.client_ref, request.idempotency_key
        return wait(waiter, run, deadline=deadline, raise_on_failure=raise_on_failure, fresh=True)

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[R]:
        """Read the run once, with the context's retries."""
        response = yield from send_with_retries(
            context, get_run.build_request(subject_id), deadline=deadline
        )
        return self.show(read_run_object(response, subject_id))

    def waiter(self, subject_id: UUID, timeout: float | None) -> Waiter[R]:
        """Make what one wait remembers of the run."""
        return RunWaiter(self, str(subject_id), timeout, run_flows=self)

    def unseen(self, subject_id: UUID) -> R:
        """Make a run of which only the id is known."""
        return self.show(RunModel.from_part({"id": str(subject_id)}))


@define(eq=False, repr=False, weakref_slot=False)
class RunWaiter(Waiter[R]):
    """What a wait remembers of its run: not the whole state, for a thousand may wait at once.

    Only a wait that a callback may end keeps it, because a callback does not carry everything.
    """

    run_flows: RunFlows[R] = field(kw_only=True)
    client_ref: str | None = None
    idempotency_key: str | None = None
    """That of the create, where errors name it."""
    created_at: datetime | None = None
    progress: tuple[str | None, int | None, int | None] | None = None

    def remember(self, state: R) -> bool:
        """Remember what the next command, the next comparison and an error need."""
        before, self.progress = self.progress, state.progress
        # these stay the same in every state, and one string is kept for all
        self.client_ref = self.client_ref or state.client_ref
        self.created_at = self.created_at or state.created_at
        if self.run_flows.wakeup is not None:
            self.state = state
        return self.progress != before

    def next_command(self, pause: float, deadline: Deadline, *, has_failed: bool) -> Command:
        """Wait for its callback, or watch it, for so many seconds. After a failure any state is
        news: it says that the server answers again.
        """
        return AwaitChange(
            run_id=self.id,
            progress=None if has_failed else self.progress,
            created_at=self.created_at,
            due=self.flows.context.now() + pause,
            until=math.inf if deadline.moment is None else deadline.moment,
            wakeup=None if self.state is None else self.run_flows.wakeup,
        )

    def state_in(self, outcome: object) -> R | None:
        """Return the run as a list or its callback shows it; None if neither did."""
        if isinstance(outcome, RunModel):
            return self.run_flows.show(outcome)
        if outcome is None or self.state is None:
            return None
        from ..callbacks._events import CallbackEvent  # loaded already, with the wakeup

        if isinstance(outcome, CallbackEvent) and outcome.status is not None:
            return self.run_flows.show(model_after(self.state.raw, outcome))
        return None

    def conclude(self, state: R, *, raise_on_failure: bool) -> R:
        """Return the ended run, or raise what its end means."""
        try:
            return super().conclude(state, raise_on_failure=raise_on_failure)
        except RunflowError as error:
            self._name_create(error)
            raise

    def annotate(self, error: BaseException) -> None:
        """Note how to wait again, and name the create."""
        super().annotate(error)
        if isinstance(error, RunflowError):
            self._name_create(error)

    def _name_create(self, error: RunflowError) -> None:
        if self.idempotency_key is not None:
            error.client_ref, error.idempotency_key = self.client_ref, self.idempotency_key

    def last_state(self) -> R:
        """Return the run with its status and progress, as far as they were kept."""
        if self.state is not None or self.progress is None:
            return super().last_state()
        status, nodes_completed, nodes_total = self.progress
        seen = {
            "id": self.id,
            "client_ref": self.client_ref,
            "created_at": None if self.created_at is None else self.created_at.isoformat(),
            "status_code": status,
            "nodes_completed": nodes_completed,
            "nodes_total": nodes_total,
        }
        known = {name: value for name, value in seen.items() if value is not None}
        return self.run_flows.show(RunModel.from_part(known))
