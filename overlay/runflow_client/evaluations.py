"""Evaluations: how good is this picture? Submitted once, waited for as runs are."""

from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from attrs import field, frozen
from runflow_api.api.evaluations import create_evaluation, get_evaluation
from runflow_api.http_library import httpx
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.types import RequestArguments

from . import statuses
from .deadlines import Deadline
from .errors import EvaluationFailed
from .exchanges import create, deliver, unreadable
from .flows import Context, Flow
from .identifiers import check_idempotency_key, make_idempotency_key
from .reading import read_object, salvage
from .runs import read_money
from .unset import identified, known
from .wait_flows import WaitFlows


@frozen(kw_only=True)
class Evaluation:
    """One evaluation, as it was when it was read. Whatever the server left out is None; `model` has every field.

    `status` is `pending`, `running`, `completed`, `failed` or one that is newer than this client; `weighted_pass_rate` is a share
    of one.
    """

    id: str
    status: str | None
    overall_passed: bool | None
    weighted_pass_rate: float | None
    cost: Decimal | None
    failure_code: str | None
    created_at: datetime | None
    completed_at: datetime | None
    model: EvaluationModel = field(repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether the judges are done."""
        return self.status in statuses.EVALUATION_TERMINAL

    @property
    def progress(self) -> object:
        """What changes while one waits."""
        return self.status

    @classmethod
    def of(cls, model: EvaluationModel) -> "Evaluation":
        """The evaluation that this model describes. Raises ValueError for one without an id."""
        status = known(model.status_code)
        return cls(
            id=identified("evaluation", known(model.id)),
            status=None if status is None else str(status.value),
            overall_passed=known(model.overall_passed),
            weighted_pass_rate=known(model.weighted_pass_rate),
            cost=read_money(known(model.cost)),
            failure_code=known(model.failure_code),
            created_at=known(model.created_at),
            completed_at=known(model.completed_at),
            model=model,
        )


def create_arguments(body: EvaluationCreate, idempotency_key: str | None) -> RequestArguments:
    """The request that submits an evaluation. Raises InvalidArgument for a key that no header can carry."""
    key = make_idempotency_key() if idempotency_key is None else idempotency_key
    check_idempotency_key(key)
    return create_evaluation.build_request(body=body, idempotency_key=key)


@frozen
class EvaluationFlows(WaitFlows[Evaluation]):
    """The flows of evaluations."""

    kind: ClassVar[str] = "evaluation"
    way_back: ClassVar[str] = "client.evaluations.attach"

    def create(self, arguments: RequestArguments) -> Flow[Evaluation]:
        """Submit it: the idempotency key, which Runflow honours for evaluations, makes every retry safe."""
        return (yield from create(self.context, arguments, read_evaluation, self.kind))

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[Evaluation]:
        """Read the evaluation once, with the context's retries."""
        return read_evaluation(
            (yield from deliver(context, get_evaluation.build_request(subject_id), deadline=deadline))
        )

    def unseen(self, subject_id: UUID) -> Evaluation:
        """An evaluation of which only the id is known."""
        return Evaluation.of(EvaluationModel(id=subject_id))

    def conclude(self, state: Evaluation, *, raise_on_failure: bool) -> Evaluation:
        """The evaluation, or EvaluationFailed. A picture that did not pass is no failure of the evaluation."""
        if raise_on_failure and state.status == statuses.FAILED:
            raise EvaluationFailed(state)
        return state


def read_evaluation(response: httpx.Response) -> Evaluation:
    """The evaluation in this answer. Raises UnreadableAnswer where there is not even an id."""
    model = salvage(EvaluationModel, read_object(response))
    if known(model.id) is None:
        raise unreadable(response, "expected an evaluation with an id")
    return Evaluation.of(model)
