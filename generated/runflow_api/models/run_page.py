"""The schema RunPage."""

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
class RunPage:
    """A page of runs.

    Attributes:
        items: What is on this page.
        first: Cursor of the first page.
        next_: Cursor of the next page. Null on the last one.
        previous: Cursor of the page before. Null on the first one.
    """

    items: list[_models.Run]
    first: str | None | Unset = UNSET
    next_: str | None | Unset = UNSET
    previous: str | None | Unset = UNSET
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
            "items": self.items,
            "first": self.first,
            "next": self.next_,
            "previous": self.previous,
        }


def _fill(model: RunPage, values: Sequence[Any]) -> None:
    (
        model.items,
        model.first,
        model.next_,
        model.previous,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        RunPage,
        _fill,
        {
            "items": _decoding.required("items", _decoding.list_of(_models.Run.from_dict)),
            "first": _decoding.optional_or_null("first", _decoding.text),
            "next": _decoding.optional_or_null("next_", _decoding.text),
            "previous": _decoding.optional_or_null("previous", _decoding.text),
        },
    )
