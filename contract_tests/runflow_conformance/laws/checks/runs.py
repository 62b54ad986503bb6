"""Laws of a run: it keeps its input, goes forward, ends complete, and never changes after that."""

import json

from runflow_api.api.models import create_run
from runflow_api.api.runs import get_run, list_node_runs, list_run_logs, list_runs
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments
from runflow_client._models.statuses import ENDED_WITH_OUTPUT, FAILED, is_terminal

from ..invariants import require
from ..target import Target
from ._requests import (
    MAX_POLLS,
    UNKNOWN,
    Json,
    ended_run,
    expect_refusal,
    get_json,
    ids_of,
    items_of,
    new_run,
    read_run,
    run_arguments,
)

ONE_HOUR = 3600.0  # seconds
ENDINGS = ("succeeded", "partial_succeeded", "failed", "canceled")
WRONG_BODIES = (
    "{}",
    '{"input": "text"}',
    '{"input": 7}',
    '{"input": null}',
    '{"input": [{}]}',
    "[]",
    '"text"',
    "{",
)
ORDER = ("queued", "dispatching", "running")


def a_run_keeps_its_input(target: Target) -> None:
    """Input, metadata and client_ref are returned as they were sent; missing ones are null."""
    metadata = {
        "order": 7,
        "note": None,
        "deep": {"null": None, "list": [1, "zwei", 3.5], "é": "日本"},
    }
    given: Json = {"metadata": metadata, "client_ref": 'Straße 7 / it\'s "quoted"'}
    created = new_run(target, **given)
    for run in (created, read_run(target, created["id"])):
        for name, value in {**given, "input": dict(target.input)}.items():
            require(
                run.get(name) == value,
                f"{name} of run {run['id']} was {value!r}, now it is {run.get(name)!r}",
            )
    bare = read_run(target, new_run(target)["id"])
    for name in given:
        require(
            bare.get(name) is None,
            f"{name} of run {bare['id']} was not given, it is {bare.get(name)!r}",
        )


def the_status_goes_forward(target: Target) -> None:
    """A run starts queued and its status only goes forward; completed nodes are not lost."""
    created = new_run(target)
    require(
        created["status_code"] == ORDER[0],
        f"a new run is {created['status_code']}, expected {ORDER[0]}",
    )
    place, nodes = 0, 0
    for _ in range(MAX_POLLS * 15):
        run = read_run(target, created["id"])
        if is_terminal(run["status_code"]):
            break
        now = ORDER.index(run["status_code"]) if run["status_code"] in ORDER else place
        require(
            now >= place, f"run {run['id']} went back from {ORDER[place]} to {run['status_code']}"
        )
        require((run.get("nodes_completed") or 0) >= nodes, f"run {run['id']} lost completed nodes")
        place, nodes = now, run.get("nodes_completed") or 0
        target.pass_time(1.0)


def an_ended_run_is_complete(target: Target) -> None:
    """An ended run has completed_at and output or failure, and never changes."""
    for status in ENDINGS if target.end_next is not None else ENDINGS[:1]:
        run = ended_run(target, status)
        label = f"run {run['id']}, which has {run['status_code']},"
        require(
            run["status_code"] == status or target.end_next is None,
            f"{label} was to end as {status}",
        )
        require(run.get("completed_at") is not None, f"{label} has no completed_at")
        require(
            (run.get("output") is not None) == (status in ENDED_WITH_OUTPUT),
            f"{label} has the wrong kind of output",
        )
        require(
            (run.get("failure_code") is not None) == (status == FAILED),
            f"{label} has the wrong kind of failure_code",
        )
        target.pass_time(ONE_HOUR)
        listed = next((one for one in _listed(target) if one["id"] == run["id"]), None)
        require(listed is not None, f"{label} is not in the list")
        for later, where in (
            (read_run(target, run["id"]), "an hour later"),
            (listed or {}, "in the list"),
        ):
            changed = sorted(
                name for name in run if name != "output" and run[name] != later.get(name)
            )
            require(not changed, f"{label} has another {', '.join(changed)} {where}")


def log_lines_and_node_runs_belong_to_their_run(target: Target) -> None:
    """Log lines and node runs are listed below their own run and below `any`."""
    first, second = ended_run(target), ended_run(target)
    for build, newest_first in (
        (list_run_logs.build_request, "timestamp:desc"),
        (list_node_runs.build_request, "started_at:desc"),
    ):
        pages: dict[str, Json] = {
            parent: get_json(target.http, build(parent, limit=500, sort_by=newest_first))
            for parent in (first["id"], second["id"], "any")
        }
        for parent in (first["id"], second["id"]):
            foreign = {item["run_id"] for item in items_of(pages[parent])} - {parent}
            require(not foreign, f"below run {parent} there are entries of {sorted(foreign)}")
        missing = set(ids_of(pages[first["id"]]) + ids_of(pages[second["id"]])) - set(
            ids_of(pages["any"])
        )
        require(
            not missing,
            f"below `any` {len(missing)} entries are missing that stand below their run",
        )


def an_invalid_run_is_refused(target: Target) -> None:
    """An unknown model gives 404, an invalid body 422, and no run is created."""
    before = {run["id"] for run in _listed(target)}
    made = RunCreate.from_dict({"input": dict(target.input)})
    elsewhere = create_run.build_request("no-such-owner", "no-such-model", body=made)
    expect_refusal(target.http, elsewhere, "for a model that does not exist", 404)
    for body in WRONG_BODIES:
        expect_refusal(
            target.http,
            _sent_as("application/json", body, target),
            f"for the body {body}",
            400,
            422,
        )
    as_text = _sent_as("text/plain", json.dumps(made.to_dict()), target)
    expect_refusal(target.http, as_text, "for JSON sent as text/plain", 400, 415, 422)
    require({run["id"] for run in _listed(target)} == before, "a refused run was made")


def an_unknown_run_is_not_found(target: Target) -> None:
    """A run that does not exist gives 404, and so do its log lines."""
    new_run(target)
    for arguments in (get_run.build_request(UNKNOWN), list_run_logs.build_request(str(UNKNOWN))):
        expect_refusal(target.http, arguments, "for a run that does not exist", 404)


def _sent_as(content_type: str, body: str, target: Target) -> RequestArguments:
    """Return the request that creates a run, with this body and content type."""
    right = run_arguments(target)
    headers = {"Content-Type": content_type}
    return {
        "method": right["method"],
        "url": right["url"],
        "headers": headers,
        "content": body.encode(),
    }


def _listed(target: Target) -> list[Json]:
    items: list[Json] = items_of(get_json(target.http, list_runs.build_request(limit=500)))
    return items


CHECKS = (
    a_run_keeps_its_input,
    the_status_goes_forward,
    an_ended_run_is_complete,
    log_lines_and_node_runs_belong_to_their_run,
    an_invalid_run_is_refused,
    an_unknown_run_is_not_found,
)
