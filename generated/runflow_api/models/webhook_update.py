"""The schema WebhookUpdate."""

from __future__ import annotations

import datetime
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
class WebhookUpdate:
    """What to change of a webhook.

    Attributes:
        updated_at: When it was changed last.
    """

    disabled_at: datetime.datetime | Unset = UNSET
    updated_at: datetime.datetime | Unset = UNSET
    url: str | Unset = UNSET
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
            "disabled_at": self.disabled_at,
            "updated_at": self.updated_at,
            "url": self.url,
        }


def _fill(model: WebhookUpdate, values: Sequence[Any]) -> None:
    (
        model.disabled_at,
        model.updated_at,
        model.url,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        WebhookUpdate,
        _fill,
        {
            "disabled_at": _decoding.optional("disabled_at", _decoding.date_time),
            "updated_at": _decoding.optional("updated_at", _decoding.date_time),
            "url": _decoding.optional("url", _decoding.text),
        },
    )
