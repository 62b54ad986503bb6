"""The schema EvaluationIssue."""

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
class EvaluationIssue:
    """Something that a judge found."""

    category: str | None | Unset = UNSET
    detail: str | None | Unset = UNSET
    evaluation_id: UUID | None | Unset = UNSET
    evaluation_judge_id: UUID | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    subcategory: str | None | Unset = UNSET
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
            "category": self.category,
            "detail": self.detail,
            "evaluation_id": self.evaluation_id,
            "evaluation_judge_id": self.evaluation_judge_id,
            "id": self.id,
            "subcategory": self.subcategory,
        }


def _fill(model: EvaluationIssue, values: Sequence[Any]) -> None:
    (
        model.category,
        model.detail,
        model.evaluation_id,
        model.evaluation_judge_id,
        model.id,
        model.subcategory,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        EvaluationIssue,
        _fill,
        {
            "category": _decoding.optional_or_null("category", _decoding.text),
            "detail": _decoding.optional_or_null("detail", _decoding.text),
            "evaluation_id": _decoding.optional_or_null("evaluation_id", _decoding.uuid),
            "evaluation_judge_id": _decoding.optional_or_null("evaluation_judge_id", _decoding.uuid),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "subcategory": _decoding.optional_or_null("subcategory", _decoding.text),
        },
    )
