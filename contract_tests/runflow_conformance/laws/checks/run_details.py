"""Laws of what a run tells of itself: its instants, its steps and log lines, why it failed, and the files it made."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runflow_api.api.runs import get_node_run, get_run, get_run_log, list_node_runs, list_run_logs
from runflow_api.http_library import httpx
from runflow_client.statuses import ENDED_WITH_OUTPUT, FAILED

from ..invariants import require
from ..target import Target
from ._requests import (
    UNKNOWN,
    Json,
    ended_run,
    expect_refusal,
    get_json,
    items_of,
    new_run,
    read_run,
)

ENDINGS = ("succeeded", "partial_succeeded", "failed", "canceled")
ONE_HOUR = 3600.0  # seconds
TOLERANCE = 1.0  # milliseconds
ID_VERSION = 7


def its_instants_stand_in_order(target: Target) -> None:
    """A run is created, started, completed, in this order, under an id of version 7; duration_ms is the time between."""
    for status in ENDINGS if target.end_next is not None else ENDINGS[:1]:
        run = ended_run(target, status)
        label = f"run {run['id']}, which has {run['status_code']},"
        instants = [
            _instant(run[name])
            for name in ("created_at", "started_at", "completed_at")
            if run[name]
        ]
        require(
            instants == sorted(instants),
            f"{label} was created, started and completed at {instants}",
        )
        taken = (instants[-1] - instants[0]).total_seconds() * 1000
        require(
            abs(run["duration_ms"] - taken) <= TOLERANCE,
            f"{label} took {taken:g} ms, duration_ms {run['duration_ms']}",
        )
        require(
            UUID(run["id"]).version == ID_VERSION,
            f"the id of {label} is no UUID of version {ID_VERSION}",
        )
        if status in ENDED_WITH_OUTPUT:
            require(run["started_at"] is not None, f"{label} never started")
            require(
                run["nodes_completed"] == run["nodes_total"],
                f"{label} has completed {run['nodes_completed']} nodes",
            )
        require(
            run["nodes_completed"] <= run["nodes_total"],
            f"{label} has completed more nodes than it has",
        )


def why_it_failed_is_told(target: Target) -> None:
    """A failed run has a code, a message and a target; no other run has one of them."""
    if target.end_next is None:
        return
    for status in ENDINGS:
        run = ended_run(target, status)
        for name in ("failure_code", "failure_message", "failure_stage_code"):
            require(
                (run[name] is not None) == (status == FAILED),
                f"{name} of run {run['id']}, {status}, is {run[name]!r}",
            )


def keeps_its_address(target: Target) -> None:
    """callback_url comes back as it was sent, and links lead to the run."""
    url = "https://example.com/laws?of=runs"
    run = read_run(target, new_run(target, callback_url=url)["id"])
    require(
        run["callback_url"] == url,
        f"callback_url of run {run['id']} was {url}, it is {run['callback_url']}",
    )
    require(
        read_run(target, new_run(target)["id"])["callback_url"] is None,
        "a run without callback_url has one",
    )


def its_files_are_there(target: Target) -> None:
    """What a run made can be fetched from each URL of its output, an hour later too when the URLs are signed anew."""
    run = ended_run(target)
    entries = _entries(run)
    require(
        bool(entries), f"run {run['id']} has succeeded without an output: {sorted(run['output'])}"
    )
    target.pass_time(ONE_HOUR)
    signed = get_json(target.http, get_run.build_request(UUID(run["id"]), add_signature=True))
    again = _entries(signed)
    require(len(again) == len(entries), f"run {run['id']} has other outputs with add_signature")
    with httpx.Client() as storage:
        for entry in (*entries, *again):
            answer = storage.get(entry["url"])
            require(
                answer.is_success and bool(answer.content),
                f"an output of run {run['id']} answers {answer.status_code}",
            )
            kind = answer.headers.get("Content-Type", "")
            require(
                kind.startswith(entry["type"]),
                f"an output of run {run['id']} of type {entry['type']} comes as {kind}",
            )


def as_many_files_as_asked(target: Target) -> None:
    """`num_images` gives as many outputs, each with another address and for the price of one."""
    costs: list[Decimal] = []
    for count in (1, 3):
        run = ended_run(target, input={**target.input, "num_images": count})
        urls = [entry["url"] for entry in _entries(run)]
        require(
            len(set(urls)) == count,
            f"run {run['id']} was to make {count} outputs, it has {len(set(urls))}",
        )
        costs.append(Decimal(run["cost"] or 0))
    require(costs[1] == 3 * costs[0], f"3 outputs cost {costs[1]}, one costs {costs[0]}")


def its_log_and_steps_are_read(target: Target) -> None:
    """Log lines and node runs stand in order of time, are read one by one, and below their own run only."""
    run, other = ended_run(target), ended_run(target)
    builds: tuple[tuple[str, str, str, Any, Any], ...] = (
        ("logs", "has_logs", "timestamp", list_run_logs.build_request, get_run_log.build_request),
        (
            "node_runs",
            "has_node_runs",
            "started_at",
            list_node_runs.build_request,
            get_node_run.build_request,
        ),
    )
    for what, flag, instant, everything, single in builds:
        rows: list[Json] = items_of(get_json(target.http, everything(run["id"], limit=500)))
        require(
            bool(run[flag]) == bool(rows),
            f"{flag} of run {run['id']} is {run[flag]}, it has {len(rows)}",
        )
        shown = [_instant(row[instant]) for row in rows]
        require(shown == sorted(shown), f"{what} of run {run['id']} are out of order: {shown}")
        require(not run.get(what), f"run {run['id']} embeds {what} that nobody asked for")
        for row in rows:
            for parent in (run["id"], "any"):
                alone = get_json(target.http, single(parent, UUID(row["id"])))
                require(
                    alone == row,
                    f"one of the {what} of run {run['id']} alone is not what the list shows",
                )
            expect_refusal(
                target.http, single(other["id"], UUID(row["id"])), f"for {what} of another run", 404
            )
        expect_refusal(
            target.http, single(run["id"], UNKNOWN), f"for {what} that do not exist", 404
        )


def _entries(run: Json) -> list[Json]:
    """Return the outputs of a run, of either shape."""
    output: Json = run["output"] or {}
    if "image_urls" in output:
        return [{"url": url, "type": "image"} for url in output["image_urls"]]
    return output.get("outputs") or []


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


CHECKS = (
    its_instants_stand_in_order,
    why_it_failed_is_told,
    keeps_its_address,
    its_files_are_there,
    as_many_files_as_asked,
    its_log_and_steps_are_read,
)
