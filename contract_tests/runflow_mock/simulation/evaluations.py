"""Evaluations: pending, running, completed.

Their judges decide by the URL of the picture, the same way each time.
"""

import hashlib
from datetime import datetime, timedelta
from functools import partial

from ..contract.identifiers import named_id
from ..contract.json_types import JsonObject
from ..state.clock import api_instant, parse_instant
from ..state.state import State
from .callbacks import Callbacks, payload_of

PENDING, RUNNING, COMPLETED, FAILED = "pending", "running", "completed", "failed"
STATUSES = (PENDING, RUNNING, COMPLETED, FAILED)
JOB_CLASSES = ("standard",)
PENDING_SECONDS, RUNNING_SECONDS = 1.0, 2.0
JUDGES = (("composition", 0.4), ("prompt", 0.4), ("artifacts", 0.2))
EVENT = "evaluation.completed"
COPIED_FIELDS = (
    "run_id",
    "task_type",
    "task_description",
    "generation_prompt",
    "generated_image_url",
    "input_attributes",
    "evaluation_instructions",
    "reference_images",
    "client_ref",
    "callback_url",
)
_FIELDS = (
    "id",
    "org_id",
    "run_id",
    "target_type_code",
    "model_id",
    "flow_id",
    "comfyui_workflow_id",
    "task_type",
    "task_description",
    "generation_prompt",
    "generated_image_url",
    "input_attributes",
    "evaluation_instructions",
    "reference_images",
    "overall_passed",
    "weighted_pass_rate",
    "override_reason",
    "top_issues",
    "top_strengths",
    "check_summary",
    "analysis_modules_executed",
    "primary_action_code",
    "parent_evaluation_id",
    "attempt_number",
    "superseded_at",
    "eval_duration_ms",
    "feedback_is_positive",
    "feedback_reason",
    "created_at",
    "updated_at",
    "client_ref",
    "submitted_at",
    "completed_at",
    "callback_url",
    "cost",
    "links",
    "status_code",
    "job_class_code",
    "failure_code",
)


class Evaluations:
    """Creates evaluations and completes them on the server's clock."""

    def __init__(self, state: State, callbacks: Callbacks) -> None:
        self._state = state
        self._callbacks = callbacks

    def create(
        self, organization_id: str, fields: JsonObject, run: JsonObject | None, now: datetime
    ) -> JsonObject:
        """Create an evaluation of a picture, of that run if one is given, and return its row."""
        identifier = self._state.identifiers.new(now)
        row: JsonObject = dict.fromkeys(_FIELDS)
        row.update({name: fields.get(name) for name in COPIED_FIELDS})
        row.update(
            id=identifier,
            org_id=organization_id,
            target_type_code=None if run is None else run["target_type"],
            model_id=None if run is None else run["model_id"],
            comfyui_workflow_id=None if run is None else run["comfyui_workflow_id"],
            attempt_number=1,
            created_at=api_instant(now),
            updated_at=api_instant(now),
            submitted_at=api_instant(now),
            status_code=PENDING,
            job_class_code=fields.get("job_class", JOB_CLASSES[0]),
            links={"self": f"{self._state.api_url}/evaluations/{identifier}"},
        )
        self._state.evaluations.put(row)
        self.resume(row)
        return row

    def resume(self, row: JsonObject) -> None:
        """Schedule the next step of an evaluation that has not ended."""
        started = parse_instant(row["created_at"]) + timedelta(seconds=PENDING_SECONDS)
        if row["status_code"] == PENDING:
            self._state.schedule.at(started, partial(self._run, row))
        elif row["status_code"] == RUNNING:
            self._state.schedule.at(
                started + timedelta(seconds=RUNNING_SECONDS), partial(self._end, row)
            )

    def judges(self, row: JsonObject) -> list[JsonObject]:
        """Return the judges of a completed evaluation; an empty list before."""
        return (
            []
            if row["status_code"] != COMPLETED
            else [_judge(row, name, weight) for name, weight in JUDGES]
        )

    def set_feedback(self, row: JsonObject, fields: JsonObject, now: datetime) -> JsonObject:
        """Set or clear (`is_positive` null) the feedback and return the row."""
        positive = fields.get("is_positive")
        reason = None if positive is None else fields.get("reason")
        row.update(
            feedback_is_positive=positive, feedback_reason=reason, updated_at=api_instant(now)
        )
        return self._state.evaluations.put(row)

    def _run(self, row: JsonObject, at: datetime) -> None:
        row.update(status_code=RUNNING, updated_at=api_instant(at))
        self._state.evaluations.put(row)
        self.resume(row)

    def _end(self, row: JsonObject, at: datetime) -> None:
        row.update(status_code=COMPLETED, completed_at=api_instant(at), updated_at=api_instant(at))
        judges = self.judges(row)
        rate = sum(judge["weight"] for judge in judges if judge["passed"])
        row.update(
            overall_passed=rate >= 0.5,
            weighted_pass_rate=round(rate, 4),
            top_issues=[judge["name"] for judge in judges if not judge["passed"]],
            top_strengths=[judge["name"] for judge in judges if judge["passed"]],
            check_summary={judge["name"]: judge["passed"] for judge in judges},
            analysis_modules_executed=len(judges),
            primary_action_code="accept" if rate >= 0.5 else "regenerate",
            eval_duration_ms=RUNNING_SECONDS * 1000,
        )
        self._state.evaluations.put(row)
        run = self._state.runs.get(row["run_id"]) if row["run_id"] is not None else None
        if run is not None:
            run["current_evaluation_summary"] = {
                "passed": row["overall_passed"],
                "status_code": COMPLETED,
                "score": row["weighted_pass_rate"],
            }
            self._state.runs.put(run)
        if row["callback_url"] is not None:
            # The callback of an evaluation is not documented by Runflow: the envelope of a run's
            # callback is assumed.
            duration = round(RUNNING_SECONDS * 1000)
            subject: JsonObject = {**row, "duration_ms": duration, "metadata": None}
            payload = payload_of(EVENT, "evaluation_id", subject, row["check_summary"])
            self._callbacks.begin("evaluation_id", row, payload, None, at, automatic=True)


def _judge(row: JsonObject, name: str, weight: float) -> JsonObject:
    digest = hashlib.sha256(
        f"{row['generated_image_url']}\n{name}".encode(errors="surrogatepass")
    ).digest()
    identifier = named_id("judge", row["id"], name)
    passed = digest[0] < 192
    issue: JsonObject = {
        "id": named_id("issue", row["id"], name),
        "evaluation_id": row["id"],
        "evaluation_judge_id": identifier,
        "category": name,
        "subcategory": None,
        "detail": f"the {name} is not right",
    }
    return {
        "id": identifier,
        "evaluation_id": row["id"],
        "name": name,
        "description": f"judges the {name}",
        "category": name,
        "passed": passed,
        "confidence": round(0.5 + digest[1] / 510, 4),
        "weight": weight,
        "reasoning": None,
        "evidence": [],
        "sub_point_results": {},
        "sub_points_evaluated": 0,
        "created_at": row["completed_at"],
        "issues": [] if passed else [issue],
    }
