"""The exceptions that carry what was waited for: a run, a batch, an evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import RunflowError, show_reason

if TYPE_CHECKING:
    from ._models.batch import Batch
    from ._models.evaluation import Evaluation
    from ._models.run import BaseRun


class RunError(RunflowError):
    """Something about one run, which is `run`: its last known state."""

    def __init__(self, message: str, *, run: BaseRun) -> None:
        self.run = run
        super().__init__(message)

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id


class RunFailed(RunError):
    """The run ended as failed. Failed runs are not billed."""

    def __init__(self, run: BaseRun) -> None:
        self.failure_code = run.failure_code
        self.failure_stage = run.failure_stage
        self.failure_message = run.failure_message
        stage = f" at stage {run.failure_stage}" if run.failure_stage else ""
        super().__init__(
            f"Run {run.id} failed{stage}: {show_reason(run.failure_code, run.failure_message)}",
            run=run,
        )


class RunCanceled(RunError):
    """The run was canceled (only Runflow's administrators can). Work already done is billed."""

    def __init__(self, run: BaseRun) -> None:
        super().__init__(f"Run {run.id} was canceled", run=run)


class BatchFailed(RunflowError):
    """The batch, which is `batch`, ended as failed."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(
            f"Batch {batch.id} failed: {show_reason(batch.failure_code, batch.failure_message)}"
        )


class BatchCanceled(RunflowError):
    """The batch, which is `batch`, was canceled."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(f"Batch {batch.id} was canceled")


class EvaluationFailed(RunflowError):
    """The evaluation, which is `evaluation`, could not be made. (A picture that did not pass is no
    failure.)
    """

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        super().__init__(
            f"Evaluation {evaluation.id} failed: {show_reason(evaluation.failure_code)}"
        )


class WaitTimeout(RunflowError, TimeoutError):
    """The wait ended before the run (or batch, or evaluation) did. It goes on and nothing is lost.

    `kind` says what was waited for, `id` is its id, `state` what was last seen of it: a Batch, an
    Evaluation, or a Run, of which a wait keeps the status, the progress and the `client_ref` and
    nothing else.
    """

    def __init__(self, kind: str, id: str, state: Any, *, seconds: float, way_back: str) -> None:  # noqa: A002
        self.kind = kind
        self.id = id
        self.state = state
        self.seconds = seconds
        super().__init__(
            f"{kind.capitalize()} {id} was still {state.status or 'without a status'} after "
            f"{seconds:g} s of waiting; "
            f"it goes on. Wait again with {way_back}."
        )

    @property
    def run(self) -> Any:
        """What was last seen of the run: the same as `state`."""
        return self.state

    @property
    def run_id(self) -> str:
        """The run's id: the same as `id`."""
        return self.id
