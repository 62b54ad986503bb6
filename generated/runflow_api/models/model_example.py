"""The schema ModelExample."""

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
class ModelExample:
    """A run to show what a model does.

    Attributes:
        cost: Price, as a decimal string.
        created_at: When it was created.
        duration_ms: Milliseconds.
        input_: What goes in.
        updated_at: When it was changed last.
    """

    category_code: str | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    description: str | None | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_: _models.JsonObject | None | Unset = UNSET
    is_featured: bool | None | Unset = UNSET
    is_public: bool | None | Unset = UNSET
    model_id: UUID | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    ran_at: datetime.datetime | None | Unset = UNSET
    sort_order: int | None | Unset = UNSET
    start_type: str | None | Unset = UNSET
    status_code: int | None | Unset = UNSET
    thumbnail_url: str | None | Unset = UNSET
    timing: _models.JsonObject | None | Unset = UNSET
    title: str | None | Unset = UNSET
    total_ms: int | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
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
            "category_code": self.category_code,
            "cost": self.cost,
            "created_at": self.created_at,
            "description": self.description,
            "duration_ms": self.duration_ms,
            "id": self.id,
            "input": self.input_,
            "is_featured": self.is_featured,
            "is_public": self.is_public,
            "model_id": self.model_id,
            "output": self.output,
            "ran_at": self.ran_at,
            "sort_order": self.sort_order,
            "start_type": self.start_type,
            "status_code": self.status_code,
            "thumbnail_url": self.thumbnail_url,
            "timing": self.timing,
            "title": self.title,
            "total_ms": self.total_ms,
            "updated_at": self.updated_at,
        }


def _fill(model: ModelExample, values: Sequence[Any]) -> None:
    (
        model.category_code,
        model.cost,
        model.created_at,
        model.description,
        model.duration_ms,
        model.id,
        model.input_,
        model.is_featured,
        model.is_public,
        model.model_id,
        model.output,
        model.ran_at,
        model.sort_order,
        model.start_type,
        model.status_code,
        model.thumbnail_url,
        model.timing,
        model.title,
        model.total_ms,
        model.updated_at,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        ModelExample,
        _fill,
        {
            "category_code": _decoding.optional_or_null("category_code", _decoding.text),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "duration_ms": _decoding.optional_or_null("duration_ms", _decoding.integer),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input": _decoding.optional_or_null("input_", _models.JsonObject.from_dict),
            "is_featured": _decoding.optional_or_null("is_featured", _decoding.boolean),
            "is_public": _decoding.optional_or_null("is_public", _decoding.boolean),
            "model_id": _decoding.optional_or_null("model_id", _decoding.uuid),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "ran_at": _decoding.optional_or_null("ran_at", _decoding.date_time),
            "sort_order": _decoding.optional_or_null("sort_order", _decoding.integer),
            "start_type": _decoding.optional_or_null("start_type", _decoding.text),
            "status_code": _decoding.optional_or_null("status_code", _decoding.integer),
            "thumbnail_url": _decoding.optional_or_null("thumbnail_url", _decoding.text),
            "timing": _decoding.optional_or_null("timing", _models.JsonObject.from_dict),
            "title": _decoding.optional_or_null("title", _decoding.text),
            "total_ms": _decoding.optional_or_null("total_ms", _decoding.integer),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
        },
    )
