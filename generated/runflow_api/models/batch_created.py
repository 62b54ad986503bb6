"""The schema BatchCreated."""

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
from ..models.batch_status import BatchStatus
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class BatchCreated:
    """A batch as it was created.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        metadata: Your own data. It comes back in the callback.
        started_at: When the work began.
    """

    callback_url: str | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    items: list[_models.BatchItemHandle] | None | Unset = UNSET
    items_cancelled: int | None | Unset = UNSET
    items_failed: int | None | Unset = UNSET
    items_succeeded: int | None | Unset = UNSET
    items_total: int | None | Unset = UNSET
    metadata: _models.JsonObject | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    status_code: BatchStatus | None | Unset = UNSET
    target_id: UUID | None | Unset = UNSET
    target_type: str | None | Unset = UNSET
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
            "callback_url": self.callback_url,
            "completed_at": self.completed_at,
            "cost": self.cost,
            "created_at": self.created_at,
            "id": self.id,
            "items": self.items,
            "items_cancelled": self.items_cancelled,
            "items_failed": self.items_failed,
            "items_succeeded": self.items_succeeded,
            "items_total": self.items_total,
            "metadata": self.metadata,
            "output": self.output,
            "started_at": self.started_at,
            "status_code": self.status_code,
            "target_id": self.target_id,
            "target_type": self.target_type,
        }


def _fill(model: BatchCreated, values: Sequence[Any]) -> None:
    (
        model.callback_url,
        model.completed_at,
        model.cost,
        model.created_at,
        model.id,
        model.items,
        model.items_cancelled,
        model.items_failed,
        model.items_succeeded,
        model.items_total,
        model.metadata,
        model.output,
        model.started_at,
        model.status_code,
        model.target_id,
        model.target_type,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        BatchCreated,
        _fill,
        {
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "items": _decoding.optional_or_null("items", _decoding.list_of(_models.BatchItemHandle.from_dict)),
            "items_cancelled": _decoding.optional_or_null("items_cancelled", _decoding.integer),
            "items_failed": _decoding.optional_or_null("items_failed", _decoding.integer),
            "items_succeeded": _decoding.optional_or_null("items_succeeded", _decoding.integer),
            "items_total": _decoding.optional_or_null("items_total", _decoding.integer),
            "metadata": _decoding.optional_or_null("metadata", _models.JsonObject.from_dict),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "started_at": _decoding.optional_or_null("started_at", _decoding.date_time),
            "status_code": _decoding.optional_or_null("status_code", _decoding.member(BatchStatus)),
            "target_id": _decoding.optional_or_null("target_id", _decoding.uuid),
            "target_type": _decoding.optional_or_null("target_type", _decoding.text),
        },
    )
