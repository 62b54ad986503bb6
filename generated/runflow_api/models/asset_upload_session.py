"""The schema AssetUploadSession."""

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


@_define(kw_only=True, repr=False)
class AssetUploadSession:
    """Where to put the bytes of an upload.

    Attributes:
        asset_id: Confirm the upload by this id; the asset has it, too.
        upload_url: Put the bytes here. It holds a signature: do not log it.
    """

    asset_id: UUID
    upload_url: str
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
        return _representation(self, secret=("upload_url",))

    def _named(self) -> dict[str, Any]:
        return {
            "asset_id": self.asset_id,
            "upload_url": self.upload_url,
        }


def _fill(model: AssetUploadSession, values: Sequence[Any]) -> None:
    (
        model.asset_id,
        model.upload_url,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        AssetUploadSession,
        _fill,
        {
            "asset_id": _decoding.required("asset_id", _decoding.uuid),
            "upload_url": _decoding.required("upload_url", _decoding.text),
        },
    )
