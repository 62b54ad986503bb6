"""A batch and its items as the API shows them: data, without a client inside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_item import BatchItem as BatchItemModel

from .._json import as_object, as_text
from .._redaction import redacted_repr
from .._responses import identified, parse_leniently, plain, read_object, require_id, value_or_none
from . import statuses
from .artifact import BaseArtifact, read_artifacts
from .run import read_money, read_output


@frozen(kw_only=True)
class BaseBatch:
    """One batch, as it was when it was read. What the server left out is None; `raw` has
    every field.

    `status` is the server's own word, as with a run. `client.batches.items(batch.id)` gives its
    items. Pickles and copies are data, as those of a run.
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
        return statuses.is_terminal(self.status, self.completed_at, "batch")

    @property
    def is_partial(self) -> bool:
        """Whether only some of the items succeeded."""
        return self.status == statuses.PARTIAL_SUCCEEDED

    @property
    def progress(self) -> tuple[object, ...]:
        """Status and counts: what changes while one waits."""
        return self.status, self.items_succeeded, self.items_failed, self.items_canceled


@frozen(kw_only=True)
class BaseBatchItem:
    """One item of a batch and what became of its run. What the server left out is None.

    The words are those of a run: `status` is the server's own, ids are text as in `run.id`, `cost`
    is in US dollars. `index` counts from 0, in the order of the inputs. `raw` has every field of
    the document. Pickles and copies are data, as those of a run.
    """

    id: str
    batch_id: str | None
    index: int | None
    run_id: str | None
    status: str | None
    client_ref: str | None
    input: Mapping[str, Any] | None = field(repr=False, hash=False)
    output: Mapping[str, Any] | None = field(repr=False, hash=False)
    cost: Decimal | None
    failure_code: str | None
    failure_message: str | None = field(repr=redacted_repr)
    created_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    raw: BatchItemModel = field(repr=False, hash=False)

    @property
    def outputs(self) -> Sequence[BaseArtifact]:
        """The files that the item's run made so far."""
        return [BaseArtifact(**facts) for facts in artifacts_of(self)]

    @property
    def has_ended(self) -> bool:
        """Whether its run is over, well or not."""
        return statuses.is_terminal(self.status, self.completed_at)

    @property
    def has_output(self) -> bool:
        """Whether it ended with results: all of them, or some (`partial_succeeded`)."""
        return self.status in statuses.ENDED_WITH_OUTPUT

    @property
    def is_partial(self) -> bool:
        """Whether only some of its outputs were made."""
        return self.status == statuses.PARTIAL_SUCCEEDED


def batch_fields(model: BatchModel) -> dict[str, Any]:
    """Return the arguments of BaseBatch for this model. Raises ValueError for one without an id."""
    return {
        "id": identified("batch", value_or_none(model.id)),
        "status": as_text(plain(model, "status_code")),
        "items_total": value_or_none(model.items_total),
        "items_succeeded": value_or_none(model.items_succeeded),
        "items_failed": value_or_none(model.items_failed),
        "items_canceled": value_or_none(model.items_cancelled),
        "cost": read_money(plain(model, "cost")),
        "output": read_output(plain(model, "output")),
        "failure_code": value_or_none(model.failure_code),
        "failure_message": value_or_none(model.failure_message),
        "created_at": value_or_none(model.created_at),
        "completed_at": value_or_none(model.completed_at),
        "raw": model,
    }


def item_fields(model: BatchItemModel) -> dict[str, Any]:
    """Return the arguments of BaseBatchItem. Raises ValueError for one without an id.

    An output that only the run inside the item shows is taken from there.
    """
    run = value_or_none(model.run)
    batch_id, run_id = value_or_none(model.batch_id), value_or_none(model.run_id)
    output = plain(model, "output")
    if output is None and run is not None:
        output = plain(run, "output")
    failure = as_object(plain(model, "error")) or {}
    return {
        "id": identified("batch item", value_or_none(model.id)),
        "batch_id": None if batch_id is None else str(batch_id),
        "index": value_or_none(model.sequence_index),
        "run_id": None if run_id is None else str(run_id),
        "status": as_text(plain(model, "status_code")),
        "client_ref": value_or_none(model.client_ref),
        "input": as_object(plain(model, "input_")),
        "output": read_output(output),
        "cost": read_money(plain(model, "cost")),
        "failure_code": as_text(failure.get("code")),
        "failure_message": as_text(failure.get("message")),
        "created_at": value_or_none(model.created_at),
        "started_at": value_or_none(model.started_at),
        "completed_at": value_or_none(model.completed_at),
        "raw": model,
    }


def artifacts_of(item: BaseBatchItem) -> list[dict[str, Any]]:
    """Return the arguments of an artifact for each file of the item."""
    return [{**facts, "run_id": item.run_id or ""} for facts in read_artifacts(item.output)]


def read_batch(response: httpx.Response, expected: UUID | None = None) -> BatchModel:
    """Return the batch in this answer, as far as it keeps to the document.

    Raises UnreadableAnswer where there is not even an id, or another one than `expected`.
    """
    model = parse_leniently(BatchModel, read_object(response))
    return require_id(response, "batch", model, expected)
