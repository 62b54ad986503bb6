"""The schema EvaluationJudge."""

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
class EvaluationJudge:
    """The verdict of one judge.

    Attributes:
        created_at: When it was created.
    """

    category: str | None | Unset = UNSET
    confidence: float | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    description: str | None | Unset = UNSET
    evaluation_id: UUID | None | Unset = UNSET
    evidence: list[str] | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    issues: list[_models.EvaluationIssue] | None | Unset = UNSET
    name: str | None | Unset = UNSET
    passed: bool | None | Unset = UNSET
    reasoning: str | None | Unset = UNSET
    sub_point_results: _models.JsonObject | None | Unset = UNSET
    sub_points_evaluated: int | None | Unset = UNSET
    weight: float | None | Unset = UNSET
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
            "confidence": self.confidence,
            "created_at": self.created_at,
            "description": self.description,
            "evaluation_id": self.evaluation_id,
            "evidence": self.evidence,
            "id": self.id,
            "issues": self.issues,
            "name": self.name,
            "passed": self.passed,
            "reasoning": self.reasoning,
            "sub_point_results": self.sub_point_results,
            "sub_points_evaluated": self.sub_points_evaluated,
            "weight": self.weight,
        }


def _fill(model: EvaluationJudge, values: Sequence[Any]) -> None:
    (
        model.category,
        model.confidence,
        model.created_at,
        model.description,
        model.evaluation_id,
        model.evidence,
        model.id,
        model.issues,
        model.name,
        model.passed,
        model.reasoning,
        model.sub_point_results,
        model.sub_points_evaluated,
        model.weight,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        EvaluationJudge,
        _fill,
        {
            "category": _decoding.optional_or_null("category", _decoding.text),
            "confidence": _decoding.optional_or_null("confidence", _decoding.number),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "description": _decoding.optional_or_null("description", _decoding.text),
            "evaluation_id": _decoding.optional_or_null("evaluation_id", _decoding.uuid),
            "evidence": _decoding.optional_or_null("evidence", _decoding.list_of(_decoding.text)),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "issues": _decoding.optional_or_null("issues", _decoding.list_of(_models.EvaluationIssue.from_dict)),
            "name": _decoding.optional_or_null("name", _decoding.text),
            "passed": _decoding.optional_or_null("passed", _decoding.boolean),
            "reasoning": _decoding.optional_or_null("reasoning", _decoding.text),
            "sub_point_results": _decoding.optional_or_null("sub_point_results", _models.JsonObject.from_dict),
            "sub_points_evaluated": _decoding.optional_or_null("sub_points_evaluated", _decoding.integer),
            "weight": _decoding.optional_or_null("weight", _decoding.number),
        },
    )
