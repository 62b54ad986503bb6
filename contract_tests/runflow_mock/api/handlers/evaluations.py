"""Submit pictures for evaluation, read the verdicts, and give feedback on them."""

from decimal import Decimal

from ...contract.answers import not_found
from ...contract.json_types import JsonObject, public
from ...simulation.evaluations import COMPLETED, FAILED, JOB_CLASSES, STATUSES
from ..calls import Call, handles
from ..lists import embeds_of, page, project
from .runs import own_run


@handles("create_evaluation", "POST", "/v1/evaluations", scope="evaluations:create")
def create_evaluation(call: Call) -> JsonObject:
    """Submit a picture for evaluation.

    A run that is named must belong to the organization.
    """
    run_id = call.fields.get("run_id")
    run = None if run_id is None else own_run(call, run_id)
    call.state.ledger.admit(call.organization_id, Decimal(0))
    return public(
        call.simulation.evaluations.create(call.organization_id, call.fields, run, call.now)
    )


@handles("list_evaluations", "GET", "/v1/evaluations", scope="evaluations:read")
def list_evaluations(call: Call) -> JsonObject:
    """Return a page of the organization's evaluations."""
    return page(call.owned(call.state.evaluations), call.query)


@handles("get_evaluation", "GET", "/v1/evaluations/{id}", scope="evaluations:read")
def get_evaluation(call: Call) -> JsonObject:
    """Return one evaluation, with its judges if the query embeds them."""
    row = _own_evaluation(call, call.path_values[0])
    if "judges" in embeds_of(call.query):
        row = {**row, "judges": call.simulation.evaluations.judges(row)}
    return project(row, call.query)


@handles(
    "set_evaluation_feedback",
    "PATCH",
    "/v1/evaluations/{evaluation_id}/feedback",
    scope="evaluations:edit",
)
def set_evaluation_feedback(call: Call) -> JsonObject:
    """Set or clear the feedback on an evaluation."""
    row = _own_evaluation(call, call.path_values[0])
    return public(call.simulation.evaluations.set_feedback(row, call.fields, call.now))


@handles("list_run_evaluations", "GET", "/v1/runs/{run_id}/evaluations", scope="evaluations:read")
def list_run_evaluations(call: Call) -> JsonObject:
    """Return a page of the run's evaluations."""
    run = own_run(call, call.path_values[0])
    return page(call.state.evaluations.where(run_id=run["id"]), call.query)


@handles(
    "set_run_evaluation_feedback",
    "PATCH",
    "/v1/runs/{run_id}/evaluations/{evaluation_id}/feedback",
    scope="evaluations:edit",
)
def set_run_evaluation_feedback(call: Call) -> JsonObject:
    """Set or clear the feedback on an evaluation of a run, and on the run itself."""
    run, row = own_run(call, call.path_values[0]), _own_evaluation(call, call.path_values[1])
    if row["run_id"] != run["id"]:
        raise not_found("evaluation", f"{row['id']} of run {run['id']}")
    changed = call.simulation.evaluations.set_feedback(row, call.fields, call.now)
    for name in ("feedback_is_positive", "feedback_reason"):
        run[name] = changed[name]
    call.state.runs.put(run)
    return public(changed)


@handles(
    "list_evaluation_job_classes", "GET", "/v1/evaluations/job-classes", scope="evaluations:read"
)
def list_evaluation_job_classes(call: Call) -> list[JsonObject]:
    """Return the job classes."""
    return [{"code": code, "name": code.capitalize()} for code in JOB_CLASSES]


@handles("list_evaluation_statuses", "GET", "/v1/evaluations/statuses", scope="evaluations:read")
def list_evaluation_statuses(call: Call) -> list[JsonObject]:
    """Return the statuses that evaluations can have."""
    return [{"code": status, "is_terminal": status in (COMPLETED, FAILED)} for status in STATUSES]


def _own_evaluation(call: Call, identifier: str) -> JsonObject:
    return call.own(call.state.evaluations, identifier, "evaluation")
