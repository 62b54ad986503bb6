"""The schema FlowNodeRun."""

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
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class FlowNodeRun:
    """One step of a run.

    Attributes:
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        duration_ms: Milliseconds.
        input_: What goes in.
        started_at: When the work began.
        state_code: Where the step stands. The list is not published.
    """

    completed_at: datetime.datetime | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    error_message: str | None | Unset = UNSET
    flow_id: UUID | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_: _models.JsonObject | None | Unset = UNSET
    input_signature: str | None | Unset = UNSET
    node_id: UUID | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    preview_type: str | None | Unset = UNSET
    preview_value: str | None | Unset = UNSET
    retry_count: int | None | Unset = UNSET
    run_id: UUID | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    state_code: str | None | Unset = UNSET
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
            "completed_at": self.completed_at,
            "cost": self.cost,
            "created_at": self.created_at,
            "duration_ms": self.duration_ms,
            "error_message": self.error_message,
            "flow_id": self.flow_id,
            "id": self.id,
            "input": self.input_,
            "input_signature": self.input_signature,
            "node_id": self.node_id,
            "output": self.output,
            "preview_type": self.preview_type,
            "preview_value": self.preview_value,
            "retry_count": self.retry_count,
            "run_id": self.run_id,
            "started_at": self.started_at,
            "state_code": self.state_code,
        }


def _fill(model: FlowNodeRun, values: Sequence[Any]) -> None:
    (
        model.completed_at,
        model.cost,
        model.created_at,
        model.duration_ms,
        model.error_message,
        model.flow_id,
        model.id,
        model.input_,
        model.input_signature,
        model.node_id,
        model.output,
        model.preview_type,
        model.preview_value,
        model.retry_count,
        model.run_id,
        model.started_at,
        model.state_code,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        FlowNodeRun,
        _fill,
        {
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "duration_ms": _decoding.optional_or_null("duration_ms", _decoding.integer),
            "error_message": _decoding.optional_or_null("error_message", _decoding.text),
            "flow_id": _decoding.optional_or_null("flow_id", _decoding.uuid),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input": _decoding.optional_or_null("input_", _models.JsonObject.from_dict),
            "input_signature": _decoding.optional_or_null("input_signature", _decoding.text),
            "node_id": _decoding.optional_or_null("node_id", _decoding.uuid),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "preview_type": _decoding.optional_or_null("preview_type", _decoding.text),
            "preview_value": _decoding.optional_or_null("preview_value", _decoding.text),
            "retry_count": _decoding.optional_or_null("retry_count", _decoding.integer),
            "run_id": _decoding.optional_or_null("run_id", _decoding.uuid),
            "started_at": _decoding.optional_or_null("started_at", _decoding.date_time),
            "state_code": _decoding.optional_or_null("state_code", _decoding.text),
        },
    )
