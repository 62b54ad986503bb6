"""The exceptions that carry a run, a batch or an evaluation."""

from __future__ import annotations

from typing import Any

from .. import _models
from .._errors import RunflowError, show_reason


class RunError(RunflowError):
    """Base of the errors about one run. `run` is the run as it was last read."""

    def __init__(self, message: str, *, run: _models.BaseRun) -> None:
        self.run = run
        super().__init__(message)

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id


_NO_CAPACITY = ("no worker in the fleet", "worker pool is full", "queue is full")
"""What a failure message says where nothing was free to run it (seen in public programs)."""


class RunFailed(RunError):
    """The run ended as failed. Failed runs are not billed.

    `lacks_capacity` says that Runflow had nothing free to run it, as far as its message shows.
    """

    def __init__(self, run: _models.BaseRun) -> None:
        self.failure_code = run.failure_code
        self.failure_stage = run.failure_stage
        self.failure_message = run.failure_message
        said = (run.failure_message or "").lower()
        self.lacks_capacity = any(phrase in said for phrase in _NO_CAPACITY)
        advice = (
            ". There was no capacity: try again later. It is not done by itself"
            if self.lacks_capacity
            else ""
        )
        stage = f" at stage {run.failure_stage}" if run.failure_stage else ""
        super().__init__(
            f"Run {run.id} failed{stage}: {show_reason(run.failure_code, run.failure_message)}"
            f"{advice}",
            run=run,
        )


class RunCanceled(RunError):
    """The run was canceled (only Runflow's administrators can). Work already done is billed."""

    def __init__(self, run: _models.BaseRun) -> None:
        super().__init__(f"Run {run.id} was canceled", run=run)


class BatchFailed(RunflowError):
    """The batch ended as failed. `batch` is the batch."""

    def __init__(self, batch: _models.BaseBatch) -> None:
        self.batch = batch
        super().__init__(
            f"Batch {batch.id} failed: {show_reason(batch.failure_code, batch.failure_message)}"
        )


class BatchCanceled(RunflowError):
    """The batch was canceled. `batch` is the batch."""

    def __init__(self, batch: _models.BaseBatch) -> None:
        self.batch = batch
        super().__init__(f"Batch {batch.id} was canceled")


class EvaluationFailed(RunflowError):
    """The evaluation could not be made. `evaluation` is the evaluation.

    A picture that did not pass its evaluation is not a failure.
    """

    def __init__(self, evaluation: _models.Evaluation) -> None:
        self.evaluation = evaluation
        super().__init__(
            f"Evaluation {evaluation.id} failed: {show_reason(evaluation.failure_code)}"
        )


class WaitTimeout(RunflowError, TimeoutError):
    """The wait timed out. The run, batch or evaluation itself continues.

    Attributes:
        kind: `run`, `batch` or `evaluation`.
        id: its id.
        state: the Run, Batch or Evaluation as it was last read. Of a run, a wait keeps only the
            status, the progress and the `client_ref`.
        seconds: how long the wait lasted.
    """

    def __init__(self, kind: str, id: str, state: Any, *, seconds: float, resume_hint: str) -> None:  # noqa: A002
        self.kind = kind
        self.id = id
        self.state = state
        self.seconds = seconds
        super().__init__(
            f"{kind.capitalize()} {id} was still {state.status or 'without a status'} after "
            f"{seconds:g} s of waiting. The {kind} itself continues: wait again with "
            f"{resume_hint}."
        )

    @property
    def run(self) -> Any:
        """The run as it was last read; the same as `state`."""
        return self.state

    @property
    def run_id(self) -> str:
        """The run's id: the same as `id`."""
        return self.id
