"""Laws of a run: it keeps what it was given, ends whole, and never changes after that."""

import json

from runflow_api.api.models import create_run
from runflow_api.api.runs import get_run, list_node_runs, list_run_logs, list_runs
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments
from runflow_client.statuses import ENDED_WITH_OUTPUT, FAILED, is_terminal

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


def keeps_what_it_was_given(target: Target) -> None:
    """Input, metadata and client_ref come back as they were sent; what was not sent is null."""
    metadata = {"order": 7, "deep": {"null": None, "list": [1, "zwei", 3.5], "é": "日本"}}
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


def lives_in_order(target: Target) -> None:
    """A run begins queued and only goes forward until it ends; its node count does not fall."""
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


def ends_whole(target: Target) -> None:
    """However a run ends, it says when and why, get and list agree, and it stays as it is."""
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


def what_is_below_a_run_is_its_own(target: Target) -> None:
    """Log lines and node runs below a run are those of this run; below `any` there are those of all."""
    first, second = ended_run(target), ended_run(target)
    for build in (list_run_logs.build_request, list_node_runs.build_request):
        pages: dict[str, Json] = {
            parent: get_json(target.http, build(parent, limit=500, sort_by="created_at:desc"))
            for parent in (first["id"], second["id"], "any")
        }
        for parent in (first["id"], second["id"]):
            foreign = {item["run_id"] for item in items_of(pages[parent])} - {parent}
            require(not foreign, f"below run {parent} stand entries of {sorted(foreign)}")
        missing = set(ids_of(pages[first["id"]]) + ids_of(pages[second["id"]])) - set(
            ids_of(pages["any"])
        )
        require(
            not missing,
            f"below `any` {len(missing)} entries are missing that stand below their run",
        )


def what_a_model_does_not_take_is_refused(target: Target) -> None:
    """A run of a model that does not exist is refused with 404, a body that is not as documented with 422; nothing is made."""
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
    expect_refusal(target.http, as_text, "for JSON that is said to be text", 400, 415, 422)
    require({run["id"] for run in _listed(target)} == before, "a refused run was made")


def an_unknown_run_is_not_found(target: Target) -> None:
    """What does not exist is answered with 404, not with something else that does."""
    new_run(target)
    for arguments in (get_run.build_request(UNKNOWN), list_run_logs.build_request(str(UNKNOWN))):
        expect_refusal(target.http, arguments, "for a run that does not exist", 404)


def _sent_as(content_type: str, body: str, target: Target) -> RequestArguments:
    """Return the request that creates a run, with this body instead of a typed one."""
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
    keeps_what_it_was_given,
    lives_in_order,
    ends_whole,
    what_is_below_a_run_is_its_own,
    what_a_model_does_not_take_is_refused,
    an_unknown_run_is_not_found,
)
