"""The schema Flow."""

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
class Flow:
    """The flow that a run belongs to."""

    cover_url: str | None | Unset = UNSET
    description: str | None | Unset = UNSET
    flow_type_code: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    name: str | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    slug: str | None | Unset = UNSET
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
            "cover_url": self.cover_url,
            "description": self.description,
            "flow_type_code": self.flow_type_code,
            "id": self.id,
            "name": self.name,
            "org_id": self.org_id,
            "slug": self.slug,
        }


def _fill(model: Flow, values: Sequence[Any]) -> None:
    (
        model.cover_url,
        model.description,
        model.flow_type_code,
        model.id,
        model.name,
        model.org_id,
        model.slug,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Flow,
        _fill,
        {
            "cover_url": _decoding.optional_or_null("cover_url", _decoding.text),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "flow_type_code": _decoding.optional_or_null("flow_type_code", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "name": _decoding.optional_or_null("name", _decoding.text),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "slug": _decoding.optional_or_null("slug", _decoding.text),
        },
    )
