"""The schema ModelCreator."""

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
class ModelCreator:
    """Who made models.

    Attributes:
        created_at: When it was created.
        updated_at: When it was changed last.
    """

    avatar_url: str | None | Unset = UNSET
    claimed_by_org_id: UUID | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    description: str | None | Unset = UNSET
    display_name: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    models: list[_models.Model] | None | Unset = UNSET
    slug: str | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    website_url: str | None | Unset = UNSET
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
            "claimed_by_org_id": self.claimed_by_org_id,
            "created_at": self.created_at,
            "description": self.description,
            "display_name": self.display_name,
            "id": self.id,
            "models": self.models,
            "slug": self.slug,
            "updated_at": self.updated_at,
            "website_url": self.website_url,
        }


def _fill(model: ModelCreator, values: Sequence[Any]) -> None:
    (
        model.avatar_url,
        model.claimed_by_org_id,
        model.created_at,
        model.description,
        model.display_name,
        model.id,
        model.models,
        model.slug,
        model.updated_at,
        model.website_url,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        ModelCreator,
        _fill,
        {
            "avatar_url": _decoding.optional_or_null("avatar_url", _decoding.text),
            "claimed_by_org_id": _decoding.optional_or_null("claimed_by_org_id", _decoding.uuid),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "display_name": _decoding.optional_or_null("display_name", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "models": _decoding.optional_or_null("models", _decoding.list_of(_models.Model.from_dict)),
            "slug": _decoding.optional_or_null("slug", _decoding.text),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
            "website_url": _decoding.optional_or_null("website_url", _decoding.text),
        },
    )
