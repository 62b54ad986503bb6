"""A batch as the API shows it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_status import BatchStatus

from .. import _statuses as statuses
from .._json import as_text
from .._redaction import redacted_repr
from .._responses import identified, parse_leniently, plain, read_object, require_id, value_or_none
from .run import read_money, read_output


@frozen(kw_only=True)
class Batch:
    """One batch, as it was when it was read. What the server left out is None; `raw` has
    every field.

    `status` is the server's own word. The runs' ids and statuses are in `raw.items`.
    """

    id: str
    status: str | None
    items_total: int | None
    items_succeeded: int | None
    items_failed: int | None
    items_canceled: int | None
    cost: Decimal | None
    output: Mapping[str, Any] | None = field(repr=False, hash=False)
    failure_code: str | None
    failure_message: str | None = field(repr=redacted_repr)
    created_at: datetime | None
    completed_at: datetime | None
    raw: BatchModel = field(repr=False, hash=False)

    @property
    def has_ended(self) -> bool:
        """Whether every item is over, well or not."""
        return statuses.is_terminal(self.status, self.completed_at, BatchStatus)

    @property
    def is_partial(self) -> bool:
        """Whether only some of the items succeeded."""
        return self.status == statuses.PARTIAL_SUCCEEDED

    @property
    def progress(self) -> tuple[object, ...]:
        """Status and counts: what changes while one waits."""
        return self.status, self.items_succeeded, self.items_failed, self.items_canceled

    @classmethod
    def of(cls, model: BatchModel) -> "Batch":
        """Return the batch that this model describes. Raises ValueError for one without an id."""
        return cls(
            id=identified("batch", value_or_none(model.id)),
            status=as_text(plain(model, "status_code")),
            items_total=value_or_none(model.items_total),
            items_succeeded=value_or_none(model.items_succeeded),
            items_failed=value_or_none(model.items_failed),
            items_canceled=value_or_none(model.items_cancelled),
            cost=read_money(plain(model, "cost")),
            output=read_output(plain(model, "output")),
            failure_code=value_or_none(model.failure_code),
            failure_message=value_or_none(model.failure_message),
            created_at=value_or_none(model.created_at),
            completed_at=value_or_none(model.completed_at),
            raw=model,
        )


def read_batch(response: httpx.Response, expected: UUID | None = None) -> Batch:
    """Return the batch in this answer. Raises UnreadableAnswer where there is not even an id, or
    another one than `expected`.
    """
    model = parse_leniently(BatchModel, read_object(response))
    return Batch.of(require_id(response, "batch", model, expected))
