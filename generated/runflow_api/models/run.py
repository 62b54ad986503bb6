"""The schema Run."""

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
from ..models.run_failure_stage import RunFailureStage
from ..models.run_source import RunSource
from ..models.run_status import RunStatus
from ..models.run_target_type import RunTargetType
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class Run:
    """One run of a model.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        client_ref: Your own reference.
        completed_at: When it became terminal.
        cost: Price, as a decimal string.
        created_at: When it was created.
        duration_ms: Milliseconds.
        failure_code: Why it failed, for programs.
        failure_message: Why it failed, for people.
        failure_stage_code: Where it failed. The full list is not published.
        input_: What goes in.
        metadata: Your own data. It comes back in the callback.
        output: The output of the model once there is one: usually outputs with url and type.
        source_code: Where it was started from. The full list is not published.
        started_at: When the work began.
        target_type: What is run. The full list is not published.
    """

    batch_id: UUID | None | Unset = UNSET
    callback_url: str | None | Unset = UNSET
    client_ref: str | None | Unset = UNSET
    comfyui_workflow_id: UUID | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    context: _models.JsonObject | None | Unset = UNSET
    cost: str | None | Unset = UNSET
    cost_breakdown: _models.JsonObject | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    created_by: UUID | None | Unset = UNSET
    current_evaluation_summary: _models.RunEvaluationSummary | None | Unset = UNSET
    duration_ms: int | None | Unset = UNSET
    failure_code: str | None | Unset = UNSET
    failure_message: str | None | Unset = UNSET
    failure_stage_code: RunFailureStage | None | Unset = UNSET
    feedback_is_positive: bool | None | Unset = UNSET
    feedback_reason: str | None | Unset = UNSET
    flow: _models.Flow | None | Unset = UNSET
    flow_id: UUID | None | Unset = UNSET
    flow_version_id: UUID | None | Unset = UNSET
    has_logs: bool | None | Unset = UNSET
    has_node_runs: bool | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    input_: _models.JsonObject | None | Unset = UNSET
    jurisdiction_code: str | None | Unset = UNSET
    links: _models.JsonObject | None | Unset = UNSET
    logs: list[_models.RunLog] | None | Unset = UNSET
    metadata: _models.JsonObject | None | Unset = UNSET
    model_id: UUID | None | Unset = UNSET
    node_runs: list[_models.FlowNodeRun] | None | Unset = UNSET
    nodes_completed: int | None | Unset = UNSET
    nodes_total: int | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    output: _models.JsonObject | None | Unset = UNSET
    request_id: str | None | Unset = UNSET
    resolved_template_id: UUID | None | Unset = UNSET
    source_chat_message_id: UUID | None | Unset = UNSET
    source_code: RunSource | None | Unset = UNSET
    started_at: datetime.datetime | None | Unset = UNSET
    status_code: RunStatus | None | Unset = UNSET
    target_type: RunTargetType | None | Unset = UNSET
    target_version: str | None | Unset = UNSET
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
            "batch_id": self.batch_id,
            "callback_url": self.callback_url,
            "client_ref": self.client_ref,
            "comfyui_workflow_id": self.comfyui_workflow_id,
            "completed_at": self.completed_at,
            "context": self.context,
            "cost": self.cost,
            "cost_breakdown": self.cost_breakdown,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "current_evaluation_summary": self.current_evaluation_summary,
            "duration_ms": self.duration_ms,
            "failure_code": self.failure_code,
            "failure_message": self.failure_message,
            "failure_stage_code": self.failure_stage_code,
            "feedback_is_positive": self.feedback_is_positive,
            "feedback_reason": self.feedback_reason,
            "flow": self.flow,
            "flow_id": self.flow_id,
            "flow_version_id": self.flow_version_id,
            "has_logs": self.has_logs,
            "has_node_runs": self.has_node_runs,
            "id": self.id,
            "input": self.input_,
            "jurisdiction_code": self.jurisdiction_code,
            "links": self.links,
            "logs": self.logs,
            "metadata": self.metadata,
            "model_id": self.model_id,
            "node_runs": self.node_runs,
            "nodes_completed": self.nodes_completed,
            "nodes_total": self.nodes_total,
            "org_id": self.org_id,
            "output": self.output,
            "request_id": self.request_id,
            "resolved_template_id": self.resolved_template_id,
            "source_chat_message_id": self.source_chat_message_id,
            "source_code": self.source_code,
            "started_at": self.started_at,
            "status_code": self.status_code,
            "target_type": self.target_type,
            "target_version": self.target_version,
        }


def _fill(model: Run, values: Sequence[Any]) -> None:
    (
        model.batch_id,
        model.callback_url,
        model.client_ref,
        model.comfyui_workflow_id,
        model.completed_at,
        model.context,
        model.cost,
        model.cost_breakdown,
        model.created_at,
        model.created_by,
        model.current_evaluation_summary,
        model.duration_ms,
        model.failure_code,
        model.failure_message,
        model.failure_stage_code,
        model.feedback_is_positive,
        model.feedback_reason,
        model.flow,
        model.flow_id,
        model.flow_version_id,
        model.has_logs,
        model.has_node_runs,
        model.id,
        model.input_,
        model.jurisdiction_code,
        model.links,
        model.logs,
        model.metadata,
        model.model_id,
        model.node_runs,
        model.nodes_completed,
        model.nodes_total,
        model.org_id,
        model.output,
        model.request_id,
        model.resolved_template_id,
        model.source_chat_message_id,
        model.source_code,
        model.started_at,
        model.status_code,
        model.target_type,
        model.target_version,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Run,
        _fill,
        {
            "batch_id": _decoding.optional_or_null("batch_id", _decoding.uuid),
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "client_ref": _decoding.optional_or_null("client_ref", _decoding.text),
            "comfyui_workflow_id": _decoding.optional_or_null("comfyui_workflow_id", _decoding.uuid),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "context": _decoding.optional_or_null("context", _models.JsonObject.from_dict),
            "cost": _decoding.optional_or_null("cost", _decoding.text),
            "cost_breakdown": _decoding.optional_or_null("cost_breakdown", _models.JsonObject.from_dict),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "created_by": _decoding.optional_or_null("created_by", _decoding.uuid),
            "current_evaluation_summary": _decoding.optional_or_null(
                "current_evaluation_summary", _models.RunEvaluationSummary.from_dict
            ),
            "duration_ms": _decoding.optional_or_null("duration_ms", _decoding.integer),
            "failure_code": _decoding.optional_or_null("failure_code", _decoding.text),
            "failure_message": _decoding.optional_or_null("failure_message", _decoding.text),
            "failure_stage_code": _decoding.optional_or_null("failure_stage_code", _decoding.member(RunFailureStage)),
            "feedback_is_positive": _decoding.optional_or_null("feedback_is_positive", _decoding.boolean),
            "feedback_reason": _decoding.optional_or_null("feedback_reason", _decoding.text),
            "flow": _decoding.optional_or_null("flow", _models.Flow.from_dict),
            "flow_id": _decoding.optional_or_null("flow_id", _decoding.uuid),
            "flow_version_id": _decoding.optional_or_null("flow_version_id", _decoding.uuid),
            "has_logs": _decoding.optional_or_null("has_logs", _decoding.boolean),
            "has_node_runs": _decoding.optional_or_null("has_node_runs", _decoding.boolean),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "input": _decoding.optional_or_null("input_", _models.JsonObject.from_dict),
            "jurisdiction_code": _decoding.optional_or_null("jurisdiction_code", _decoding.text),
            "links": _decoding.optional_or_null("links", _models.JsonObject.from_dict),
            "logs": _decoding.optional_or_null("logs", _decoding.list_of(_models.RunLog.from_dict)),
            "metadata": _decoding.optional_or_null("metadata", _models.JsonObject.from_dict),
            "model_id": _decoding.optional_or_null("model_id", _decoding.uuid),
            "node_runs": _decoding.optional_or_null("node_runs", _decoding.list_of(_models.FlowNodeRun.from_dict)),
            "nodes_completed": _decoding.optional_or_null("nodes_completed", _decoding.integer),
            "nodes_total": _decoding.optional_or_null("nodes_total", _decoding.integer),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "output": _decoding.optional_or_null("output", _models.JsonObject.from_dict),
            "request_id": _decoding.optional_or_null("request_id", _decoding.text),
            "resolved_template_id": _decoding.optional_or_null("resolved_template_id", _decoding.uuid),
            "source_chat_message_id": _decoding.optional_or_null("source_chat_message_id", _decoding.uuid),
            "source_code": _decoding.optional_or_null("source_code", _decoding.member(RunSource)),
            "started_at": _decoding.optional_or_null("started_at", _decoding.date_time),
            "status_code": _decoding.optional_or_null("status_code", _decoding.member(RunStatus)),
            "target_type": _decoding.optional_or_null("target_type", _decoding.member(RunTargetType)),
            "target_version": _decoding.optional_or_null("target_version", _decoding.text),
        },
    )
