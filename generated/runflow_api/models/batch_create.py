"""The schema BatchCreate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from .. import models as _models
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class BatchCreate:
    """A batch to create.

    Attributes:
        input_: One object for each run.
        callback_url: Receives one POST when the work is terminal.
        metadata: Any JSON object.
    """

    input_: list[_models.BatchItemInput]
    callback_url: str | None | Unset = UNSET
    metadata: _models.JsonObject | Unset = UNSET
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
            "input": self.input_,
            "callback_url": self.callback_url,
            "metadata": self.metadata,
        }


def _fill(model: BatchCreate, values: Sequence[Any]) -> None:
    (
        model.input_,
        model.callback_url,
        model.metadata,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        BatchCreate,
        _fill,
        {
            "input": _decoding.required("input_", _decoding.list_of(_models.BatchItemInput.from_dict)),
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "metadata": _decoding.optional("metadata", _models.JsonObject.from_dict),
        },
    )
