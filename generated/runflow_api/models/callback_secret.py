"""The schema CallbackSecret."""

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
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class CallbackSecret:
    """A secret that signs callbacks, without the secret itself.

    Attributes:
        created_at: When it was created.
        is_current: Whether it is the one that signs.
        key_prefix: The first characters of the secret.
        updated_at: When it was changed last.
    """

    created_at: datetime.datetime | None | Unset = UNSET
    disabled_at: datetime.datetime | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    is_current: bool | None | Unset = UNSET
    key_prefix: str | None | Unset = UNSET
    label: str | None | Unset = UNSET
    last_used_at: datetime.datetime | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
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
            "created_at": self.created_at,
            "disabled_at": self.disabled_at,
            "id": self.id,
            "is_current": self.is_current,
            "key_prefix": self.key_prefix,
            "label": self.label,
            "last_used_at": self.last_used_at,
            "org_id": self.org_id,
            "updated_at": self.updated_at,
        }


def _fill(model: CallbackSecret, values: Sequence[Any]) -> None:
    (
        model.created_at,
        model.disabled_at,
        model.id,
        model.is_current,
        model.key_prefix,
        model.label,
        model.last_used_at,
        model.org_id,
        model.updated_at,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        CallbackSecret,
        _fill,
        {
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "disabled_at": _decoding.optional_or_null("disabled_at", _decoding.date_time),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "is_current": _decoding.optional_or_null("is_current", _decoding.boolean),
            "key_prefix": _decoding.optional_or_null("key_prefix", _decoding.text),
            "label": _decoding.optional_or_null("label", _decoding.text),
            "last_used_at": _decoding.optional_or_null("last_used_at", _decoding.date_time),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
        },
    )
