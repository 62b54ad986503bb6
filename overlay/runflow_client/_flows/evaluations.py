"""What can be done with evaluations."""

from typing import ClassVar
from uuid import UUID

from attrs import frozen
from runflow_api.api.evaluations import create_evaluation, get_evaluation
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.types import RequestArguments

from .._models.evaluation import Evaluation, read_evaluation
from .._outcome_errors import EvaluationFailed
from .._time import Deadline
from .._validation import check_idempotency_key, make_idempotency_key
from .commands import Context, Flow
from .poll import WaitFlows
from .request import post_idempotent, send_with_retries


def create_arguments(body: EvaluationCreate, idempotency_key: str | None) -> RequestArguments:
    """Build the request that submits an evaluation. Raises InvalidArgument for a key that no header
    can carry.
    """
    key = make_idempotency_key() if idempotency_key is None else idempotency_key
    check_idempotency_key(key)
    return create_evaluation.build_request(body=body, idempotency_key=key)


@frozen
class EvaluationFlows(WaitFlows[Evaluation]):
    """The flows of evaluations. A picture that did not pass is no failure of the evaluation."""

    kind: ClassVar[str] = "evaluation"
    attach_method: ClassVar[str] = "client.evaluations.attach"
    failed: ClassVar[type[EvaluationFailed]] = EvaluationFailed

    def create(self, arguments: RequestArguments) -> Flow[Evaluation]:
        """Submit it: the idempotency key, which Runflow honours for evaluations, makes every retry
        safe.
        """
        return (yield from post_idempotent(self.context, arguments, read_evaluation, self.kind))

    def read(
        self, context: Context, subject_id: UUID, deadline: Deadline | None
    ) -> Flow[Evaluation]:
        """Read the evaluation once, with the context's retries."""
        response = yield from send_with_retries(
            context, get_evaluation.build_request(subject_id), deadline=deadline
        )
        return read_evaluation(response, subject_id)

    def unseen(self, subject_id: UUID) -> Evaluation:
        """Make an evaluation of which only the id is known."""
        return Evaluation.of(EvaluationModel(id=subject_id))
