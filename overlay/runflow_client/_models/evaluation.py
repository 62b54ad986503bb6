"""An evaluation as the API shows it."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.evaluation import Evaluation as EvaluationModel

from .._json import as_text
from .._responses import identified, parse_leniently, plain, read_object, require_id, value_or_none
from . import statuses
from .run import read_money


@frozen(kw_only=True)
class Evaluation:
    """One evaluation, as it was when it was read. What the server left out is None; `raw` has
    every field.

    `status` is `pending`, `running`, `completed`, `failed` or one that is newer than this client;
    `weighted_pass_rate` is a share of one.
    """

    id: str
    status: str | None
    overall_passed: bool | None
    weighted_pass_rate: float | None
    cost: Decimal | None
    failure_code: str | None
    created_at: datetime | None
    completed_at: datetime | None
    raw: EvaluationModel = field(repr=False, hash=False)

    @property
    def has_ended(self) -> bool:
        """Whether the judges are done."""
        return statuses.is_evaluation_terminal(self.status, self.completed_at)

    @property
    def progress(self) -> object:
        """What changes while one waits."""
        return self.status

    @classmethod
    def of(cls, model: EvaluationModel) -> "Evaluation":
        """Return the evaluation that this model describes. Raises ValueError without an id."""
        return cls(
            id=identified("evaluation", value_or_none(model.id)),
            status=as_text(plain(model, "status_code")),
            overall_passed=value_or_none(model.overall_passed),
            weighted_pass_rate=value_or_none(model.weighted_pass_rate),
            cost=read_money(plain(model, "cost")),
            failure_code=value_or_none(model.failure_code),
            created_at=value_or_none(model.created_at),
            completed_at=value_or_none(model.completed_at),
            raw=model,
        )


def read_evaluation(response: httpx.Response, expected: UUID | None = None) -> Evaluation:
    """Return the evaluation in this answer.

    Raises UnreadableAnswer for one without an id, or with another than `expected`.
    """
    model = parse_leniently(EvaluationModel, read_object(response))
    return Evaluation.of(require_id(response, "evaluation", model, expected))
