"""The schema BatchCreate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import TYPE_CHECKING, Any, Self

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from ..representation import representation as _representation
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.batch_item_input import BatchItemInput
    from ..models.json_object import JsonObject


@_define(kw_only=True, repr=False)
class BatchCreate:
    """A batch to create.

    Attributes:
        input_: One object for each run.
        callback_url: Receives one POST when the work is terminal.
        metadata: Any JSON object.
    """

    input_: list[BatchItemInput]
    callback_url: str | None | Unset = UNSET
    metadata: JsonObject | Unset = UNSET
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
    from ..models.batch_item_input import BatchItemInput
    from ..models.json_object import JsonObject

    return _decoding.Fields(
        BatchCreate,
        _fill,
        {
            "input": _decoding.required("input_", _decoding.list_of(BatchItemInput.from_dict)),
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "metadata": _decoding.optional("metadata", JsonObject.from_dict),
        },
    )
