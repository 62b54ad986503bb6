"""Laws of what a run tells of itself: its instants, its steps and log lines, why it failed, and the files it made."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runflow_api.api.runs import get_node_run, get_run, get_run_log, list_node_runs, list_run_logs
from runflow_api.http_library import httpx
from runflow_client.statuses import ENDED_WITH_OUTPUT, FAILED

from ..invariants import law
from ..target import Stage
from ._requests import (
    UNKNOWN,
    Json,
    ended_run,
    items_of,
    new_run,
    read_run,
    refused,
    told,
)

ENDINGS = ("succeeded", "partial_succeeded", "failed", "canceled")
LATER = 3600.0  # seconds
TOLERANCE = 1.0  # milliseconds
ID_VERSION = 7


def its_instants_stand_in_order(stage: Stage) -> None:
    """A run is created, started, completed, in this order, under an id of version 7; duration_ms is the time between."""
    for status in ENDINGS if stage.end_next is not None else ENDINGS[:1]:
        run = ended_run(stage, status)
        label = f"run {run['id']}, which has {run['status_code']},"
        instants = [
            _instant(run[name])
            for name in ("created_at", "started_at", "completed_at")
            if run[name]
        ]
        law(
            instants == sorted(instants),
            f"{label} was created, started and completed at {instants}",
        )
        taken = (instants[-1] - instants[0]).total_seconds() * 1000
        law(
            abs(run["duration_ms"] - taken) <= TOLERANCE,
            f"{label} took {taken:g} ms, duration_ms {run['duration_ms']}",
        )
        law(
            UUID(run["id"]).version == ID_VERSION,
            f"the id of {label} is no UUID of version {ID_VERSION}",
        )
        if status in ENDED_WITH_OUTPUT:
            law(run["started_at"] is not None, f"{label} never started")
            law(
                run["nodes_completed"] == run["nodes_total"],
                f"{label} has completed {run['nodes_completed']} nodes",
            )
        law(
            run["nodes_completed"] <= run["nodes_total"],
            f"{label} has completed more nodes than it has",
        )


def why_it_failed_is_told(stage: Stage) -> None:
    """A failed run has a code, a message and a stage; no other run has one of them."""
    if stage.end_next is None:
        return
    for status in ENDINGS:
        run = ended_run(stage, status)
        for name in ("failure_code", "failure_message", "failure_stage_code"):
            law(
                (run[name] is not None) == (status == FAILED),
                f"{name} of run {run['id']}, {status}, is {run[name]!r}",
            )


def keeps_its_address(stage: Stage) -> None:
    """callback_url comes back as it was sent, and links lead to the run."""
    url = "https://example.com/laws?of=runs"
    run = read_run(stage, new_run(stage, callback_url=url)["id"])
    law(
        run["callback_url"] == url,
        f"callback_url of run {run['id']} was {url}, it is {run['callback_url']}",
    )
    law(
        read_run(stage, new_run(stage)["id"])["callback_url"] is None,
        "a run without callback_url has one",
    )


def its_files_are_there(stage: Stage) -> None:
    """What a run made can be fetched from each URL of its output, an hour later too when the URLs are signed anew."""
    run = ended_run(stage)
    entries = _entries(run)
    law(bool(entries), f"run {run['id']} has succeeded without an output: {sorted(run['output'])}")
    stage.pass_time(LATER)
    signed = told(stage.http, get_run.build_request(UUID(run["id"]), add_signature=True))
    again = _entries(signed)
    law(len(again) == len(entries), f"run {run['id']} has other outputs with add_signature")
    with httpx.Client() as storage:
        for entry in (*entries, *again):
            answer = storage.get(entry["url"])
            law(
                answer.is_success and bool(answer.content),
                f"an output of run {run['id']} answers {answer.status_code}",
            )
            kind = answer.headers.get("Content-Type", "")
            law(
                kind.startswith(entry["type"]),
                f"an output of run {run['id']} of type {entry['type']} comes as {kind}",
            )


def as_many_files_as_asked(stage: Stage) -> None:
    """`num_images` gives as many outputs, each with another address and for the price of one."""
    costs: list[Decimal] = []
    for count in (1, 3):
        run = ended_run(stage, input={**stage.input, "num_images": count})
        urls = [entry["url"] for entry in _entries(run)]
        law(
            len(set(urls)) == count,
            f"run {run['id']} was to make {count} outputs, it has {len(set(urls))}",
        )
        costs.append(Decimal(run["cost"] or 0))
    law(costs[1] == 3 * costs[0], f"3 outputs cost {costs[1]}, one costs {costs[0]}")


def its_log_and_steps_are_read(stage: Stage) -> None:
    """Log lines and node runs stand in order of time, are read one by one, and below their own run only."""
    run, other = ended_run(stage), ended_run(stage)
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
        rows: list[Json] = items_of(told(stage.http, everything(run["id"], limit=500)))
        law(
            bool(run[flag]) == bool(rows),
            f"{flag} of run {run['id']} is {run[flag]}, it has {len(rows)}",
        )
        shown = [_instant(row[instant]) for row in rows]
        law(shown == sorted(shown), f"{what} of run {run['id']} are out of order: {shown}")
        law(not run.get(what), f"run {run['id']} embeds {what} that nobody asked for")
        for row in rows:
            for parent in (run["id"], "any"):
                alone = told(stage.http, single(parent, UUID(row["id"])))
                law(
                    alone == row,
                    f"one of the {what} of run {run['id']} alone is not what the list shows",
                )
            refused(
                stage.http, single(other["id"], UUID(row["id"])), f"for {what} of another run", 404
            )
        refused(stage.http, single(run["id"], UNKNOWN), f"for {what} that do not exist", 404)


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
