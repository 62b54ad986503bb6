"""The schema UserProfile."""

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
class UserProfile:
    """The user of the key."""

    avatar_url: str | None
    email: str
    email_verified_at: datetime.datetime | None
    first_name: str | None
    id: UUID
    last_name: str | None
    locale_code: str | None
    timezone: str | None
    memberships: list[_models.MembershipContext] | None | Unset = UNSET
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
            "email_verified_at": self.email_verified_at,
            "first_name": self.first_name,
            "id": self.id,
            "last_name": self.last_name,
            "locale_code": self.locale_code,
            "timezone": self.timezone,
            "memberships": self.memberships,
        }


def _fill(model: UserProfile, values: Sequence[Any]) -> None:
    (
        model.avatar_url,
        model.email,
        model.email_verified_at,
        model.first_name,
        model.id,
        model.last_name,
        model.locale_code,
        model.timezone,
        model.memberships,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        UserProfile,
        _fill,
        {
            "avatar_url": _decoding.required_or_null("avatar_url", _decoding.text),
            "email": _decoding.required("email", _decoding.text),
            "email_verified_at": _decoding.required_or_null("email_verified_at", _decoding.date_time),
            "first_name": _decoding.required_or_null("first_name", _decoding.text),
            "id": _decoding.required("id", _decoding.uuid),
            "last_name": _decoding.required_or_null("last_name", _decoding.text),
            "locale_code": _decoding.required_or_null("locale_code", _decoding.text),
            "timezone": _decoding.required_or_null("timezone", _decoding.text),
            "memberships": _decoding.optional_or_null(
                "memberships", _decoding.list_of(_models.MembershipContext.from_dict)
            ),
        },
    )
