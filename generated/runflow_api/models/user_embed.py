"""The schema UserEmbed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self
from uuid import UUID

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class UserEmbed:
    """A user, in short."""

    avatar_url: str | None | Unset = UNSET
    email: str | None | Unset = UNSET
    first_name: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    last_name: str | None | Unset = UNSET
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
            "avatar_url": self.avatar_url,
            "email": self.email,
            "first_name": self.first_name,
            "id": self.id,
            "last_name": self.last_name,
        }


def _fill(model: UserEmbed, values: Sequence[Any]) -> None:
    (
        model.avatar_url,
        model.email,
        model.first_name,
        model.id,
        model.last_name,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        UserEmbed,
        _fill,
        {
            "avatar_url": _decoding.optional_or_null("avatar_url", _decoding.text),
            "email": _decoding.optional_or_null("email", _decoding.text),
            "first_name": _decoding.optional_or_null("first_name", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "last_name": _decoding.optional_or_null("last_name", _decoding.text),
        },
    )
