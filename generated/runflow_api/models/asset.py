"""The schema Asset."""

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
class Asset:
    """A stored file.

    Attributes:
        created_at: When it was created.
        mime_type: Media type, such as image/png.
        size_bytes: Bytes.
        updated_at: When it was changed last.
        url: Where to read the bytes. It is signed and does not last.
    """

    asset_type: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    created_by: UUID | None | Unset = UNSET
    created_by_user: _models.UserEmbed | None | Unset = UNSET
    deleted_at: datetime.datetime | None | Unset = UNSET
    deleted_by: UUID | None | Unset = UNSET
    folder_id: UUID | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    mime_type: str | None | Unset = UNSET
    name: str | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    r2_key: str | None | Unset = UNSET
    size_bytes: int | None | Unset = UNSET
    source_id: str | None | Unset = UNSET
    source_type: str | None | Unset = UNSET
    thumbnail_url: str | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    url: str | None | Unset = UNSET
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
            "asset_type": self.asset_type,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "created_by_user": self.created_by_user,
            "deleted_at": self.deleted_at,
            "deleted_by": self.deleted_by,
            "folder_id": self.folder_id,
            "id": self.id,
            "mime_type": self.mime_type,
            "name": self.name,
            "org_id": self.org_id,
            "r2_key": self.r2_key,
            "size_bytes": self.size_bytes,
            "source_id": self.source_id,
            "source_type": self.source_type,
            "thumbnail_url": self.thumbnail_url,
            "updated_at": self.updated_at,
            "url": self.url,
        }


def _fill(model: Asset, values: Sequence[Any]) -> None:
    (
        model.asset_type,
        model.created_at,
        model.created_by,
        model.created_by_user,
        model.deleted_at,
        model.deleted_by,
        model.folder_id,
        model.id,
        model.mime_type,
        model.name,
        model.org_id,
        model.r2_key,
        model.size_bytes,
        model.source_id,
        model.source_type,
        model.thumbnail_url,
        model.updated_at,
        model.url,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Asset,
        _fill,
        {
            "asset_type": _decoding.optional_or_null("asset_type", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "created_by": _decoding.optional_or_null("created_by", _decoding.uuid),
            "created_by_user": _decoding.optional_or_null("created_by_user", _models.UserEmbed.from_dict),
            "deleted_at": _decoding.optional_or_null("deleted_at", _decoding.date_time),
            "deleted_by": _decoding.optional_or_null("deleted_by", _decoding.uuid),
            "folder_id": _decoding.optional_or_null("folder_id", _decoding.uuid),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "mime_type": _decoding.optional_or_null("mime_type", _decoding.text),
            "name": _decoding.optional_or_null("name", _decoding.text),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "r2_key": _decoding.optional_or_null("r2_key", _decoding.text),
            "size_bytes": _decoding.optional_or_null("size_bytes", _decoding.integer),
            "source_id": _decoding.optional_or_null("source_id", _decoding.text),
            "source_type": _decoding.optional_or_null("source_type", _decoding.text),
            "thumbnail_url": _decoding.optional_or_null("thumbnail_url", _decoding.text),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
            "url": _decoding.optional_or_null("url", _decoding.text),
        },
    )
