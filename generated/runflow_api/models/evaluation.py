"""The schema Evaluation."""

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
from ..models.evaluation_job_class import EvaluationJobClass
from ..models.evaluation_status import EvaluationStatus
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class Evaluation:
    """The quality check of one picture.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        client_ref: Your own reference.
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        failure_code: Why it failed, for programs.
        updated_at: When it was changed last.
    """

    analysis_modules_executed: int | None | Unset = UNSET
    attempt_number: int | None | Unset = UNSET
    callback_url: str | None | Unset = UNSET
    check_summary: _models.JsonObject | None | Unset = UNSET
    client_ref: str | None | Unset = UNSET
    comfyui_workflow_id: UUID | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    eval_duration_ms: float | None | Unset = UNSET
    evaluation_instructions: str | None | Unset = UNSET
    failure_code: str | None | Unset = UNSET
    feedback_is_positive: bool | None | Unset = UNSET
    feedback_reason: str | None | Unset = UNSET
    flow_id: UUID | None | Unset = UNSET
    generated_image_url: str | None | Unset = UNSET
    generation_prompt: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_attributes: _models.JsonObject | None | Unset = UNSET
    job_class_code: EvaluationJobClass | None | Unset = UNSET
    judges: list[_models.EvaluationJudge] | None | Unset = UNSET
    links: _models.JsonObject | None | Unset = UNSET
    model_id: UUID | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    overall_passed: bool | None | Unset = UNSET
    override_reason: str | None | Unset = UNSET
    parent_evaluation_id: UUID | None | Unset = UNSET
    primary_action_code: str | None | Unset = UNSET
    reference_images: list[_models.JsonObject] | None | Unset = UNSET
    run_id: UUID | None | Unset = UNSET
    status_code: EvaluationStatus | None | Unset = UNSET
    submitted_at: datetime.datetime | None | Unset = UNSET
    superseded_at: datetime.datetime | None | Unset = UNSET
    target_type_code: str | None | Unset = UNSET
    task_description: str | None | Unset = UNSET
    task_type: str | None | Unset = UNSET
    top_issues: list[str] | None | Unset = UNSET
    top_strengths: list[str] | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    weighted_pass_rate: float | None | Unset = UNSET
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
            "analysis_modules_executed": self.analysis_modules_executed,
            "attempt_number": self.attempt_number,
            "callback_url": self.callback_url,
            "check_summary": self.check_summary,
            "client_ref": self.client_ref,
            "comfyui_workflow_id": self.comfyui_workflow_id,
            "completed_at": self.completed_at,
            "cost": self.cost,
            "created_at": self.created_at,
            "eval_duration_ms": self.eval_duration_ms,
            "evaluation_instructions": self.evaluation_instructions,
            "failure_code": self.failure_code,
            "feedback_is_positive": self.feedback_is_positive,
            "feedback_reason": self.feedback_reason,
            "flow_id": self.flow_id,
            "generated_image_url": self.generated_image_url,
            "generation_prompt": self.generation_prompt,
            "id": self.id,
            "input_attributes": self.input_attributes,
            "job_class_code": self.job_class_code,
            "judges": self.judges,
            "links": self.links,
            "model_id": self.model_id,
            "org_id": self.org_id,
            "overall_passed": self.overall_passed,
            "override_reason": self.override_reason,
            "parent_evaluation_id": self.parent_evaluation_id,
            "primary_action_code": self.primary_action_code,
            "reference_images": self.reference_images,
            "run_id": self.run_id,
            "status_code": self.status_code,
            "submitted_at": self.submitted_at,
            "superseded_at": self.superseded_at,
            "target_type_code": self.target_type_code,
            "task_description": self.task_description,
            "task_type": self.task_type,
            "top_issues": self.top_issues,
            "top_strengths": self.top_strengths,
            "updated_at": self.updated_at,
            "weighted_pass_rate": self.weighted_pass_rate,
        }


def _fill(model: Evaluation, values: Sequence[Any]) -> None:
    (
        model.analysis_modules_executed,
        model.attempt_number,
        model.callback_url,
        model.check_summary,
        model.client_ref,
        model.comfyui_workflow_id,
        model.completed_at,
        model.cost,
        model.created_at,
        model.eval_duration_ms,
        model.evaluation_instructions,
        model.failure_code,
        model.feedback_is_positive,
        model.feedback_reason,
        model.flow_id,
        model.generated_image_url,
        model.generation_prompt,
        model.id,
        model.input_attributes,
        model.job_class_code,
        model.judges,
        model.links,
        model.model_id,
        model.org_id,
        model.overall_passed,
        model.override_reason,
        model.parent_evaluation_id,
        model.primary_action_code,
        model.reference_images,
        model.run_id,
        model.status_code,
        model.submitted_at,
        model.superseded_at,
        model.target_type_code,
        model.task_description,
        model.task_type,
        model.top_issues,
        model.top_strengths,
        model.updated_at,
        model.weighted_pass_rate,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Evaluation,
        _fill,
        {
            "analysis_modules_executed": _decoding.optional_or_null("analysis_modules_executed", _decoding.integer),
            "attempt_number": _decoding.optional_or_null("attempt_number", _decoding.integer),
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "check_summary": _decoding.optional_or_null("check_summary", _models.JsonObject.from_dict),
            "client_ref": _decoding.optional_or_null("client_ref", _decoding.text),
            "comfyui_workflow_id": _decoding.optional_or_null("comfyui_workflow_id", _decoding.uuid),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "eval_duration_ms": _decoding.optional_or_null("eval_duration_ms", _decoding.number),
            "evaluation_instructions": _decoding.optional_or_null("evaluation_instructions", _decoding.text),
            "failure_code": _decoding.optional_or_null("failure_code", _decoding.text),
            "feedback_is_positive": _decoding.optional_or_null("feedback_is_positive", _decoding.boolean),
            "feedback_reason": _decoding.optional_or_null("feedback_reason", _decoding.text),
            "flow_id": _decoding.optional_or_null("flow_id", _decoding.uuid),
            "generated_image_url": _decoding.optional_or_null("generated_image_url", _decoding.text),
            "generation_prompt": _decoding.optional_or_null("generation_prompt", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input_attributes": _decoding.optional_or_null("input_attributes", _models.JsonObject.from_dict),
            "job_class_code": _decoding.optional_or_null("job_class_code", _decoding.member(EvaluationJobClass)),
            "judges": _decoding.optional_or_null("judges", _decoding.list_of(_models.EvaluationJudge.from_dict)),
            "links": _decoding.optional_or_null("links", _models.JsonObject.from_dict),
            "model_id": _decoding.optional_or_null("model_id", _decoding.uuid),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "overall_passed": _decoding.optional_or_null("overall_passed", _decoding.boolean),
            "override_reason": _decoding.optional_or_null("override_reason", _decoding.text),
            "parent_evaluation_id": _decoding.optional_or_null("parent_evaluation_id", _decoding.uuid),
            "primary_action_code": _decoding.optional_or_null("primary_action_code", _decoding.text),
            "reference_images": _decoding.optional_or_null(
                "reference_images", _decoding.list_of(_models.JsonObject.from_dict)
            ),
            "run_id": _decoding.optional_or_null("run_id", _decoding.uuid),
            "status_code": _decoding.optional_or_null("status_code", _decoding.member(EvaluationStatus)),
            "submitted_at": _decoding.optional_or_null("submitted_at", _decoding.date_time),
            "superseded_at": _decoding.optional_or_null("superseded_at", _decoding.date_time),
            "target_type_code": _decoding.optional_or_null("target_type_code", _decoding.text),
            "task_description": _decoding.optional_or_null("task_description", _decoding.text),
            "task_type": _decoding.optional_or_null("task_type", _decoding.text),
            "top_issues": _decoding.optional_or_null("top_issues", _decoding.list_of(_decoding.text)),
            "top_strengths": _decoding.optional_or_null("top_strengths", _decoding.list_of(_decoding.text)),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
            "weighted_pass_rate": _decoding.optional_or_null("weighted_pass_rate", _decoding.number),
        },
    )
