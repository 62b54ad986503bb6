"""Laws of a run's details: times, failure, URLs, outputs, log lines and node runs."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from runflow_api.api.runs import get_node_run, get_run, get_run_log, list_node_runs, list_run_logs
from runflow_client._models.statuses import ENDED_WITH_OUTPUT, FAILED

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


def times_are_in_order(target: Target) -> None:
    """A run is created, started and completed in this order; duration_ms is the time between."""
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
            f"the id of {label} is not a UUID of version {ID_VERSION}",
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


def only_a_failed_run_has_a_failure(target: Target) -> None:
    """A failed run has a failure code, message and stage. No other run has one of them."""
    if target.end_next is None:
        return
    for status in ENDINGS:
        run = ended_run(target, status)
        for name in ("failure_code", "failure_message", "failure_stage_code"):
            require(
                (run[name] is not None) == (status == FAILED),
                f"{name} of run {run['id']}, {status}, is {run[name]!r}",
            )


def callback_url_is_stored(target: Target) -> None:
    """callback_url is returned as it was sent."""
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


def outputs_can_be_downloaded(target: Target) -> None:
    """Every output can be downloaded, and with add_signature also an hour later."""
    run = ended_run(target)
    entries = _entries(run)
    require(
        bool(entries), f"run {run['id']} has succeeded without an output: {sorted(run['output'])}"
    )
    target.pass_time(ONE_HOUR)
    signed = get_json(target.http, get_run.build_request(UUID(run["id"]), add_signature=True))
    again = _entries(signed)
    require(len(again) == len(entries), f"run {run['id']} has other outputs with add_signature")
    with target.open_storage() as storage:
        for entry in (*entries, *again):
            response = storage.get(entry["url"])
            require(
                response.is_success and bool(response.content),
                f"an output of run {run['id']} returns {response.status_code}",
            )
            kind = response.headers.get("Content-Type", "")
            require(
                kind.startswith(entry["type"]),
                f"an output of run {run['id']} of type {entry['type']} has the Content-Type {kind}",
            )


def num_images_is_the_number_of_outputs(target: Target) -> None:
    """`num_images` gives that many outputs, each with its own URL, at that many times the price."""
    costs: list[Decimal] = []
    for count in (1, 3):
        run = ended_run(target, input={**target.input, "num_images": count})
        urls = [entry["url"] for entry in _entries(run)]
        require(
            len(set(urls)) == count,
            f"run {run['id']} was to create {count} outputs, it has {len(set(urls))}",
        )
        costs.append(Decimal(run["cost"] or 0))
    require(costs[1] == 3 * costs[0], f"3 outputs cost {costs[1]}, one costs {costs[0]}")


def log_lines_and_node_runs_are_in_order(target: Target) -> None:
    """Log lines and node runs are sorted by time, and read one by one below their own run only."""
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
        require(not run.get(what), f"run {run['id']} embeds {what} without being asked")
        for row in rows:
            for parent in (run["id"], "any"):
                alone = get_json(target.http, single(parent, UUID(row["id"])))
                require(
                    alone == row,
                    f"one of the {what} of run {run['id']} is different when read alone",
                )
            expect_refusal(
                target.http, single(other["id"], UUID(row["id"])), f"for {what} of another run", 404
            )
        expect_refusal(
            target.http, single(run["id"], UNKNOWN), f"for {what} that do not exist", 404
        )


def _entries(run: Json) -> list[Json]:
    """Return the outputs of a run, in either shape."""
    output: Json = run["output"] or {}
    if "image_urls" in output:
        return [{"url": url, "type": "image"} for url in output["image_urls"]]
    return output.get("outputs") or []


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


CHECKS = (
    times_are_in_order,
    only_a_failed_run_has_a_failure,
    callback_url_is_stored,
    outputs_can_be_downloaded,
    num_images_is_the_number_of_outputs,
    log_lines_and_node_runs_are_in_order,
)
