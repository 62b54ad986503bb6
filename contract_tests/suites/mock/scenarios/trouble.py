"""Planned faults, and requests that are wrong in themselves."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import httpx
from runflow_mock import Fault

from .recorder import RUNS, Recorder, objects
from .runs import MISSING

BROKEN = ("reset_before", "reset_after", "truncate")
IN_THE_BODY = (
    "unknown_status",
    "unknown_field",
    "unknown_enum",
    "null",
    "wrong_type",
    "missing_field",
)


def faults(recorder: Recorder) -> None:
    """Play what each fault makes of an answer, and which requests it takes."""
    run = recorder.run(client_ref="a")
    recorder.advance(10)
    one = f"/v1/runs/{run}"
    for kind in (*IN_THE_BODY, "clock_skew"):
        for field in (None, "status_code", "output.outputs.0.url", "metadata", "nothing"):
            recorder.title(f"{kind} {field}")
            if kind == "clock_skew" and field:
                continue
            planned = recorder.mock.fail_next(
                "get_run", fault=kind, field=field, skew=90.0, value="v"
            )
            recorder.get(one)
            recorder.get(one)
            recorder.write(f"applied {planned.applied}, changed {planned.changed}")
            recorder.write(f"unused {recorder.mock.unused}")
            recorder.mock.faults.clear()
    for kind in IN_THE_BODY:
        recorder.mock.fail_next("list_runs", fault=kind)
        recorder.get("/v1/runs")
    recorder.mock.faults.clear()
    recorder.title("instead of an answer")
    for details in objects(
        {"status": 429, "retry_after": "7"},
        {"status": 503, "code": "X", "message": "later"},
        {"status": 418},
        {"fault": "html"},
        {"fault": "html", "status": 403},
    ):
        recorder.mock.fail_next("create_run", **details)
        recorder.post(RUNS, {"input": {"prompt": "x"}})
    for kind in BROKEN:
        recorder.mock.fail_next("create_run", fault=kind)
        try:
            recorder.run(client_ref=kind)
        except httpx.TransportError:
            recorder.write(f"{kind}: broken")
        recorder.get("/v1/runs", fields="id,client_ref", limit="2")
    for kind in ("trickle", "slow_headers"):
        recorder.mock.fail_next("get_run", fault=kind, delay=0.001)
        recorder.get(one, fields="id,status_code")
    recorder.title("which requests")
    plans = [
        Fault(kind="status", operation="get_run", count=2),
        Fault(kind="status", operation="GET /v1/runs", contains="limit=2", status=501),
        Fault(kind="status", operation="create_run", contains='"prompt":"special"', status=502),
        Fault(kind="status", operation="*", contains=MISSING, count=None, status=503),
        Fault(kind="status", operation="list_runs", probability=0.5, seed=3, count=4, status=504),
    ]
    for plan in plans:
        recorder.mock.faults.add(plan)
    for _ in range(3):
        recorder.get(one, fields="id")
        recorder.get("/v1/runs", limit="1", fields="id")
        recorder.get("/v1/runs", limit="2", fields="id")
        recorder.post(RUNS, {"input": {"prompt": "special"}})
        recorder.get(f"/v1/batches/{MISSING}")
        recorder.get("/_mock/faults")
        recorder.write(f"unused {recorder.mock.unused}; left {[plan.count for plan in plans]}")
    for body in objects(
        {"kind": "status", "operation": "get_run", "status": 199},
        {"kind": "status", "operation": "get_runs"},
        {"kind": "late_callback", "operation": "get_run"},
        {"kind": "nothing"},
        {"kind": "null", "operation": "get_run", "count": 0},
        {"kind": "null", "probability": 0},
        {"kind": "null", "wrong": 1},
    ):
        recorder.call("POST", "/_mock/faults", body)
    recorder.call("DELETE", "/_mock/faults")
    recorder.get("/_mock/faults")


def requests(recorder: Recorder) -> None:
    """Play how requests are refused that are wrong in path, method, header or body."""
    for method, path in (
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/runs"),
        ("DELETE", "/v1/runs/statuses"),
        ("GET", "/v1/runs/"),
        ("HEAD", "/v1/runs"),
        ("OPTIONS", "/v1/runs"),
        ("POST", "/v1/models/a/b/c/runs"),
        ("POST", "/v1/models/a/b/c/d/e/f/runs"),
        ("POST", "/v1/models/acme/outputs/runs"),
        ("POST", "/v1/models/acme/inputs/batches"),
        ("GET", "/v1/models/acme/outputs/runs"),
        ("GET", "/v1/models/acme/any/inputs"),
        ("GET", "/v1/models/acme%2Fany/inputs"),
        ("GET", "/v1/runs/any/logs"),
        ("GET", "/v1/runs/statuses/logs"),
        ("GET", "/v1/runs/%2e%2e"),
        ("GET", "/v1/runs/%FF%C3%BC"),
        ("PATCH", "/v1/webhooks/event-types"),
        ("GET", "/v1/webhooks/event-types/run.failed"),
        ("GET", "/v1/evaluations/statuses"),
        ("PATCH", "/v1/evaluations/statuses/feedback"),
        ("GET", "/V1/RUNS"),
    ):
        recorder.call(method, path, {} if method in ("POST", "PATCH", "PUT") else None)
    recorder.title("two things that are wrong at once")
    _pairs(recorder)
    recorder.title("bodies")
    for content, kind in (
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'"x"', "application/json"),
        (b'{"input": {"prompt": NaN}}', "application/json"),
        (b'{"input": {"prompt": "x"}}', "text/plain"),
        (b'{"input": {"prompt": "x"}}', "application/json; charset=utf-8"),
        (b"\xff", "application/json"),
        (b"input=x", "application/x-www-form-urlencoded"),
    ):
        recorder.call("POST", RUNS, headers={"Content-Type": kind}, content=content)
    recorder.title("queries")
    for query in (
        {"limit": "x"},
        {"limit": "2.5"},
        {"add_signature": "1"},
        {"from_prev": "yes"},
        {"unknown": "1"},
        {"embed": "nothing"},
    ):
        recorder.get("/v1/runs", **query)
    recorder.call("GET", "/v1/runs", headers={"X-Organization-Id": "x"})


def _pairs(recorder: Recorder) -> None:
    """Write down which of two things that are wrong with a request is the reason it is refused."""
    mock = recorder.mock
    mock.keys.add("rf_live_reader", scopes=["runs:read"], balance="1")
    mock.keys.add("rf_live_poor", balance="0")
    body: dict[str, Any] = {"input": {"prompt": "x"}}
    used = {"Idempotency-Key": "pairs"}
    for key in (mock.api_key, "rf_live_reader", "rf_live_poor"):
        recorder.refusal(RUNS, body, key=key, headers=used)
    troubles: dict[str, dict[str, Any]] = {
        "an unknown key": {"key": "rf_live_unknown"},
        "a key without the scope": {"key": "rf_live_reader"},
        "a key without money": {"key": "rf_live_poor"},
        "an organization that is no id": {"headers": {"X-Organization-Id": "x"}},
        "an unknown model": {"path": "/v1/models/nobody/nothing/runs"},
        "no input": {"body": {}},
        "an input that the model refuses": {"body": {"input": {"prompt": 3}}},
        "an idempotency key of another body": {"headers": used},
    }
    for (first, one), (second, two) in combinations(troubles.items(), 2):
        if one.keys() & two.keys() <= {"headers"}:
            both = {"path": RUNS, "body": {**body, "metadata": {"pair": 1}}, **one, **two}
            both["headers"] = {**one.get("headers", {}), **two.get("headers", {})}
            recorder.write(f"{first}, and {second}: {recorder.refusal(**both)}")
