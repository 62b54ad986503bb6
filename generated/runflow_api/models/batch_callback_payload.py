"""The schema BatchCallbackPayload."""

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
from ..models.batch_callback_event import BatchCallbackEvent
from ..models.batch_callback_status import BatchCallbackStatus
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class BatchCallbackPayload:
    """What is posted to the callback_url of a batch.

    Attributes:
        event: What happened. The full list is not published.
        status: Terminal status of the batch, in either spelling of canceled.
        completed_at: When it became terminal.
        created_at: When it was created.
        duration_ms: Milliseconds.
        metadata: Your own data. It comes back in the callback.
    """

    batch_id: UUID
    event: BatchCallbackEvent
    status: BatchCallbackStatus
    completed_at: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    metadata: _models.JsonObject | None | Unset = UNSET
    output: _models.BatchCallbackOutput | None | Unset = UNSET
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
            "event": self.event,
            "status": self.status,
            "completed_at": self.completed_at,
            "created_at": self.created_at,
            "duration_ms": self.duration_ms,
            "metadata": self.metadata,
            "output": self.output,
        }


def _fill(model: BatchCallbackPayload, values: Sequence[Any]) -> None:
    (
        model.batch_id,
        model.event,
        model.status,
        model.completed_at,
        model.created_at,
        model.duration_ms,
        model.metadata,
        model.output,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        BatchCallbackPayload,
        _fill,
        {
            "batch_id": _decoding.required("batch_id", _decoding.uuid),
            "event": _decoding.required("event", _decoding.member(BatchCallbackEvent)),
            "status": _decoding.required("status", _decoding.member(BatchCallbackStatus)),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "created_at": _decoding.optional("created_at", _decoding.date_time),
            "duration_ms": _decoding.optional_or_null("duration_ms", _decoding.integer),
            "metadata": _decoding.optional_or_null("metadata", _models.JsonObject.from_dict),
            "output": _decoding.optional_or_null("output", _models.BatchCallbackOutput.from_dict),
        },
    )
