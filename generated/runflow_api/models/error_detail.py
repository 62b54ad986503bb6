"""The schema ErrorDetail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class ErrorDetail:
    """One value that is not valid.

    Attributes:
        loc: The way to the value: names and indexes.
        msg: What is wrong with it.
        type_: The rule that it breaks.
    """

    loc: list[int | str] | Unset = UNSET
    msg: str | Unset = UNSET
    type_: str | Unset = UNSET
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
            "loc": self.loc,
            "msg": self.msg,
            "type": self.type_,
        }


def _fill(model: ErrorDetail, values: Sequence[Any]) -> None:
    (
        model.loc,
        model.msg,
        model.type_,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        ErrorDetail,
        _fill,
        {
            "loc": _decoding.optional("loc", _decoding.list_of(_decoding.either(_decoding.integer, _decoding.text))),
            "msg": _decoding.optional("msg", _decoding.text),
            "type": _decoding.optional("type_", _decoding.text),
        },
    )
