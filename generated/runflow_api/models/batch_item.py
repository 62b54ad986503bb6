"""The schema BatchItem."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self
from uuid import UUID

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from .. import models as _models
from ..models.batch_item_status import BatchItemStatus
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class BatchItem:
    """One item of a batch and its run.

    Attributes:
        client_ref: Your own reference.
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        input_: What goes in.
        started_at: When the work began.
    """

    batch_id: UUID | None | Unset = UNSET
    client_ref: str | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    error: _models.JsonObject | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_: _models.JsonObject | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    run: _models.Run | None | Unset = UNSET
    run_id: UUID | None | Unset = UNSET
    sequence_index: int | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    status_code: BatchItemStatus | None | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: every field that is set, and additional_properties."""
        return _encoding.json_object(self._named(), self.additional_properties)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read a JSON object.

        Raises:
            DecodingError: it is not an object, a required field is missing, or a value is of another kind.
        """
        return _fields().read(cls, source)

    @classmethod
    def from_part(cls, source: Mapping[str, Any]) -> Self:
        """Read what can be read of a JSON object: the rest is kept in additional_properties as it came.

        A required field that is missing is UNSET.

        Raises:
            DecodingError: it is not an object.
        """
        return _fields().read_part(cls, source)

    def __repr__(self) -> str:
        return _representation(self)

    def _named(self) -> dict[str, Any]:
        return {
            "batch_id": self.batch_id,
            "client_ref": self.client_ref,
            "completed_at": self.completed_at,
            "cost": self.cost,
            "created_at": self.created_at,
            "error": self.error,
            "id": self.id,
            "input": self.input_,
            "output": self.output,
            "run": self.run,
            "run_id": self.run_id,
            "sequence_index": self.sequence_index,
            "started_at": self.started_at,
            "status_code": self.status_code,
        }


def _fill(model: BatchItem, values: Sequence[Any]) -> None:
    (
        model.batch_id,
        model.client_ref,
        model.completed_at,
        model.cost,
        model.created_at,
        model.error,
        model.id,
        model.input_,
        model.output,
        model.run,
        model.run_id,
        model.sequence_index,
        model.started_at,
        model.status_code,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        BatchItem,
        _fill,
        {
            "batch_id": _decoding.optional_or_null("batch_id", _decoding.uuid),
            "client_ref": _decoding.optional_or_null("client_ref", _decoding.text),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "error": _decoding.optional_or_null("error", _models.JsonObject.from_dict),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input": _decoding.optional_or_null("input_", _models.JsonObject.from_dict),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "run": _decoding.optional_or_null("run", _models.Run.from_dict),
            "run_id": _decoding.optional_or_null("run_id", _decoding.uuid),
            "sequence_index": _decoding.optional_or_null("sequence_index", _decoding.integer),
            "started_at": _decoding.optional_or_null("started_at", _decoding.date_time),
            "status_code": _decoding.optional_or_null("status_code", _decoding.member(BatchItemStatus)),
        },
    )
