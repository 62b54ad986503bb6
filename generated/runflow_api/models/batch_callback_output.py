"""The schema BatchCallbackOutput."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from .. import models as _models
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class BatchCallbackOutput:
    """The items of a terminal batch and how many of them went which way."""

    cancelled: int | None | Unset = UNSET
    failed: int | None | Unset = UNSET
    items: list[_models.JsonObject] | None | Unset = UNSET
    succeeded: int | None | Unset = UNSET
    total: int | None | Unset = UNSET
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
            "cancelled": self.cancelled,
            "failed": self.failed,
            "items": self.items,
            "succeeded": self.succeeded,
            "total": self.total,
        }


def _fill(model: BatchCallbackOutput, values: Sequence[Any]) -> None:
    (
        model.cancelled,
        model.failed,
        model.items,
        model.succeeded,
        model.total,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        BatchCallbackOutput,
        _fill,
        {
            "cancelled": _decoding.optional_or_null("cancelled", _decoding.integer),
            "failed": _decoding.optional_or_null("failed", _decoding.integer),
            "items": _decoding.optional_or_null("items", _decoding.list_of(_models.JsonObject.from_dict)),
            "succeeded": _decoding.optional_or_null("succeeded", _decoding.integer),
            "total": _decoding.optional_or_null("total", _decoding.integer),
        },
    )
