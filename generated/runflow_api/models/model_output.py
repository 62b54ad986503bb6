"""The schema ModelOutput."""

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
class ModelOutput:
    """A declared output of a model.

    Attributes:
        created_at: When it was created.
    """

    created_at: datetime.datetime | None | Unset = UNSET
    description: str | None | Unset = UNSET
    display_name: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    model_id: UUID | None | Unset = UNSET
    name: str | None | Unset = UNSET
    sort_order: int | None | Unset = UNSET
    validator_attrs: _models.JsonObject | None | Unset = UNSET
    validator_code: str | None | Unset = UNSET
    variable_type_code: str | None | Unset = UNSET
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
            "created_at": self.created_at,
            "description": self.description,
            "display_name": self.display_name,
            "id": self.id,
            "model_id": self.model_id,
            "name": self.name,
            "sort_order": self.sort_order,
            "validator_attrs": self.validator_attrs,
            "validator_code": self.validator_code,
            "variable_type_code": self.variable_type_code,
        }


def _fill(model: ModelOutput, values: Sequence[Any]) -> None:
    (
        model.created_at,
        model.description,
        model.display_name,
        model.id,
        model.model_id,
        model.name,
        model.sort_order,
        model.validator_attrs,
        model.validator_code,
        model.variable_type_code,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        ModelOutput,
        _fill,
        {
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "display_name": _decoding.optional_or_null("display_name", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "model_id": _decoding.optional_or_null("model_id", _decoding.uuid),
            "name": _decoding.optional_or_null("name", _decoding.text),
            "sort_order": _decoding.optional_or_null("sort_order", _decoding.integer),
            "validator_attrs": _decoding.optional_or_null("validator_attrs", _models.JsonObject.from_dict),
            "validator_code": _decoding.optional_or_null("validator_code", _decoding.text),
            "variable_type_code": _decoding.optional_or_null("variable_type_code", _decoding.text),
        },
    )
