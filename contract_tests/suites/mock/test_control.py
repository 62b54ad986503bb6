"""The server's own addresses, for tests in other processes and languages."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, SteppedClock

from .calling import NANO_BANANA, RUN_SECONDS, create_run, error_of, get_run


@pytest.fixture
def control(mock: MockRunflow) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{mock.base_url}/_mock", trust_env=False) as client:
        yield client


def test_the_ledger_can_be_read(
    mock: MockRunflow, api: httpx.Client, control: httpx.Client
) -> None:
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    ledger = control.get("/ledger").json()
    assert ledger["balance"] == "99.85"
    [entry] = ledger["entries"]
    assert (entry["run_id"], entry["model_id"], entry["amount"]) == (run_id, NANO_BANANA, "0.15")


def test_faults_are_planned_listed_and_cleared(api: httpx.Client, control: httpx.Client) -> None:
    planned = control.post(
        "/faults", json={"kind": "status", "operation": "GET /v1/runs", "status": 503}
    ).json()
    assert (planned["count"], planned["status"]) == (1, 503)
    assert control.get("/faults").json()["faults"] == [planned]
    error_of(api.get("/v1/runs"), 503)
    assert control.get("/faults").json()["faults"] == []
    control.post("/faults", json={"kind": "html", "count": None})
    control.delete("/faults")
    assert api.get("/v1/runs").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "explode"},
        {},
        {"kind": "status", "color": "red"},
        {"kind": "null", "operation": "nothing"},
        [],
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(control: httpx.Client, fields: object) -> None:
    error_of(control.post("/faults", json=fields), 422)


def test_plans_that_never_applied_can_be_read(api: httpx.Client, control: httpx.Client) -> None:
    assert control.get("/unused").json() == {"unused": []}
    control.post("/faults", json={"kind": "status", "operation": "list_runs", "count": 2})
    control.post("/outcomes", json={"status": "failed"})
    assert control.get("/unused").json() == {
        "unused": ["fault 'status' for list_runs", "outcome 'failed' for any model"]
    }
    assert api.get("/v1/runs").status_code == 500
    create_run(api)
    assert control.get("/unused").json() == {"unused": []}


def test_time_outcomes_money_and_keys(
    mock: MockRunflow, api: httpx.Client, control: httpx.Client
) -> None:
    control.post("/outcomes", json={"status": "failed", "failure_code": "X", "count": 1})
    first, second, third = (create_run(api)["id"] for _ in range(3))
    assert control.post("/cancellations", json={"run_id": third}).json() == {"canceled": True}
    assert control.post("/advance", json={"seconds": RUN_SECONDS}).json() == {
        "now": "2026-01-01T00:00:06+00:00"
    }
    control.post("/settle")
    assert [get_run(api, run_id)["status_code"] for run_id in (first, second, third)] == [
        "failed",
        "succeeded",
        "canceled",
    ]
    assert control.post("/balance", json={"balance": "7.5"}).json() == {"balance": "7.5"}
    assert mock.balance == Decimal("7.5")
    control.post("/keys", json={"key": "rf_live_other", "scopes": ["runs:read"]})
    assert api.get("/v1/runs", headers={"Authorization": "Bearer rf_live_other"}).status_code == 200
    error_of(control.post("/outcomes", json={"status": "failed", "model": "acme/missing"}), 422)
    error_of(control.post("/balance", json={"balance": "much"}), 422)
    error_of(control.post("/balance", content=b"[" * 99999), 422)
    error_of(control.post("/advance", json={}), 422)
    error_of(control.post("/cancellations", json={"run_id": third, "status": "failed"}), 422)
    assert "GET /_mock/ledger" in error_of(control.get("/nothing"), 404)["message"]


@pytest.mark.parametrize("wrong", ["much", "NaN", "Infinity", None, [1], True])
def test_what_is_no_amount_of_money_changes_no_balance(
    mock: MockRunflow, control: httpx.Client, wrong: object
) -> None:
    places: dict[str, dict[str, Any]] = {
        "/balance": {},
        "/keys": {"key": "rf_live_new", "scopes": []},
    }
    for path, fields in places.items():
        refused = control.post(path, json={**fields, "balance": wrong})
        if path == "/balance" or wrong is not None:
            told = error_of(refused, 422)["message"]
            assert told.startswith(f"ValueError: balance is {wrong!r}: expected US dollars")
    assert mock.balance == 100
    assert len(list(mock.keys)) == (1 if wrong is not None else 2)


@pytest.mark.parametrize("name", ["scopes", "organizations"])
def test_a_text_is_no_list_of_texts(mock: MockRunflow, control: httpx.Client, name: str) -> None:
    refused = control.post("/keys", json={"key": "rf_live_new", name: "runs:read"})
    told = f"TypeError: {name} is 'runs:read': expected a list of texts"
    assert error_of(refused, 422)["message"] == told
    assert len(list(mock.keys)) == 1


def test_a_number_is_the_balance_that_it_is_written_as(control: httpx.Client) -> None:
    assert control.post("/balance", json={"balance": 0.1}).json() == {"balance": "0.1"}
    control.post("/keys", json={"key": "rf_live_new", "balance": 0.1})
    headers = {"Authorization": "Bearer rf_live_new"}
    url = control.base_url.join("/v1/billing/balance")
    assert httpx.get(url, headers=headers).json()["balance"] == "0.1"


WRONG_PLANS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("faults", {"kind": "null", "operation": 7}, "operation is 7: expected a text"),
    ("faults", {"kind": "status", "count": 1.5}, "count is 1.5: expected a whole number"),
    ("faults", {"kind": "slow_headers", "delay": float("nan")}, "delay is nan"),
    ("faults", {"kind": "clock_skew", "skew": 1e300}, "skew is 1e+300"),
    ("faults", {"kind": "status", "retry_after": "1\nX: y"}, "retry_after is '1\\nX: y'"),
    ("outcomes", {"status": "failed", "failure_code": 7}, "failure_code is 7: expected a text"),
    ("keys", {"key": "rf_live_new", "organization_id": "acme"}, "expected a UUID"),
    ("keys", {"key": "rf_live_new", "scopes": [7]}, "scopes is [7]: expected a list of texts"),
)


def test_what_would_fail_once_it_applies_is_refused_at_once(
    mock: MockRunflow, api: httpx.Client, control: httpx.Client
) -> None:
    for path, fields, said in WRONG_PLANS:
        sent = control.post(f"/{path}", content=json.dumps(fields))
        assert said in error_of(sent, 422)["message"]
    assert (list(mock.faults), mock.unused, len(list(mock.keys))) == ([], [], 1)
    create_run(api)


@pytest.mark.parametrize("seconds", [1e300, "inf", "nan", None])
def test_a_time_that_no_clock_shows_is_refused(control: httpx.Client, seconds: object) -> None:
    error_of(control.post("/advance", json={"seconds": seconds}), 422)
    assert control.post("/advance", json={"seconds": 0}).json() == {
        "now": "2026-01-01T00:00:00+00:00"
    }


@pytest.mark.parametrize("path", ["settle", "page/settle"])
def test_settling_lets_everything_happen_that_is_planned(path: str) -> None:
    with MockRunflow(SteppedClock(idle=10_000.0)) as mock, mock.client() as client:
        run = client.submit(NANO_BANANA, {"prompt": "x"}).refresh()
        assert not run.has_ended
        assert not httpx.post(f"{mock.base_url}/_mock/{path}").is_error
        assert mock.runs[0]["status_code"] == "succeeded"


def test_requests_can_be_read_and_the_control_is_not_among_them(
    mock: MockRunflow, api: httpx.Client, control: httpx.Client
) -> None:
    create_run(api)
    api.patch("/v1/assets/a%2Fb?x=1&x=%C3%BC&y=", content=b"\xff{", headers={"X-Thing": "yes"})
    found = control.get("/requests").json()["requests"]
    assert found == [
        {
            "method": one.method,
            "raw_path": one.raw_path,
            "query": [[name, value] for name, value in one.query],
            "headers": one.headers,
            "body": body,
        }
        for one, body in zip(
            mock.requests, (mock.requests[0].body.decode(), "\ufffd{"), strict=True
        )
    ]
    assert (found[1]["raw_path"], found[1]["headers"]["x-thing"]) == ("/v1/assets/a%2Fb", "yes")
    assert found[1]["query"] == [["x", "1"], ["x", "ü"], ["y", ""]]
    assert mock.api_key not in str(found)


@pytest.mark.plans_left
@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Host": "localhost:8080"}, True),
        ({"Host": "Mock.Localhost"}, True),
        ({"Host": "runflow-mock:8080"}, True),
        ({"Host": "host.docker.internal"}, True),
        ({"Host": "192.168.1.7:8080"}, True),
        ({"Host": "[::1]:8080"}, True),
        ({"Host": "rebound.example"}, False),
        ({"Host": "127.0.0.1.example:8080"}, False),
        ({"Host": "localhost.example."}, False),
        ({"Host": "[::1"}, False),
        ({"Host": "localhost.:8080"}, True),
        ({"Host": "rebound.example@localhost"}, False),
        ({"Host": "localhost/rebound.example"}, False),
        ({"Host": "localhost#.rebound.example"}, False),
        ({"Host": "localhost rebound.example"}, False),
        ({"Host": "localhost:1:2"}, False),
        ({"Host": ".."}, False),
        ({"Host": "127.0.0.1.nip.io"}, False),
        ({"Host": ""}, False),
        ({"Host": "rebound.example", "X-Forwarded-Host": "localhost"}, False),
        ({"Host": "localhost", "X-Forwarded-Host": "tunnel.example"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Host": "localhost:1", "Origin": "http://localhost:1"}, True),
        ({"Host": "localhost:1", "Origin": "http://localhost:2"}, False),
        ({"Origin": "https://page.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Host": "localhost:1", "Origin": "HTTP://LocalHost:1"}, True),
        ({"Host": "localhost:1", "Origin": "http://localhost.:1"}, False),
        ({"Host": "localhost:1", "Origin": "http://localhost:1, http://page.example"}, False),
        ({"Host": "localhost:1", "Origin": "file://localhost:1"}, False),
    ],
)
def test_a_web_page_does_not_control_the_server(
    mock: MockRunflow, control: httpx.Client, headers: dict[str, str], allowed: bool
) -> None:
    answer = control.post("/faults", json={"kind": "html"}, headers=headers)
    if allowed:
        assert answer.status_code == 200
    else:
        error_of(answer, 403)
    assert len(list(mock.faults)) == allowed
