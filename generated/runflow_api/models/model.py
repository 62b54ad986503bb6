"""The schema Model."""

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
class Model:
    """A model of the catalog.

    Attributes:
        created_at: When it was created.
        updated_at: When it was changed last.
    """

    architecture: str | None | Unset = UNSET
    availability_status: str | None | Unset = UNSET
    category_code: str | None | Unset = UNSET
    content: str | None | Unset = UNSET
    cover_url: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    created_by: UUID | None | Unset = UNSET
    deleted_at: datetime.datetime | None | Unset = UNSET
    deleted_by: UUID | None | Unset = UNSET
    description: str | None | Unset = UNSET
    family_id: UUID | None | Unset = UNSET
    family_variant_code: str | None | Unset = UNSET
    fine_tuning: bool | None | Unset = UNSET
    github_url: str | None | Unset = UNSET
    icon_url: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    inputs: list[_models.ModelInput] | None | Unset = UNSET
    is_official: bool | None | Unset = UNSET
    is_open_source: bool | None | Unset = UNSET
    is_public: bool | None | Unset = UNSET
    license_code: str | None | Unset = UNSET
    lora_support: bool | None | Unset = UNSET
    max_resolution: str | None | Unset = UNSET
    model_creator_id: UUID | None | Unset = UNSET
    name: str | None | Unset = UNSET
    notable_features: list[Any] | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    outputs: list[_models.ModelOutput] | None | Unset = UNSET
    paper_url: str | None | Unset = UNSET
    param_count: str | None | Unset = UNSET
    pricing_note: str | None | Unset = UNSET
    seo: _models.JsonObject | None | Unset = UNSET
    slug: str | None | Unset = UNSET
    status_code: str | None | Unset = UNSET
    supports_streaming: bool | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    version: str | None | Unset = UNSET
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
            "architecture": self.architecture,
            "availability_status": self.availability_status,
            "category_code": self.category_code,
            "content": self.content,
            "cover_url": self.cover_url,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "deleted_at": self.deleted_at,
            "deleted_by": self.deleted_by,
            "description": self.description,
            "family_id": self.family_id,
            "family_variant_code": self.family_variant_code,
            "fine_tuning": self.fine_tuning,
            "github_url": self.github_url,
            "icon_url": self.icon_url,
            "id": self.id,
            "inputs": self.inputs,
            "is_official": self.is_official,
            "is_open_source": self.is_open_source,
            "is_public": self.is_public,
            "license_code": self.license_code,
            "lora_support": self.lora_support,
            "max_resolution": self.max_resolution,
            "model_creator_id": self.model_creator_id,
            "name": self.name,
            "notable_features": self.notable_features,
            "org_id": self.org_id,
            "outputs": self.outputs,
            "paper_url": self.paper_url,
            "param_count": self.param_count,
            "pricing_note": self.pricing_note,
            "seo": self.seo,
            "slug": self.slug,
            "status_code": self.status_code,
            "supports_streaming": self.supports_streaming,
            "updated_at": self.updated_at,
            "version": self.version,
        }


def _fill(model: Model, values: Sequence[Any]) -> None:
    (
        model.architecture,
        model.availability_status,
        model.category_code,
        model.content,
        model.cover_url,
        model.created_at,
        model.created_by,
        model.deleted_at,
        model.deleted_by,
        model.description,
        model.family_id,
        model.family_variant_code,
        model.fine_tuning,
        model.github_url,
        model.icon_url,
        model.id,
        model.inputs,
        model.is_official,
        model.is_open_source,
        model.is_public,
        model.license_code,
        model.lora_support,
        model.max_resolution,
        model.model_creator_id,
        model.name,
        model.notable_features,
        model.org_id,
        model.outputs,
        model.paper_url,
        model.param_count,
        model.pricing_note,
        model.seo,
        model.slug,
        model.status_code,
        model.supports_streaming,
        model.updated_at,
        model.version,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Model,
        _fill,
        {
            "architecture": _decoding.optional_or_null("architecture", _decoding.text),
            "availability_status": _decoding.optional_or_null("availability_status", _decoding.text),
            "category_code": _decoding.optional_or_null("category_code", _decoding.text),
            "content": _decoding.optional_or_null("content", _decoding.text),
            "cover_url": _decoding.optional_or_null("cover_url", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "created_by": _decoding.optional_or_null("created_by", _decoding.uuid),
            "deleted_at": _decoding.optional_or_null("deleted_at", _decoding.date_time),
            "deleted_by": _decoding.optional_or_null("deleted_by", _decoding.uuid),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "family_id": _decoding.optional_or_null("family_id", _decoding.uuid),
            "family_variant_code": _decoding.optional_or_null("family_variant_code", _decoding.text),
            "fine_tuning": _decoding.optional_or_null("fine_tuning", _decoding.boolean),
            "github_url": _decoding.optional_or_null("github_url", _decoding.text),
            "icon_url": _decoding.optional_or_null("icon_url", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "inputs": _decoding.optional_or_null("inputs", _decoding.list_of(_models.ModelInput.from_dict)),
            "is_official": _decoding.optional_or_null("is_official", _decoding.boolean),
            "is_open_source": _decoding.optional_or_null("is_open_source", _decoding.boolean),
            "is_public": _decoding.optional_or_null("is_public", _decoding.boolean),
            "license_code": _decoding.optional_or_null("license_code", _decoding.text),
            "lora_support": _decoding.optional_or_null("lora_support", _decoding.boolean),
            "max_resolution": _decoding.optional_or_null("max_resolution", _decoding.text),
            "model_creator_id": _decoding.optional_or_null("model_creator_id", _decoding.uuid),
            "name": _decoding.optional_or_null("name", _decoding.text),
            "notable_features": _decoding.optional_or_null("notable_features", _decoding.list_of(_decoding.anything)),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "outputs": _decoding.optional_or_null("outputs", _decoding.list_of(_models.ModelOutput.from_dict)),
            "paper_url": _decoding.optional_or_null("paper_url", _decoding.text),
            "param_count": _decoding.optional_or_null("param_count", _decoding.text),
            "pricing_note": _decoding.optional_or_null("pricing_note", _decoding.text),
            "seo": _decoding.optional_or_null("seo", _models.JsonObject.from_dict),
            "slug": _decoding.optional_or_null("slug", _decoding.text),
            "status_code": _decoding.optional_or_null("status_code", _decoding.text),
            "supports_streaming": _decoding.optional_or_null("supports_streaming", _decoding.boolean),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
            "version": _decoding.optional_or_null("version", _decoding.text),
        },
    )
