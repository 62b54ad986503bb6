"""The schema Batch."""

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
class Batch:
    """Many runs of one model.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        duration_ms: Milliseconds.
        failure_code: Why it failed, for programs.
        failure_message: Why it failed, for people.
        failure_stage_code: Where it failed. The full list is not published.
        input_: What goes in.
        metadata: Your own data. It comes back in the callback.
        source_code: Where it was started from. The full list is not published.
        started_at: When the work began.
    """

    callback_url: str | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    created_by: UUID | None | Unset = UNSET
    dispatch_provider_link_id: UUID | None | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    failure_code: str | None | Unset = UNSET
    failure_message: str | None | Unset = UNSET
    failure_stage_code: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_: list[_models.JsonObject] | None | Unset = UNSET
    items: list[_models.BatchItemHandle] | None | Unset = UNSET
    items_cancelled: int | None | Unset = UNSET
    items_failed: int | None | Unset = UNSET
    items_succeeded: int | None | Unset = UNSET
    items_total: int | None | Unset = UNSET
    links: _models.JsonObject | None | Unset = UNSET
    metadata: _models.JsonObject | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    resolved_template_id: UUID | None | Unset = UNSET
    source_code: str | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    status_code: BatchStatus | None | Unset = UNSET
    target_id: UUID | None | Unset = UNSET
    target_type: str | None | Unset = UNSET
    target_type_code: str | None | Unset = UNSET
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
            "created_by": self.created_by,
            "dispatch_provider_link_id": self.dispatch_provider_link_id,
            "duration_ms": self.duration_ms,
            "failure_code": self.failure_code,
            "failure_message": self.failure_message,
            "failure_stage_code": self.failure_stage_code,
            "id": self.id,
            "input": self.input_,
            "items": self.items,
            "items_cancelled": self.items_cancelled,
            "items_failed": self.items_failed,
            "items_succeeded": self.items_succeeded,
            "items_total": self.items_total,
            "links": self.links,
            "metadata": self.metadata,
            "org_id": self.org_id,
            "output": self.output,
            "resolved_template_id": self.resolved_template_id,
            "source_code": self.source_code,
            "started_at": self.started_at,
            "status_code": self.status_code,
            "target_id": self.target_id,
            "target_type": self.target_type,
            "target_type_code": self.target_type_code,
        }


def _fill(model: Batch, values: Sequence[Any]) -> None:
    (
        model.callback_url,
        model.completed_at,
        model.cost,
        model.created_at,
        model.created_by,
        model.dispatch_provider_link_id,
        model.duration_ms,
        model.failure_code,
        model.failure_message,
        model.failure_stage_code,
        model.id,
        model.input_,
        model.items,
        model.items_cancelled,
        model.items_failed,
        model.items_succeeded,
        model.items_total,
        model.links,
        model.metadata,
        model.org_id,
        model.output,
        model.resolved_template_id,
        model.source_code,
        model.started_at,
        model.status_code,
        model.target_id,
        model.target_type,
        model.target_type_code,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Batch,
        _fill,
        {
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "created_by": _decoding.optional_or_null("created_by", _decoding.uuid),
            "dispatch_provider_link_id": _decoding.optional_or_null("dispatch_provider_link_id", _decoding.uuid),
            "duration_ms": _decoding.optional_or_null("duration_ms", _decoding.integer),
            "failure_code": _decoding.optional_or_null("failure_code", _decoding.text),
            "failure_message": _decoding.optional_or_null("failure_message", _decoding.text),
            "failure_stage_code": _decoding.optional_or_null("failure_stage_code", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input": _decoding.optional_or_null("input_", _decoding.list_of(_models.JsonObject.from_dict)),
            "items": _decoding.optional_or_null("items", _decoding.list_of(_models.BatchItemHandle.from_dict)),
            "items_cancelled": _decoding.optional_or_null("items_cancelled", _decoding.integer),
            "items_failed": _decoding.optional_or_null("items_failed", _decoding.integer),
            "items_succeeded": _decoding.optional_or_null("items_succeeded", _decoding.integer),
            "items_total": _decoding.optional_or_null("items_total", _decoding.integer),
            "links": _decoding.optional_or_null("links", _models.JsonObject.from_dict),
            "metadata": _decoding.optional_or_null("metadata", _models.JsonObject.from_dict),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "resolved_template_id": _decoding.optional_or_null("resolved_template_id", _decoding.uuid),
            "source_code": _decoding.optional_or_null("source_code", _decoding.text),
            "started_at": _decoding.optional_or_null("started_at", _decoding.date_time),
            "status_code": _decoding.optional_or_null("status_code", _decoding.member(BatchStatus)),
            "target_id": _decoding.optional_or_null("target_id", _decoding.uuid),
            "target_type": _decoding.optional_or_null("target_type", _decoding.text),
            "target_type_code": _decoding.optional_or_null("target_type_code", _decoding.text),
        },
    )
