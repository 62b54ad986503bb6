"""Faults on demand."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow

from .calling import NANO_BANANA, RUN_SECONDS, create_run, error_of, get_run

RUNS = f"/v1/models/{NANO_BANANA}/runs"


def test_the_next_requests_fail_and_then_no_more(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.fail_next("GET", "/v1/runs/{id}", status=500, count=2)
    mock.fail_next("list_runs", status=429, retry_after="7")
    assert [api.get(f"/v1/runs/{run_id}").status_code for _ in range(3)] == [500, 500, 200]
    response = api.get("/v1/runs")
    assert error_of(response, 429)["code"] == "RATE_LIMITED"
    assert response.headers["retry-after"] == "7"
    mock.fail_next("list_runs", status=503)
    assert "retry-after" not in api.get("/v1/runs").headers
    assert api.get("/v1/runs").status_code == 200


def test_a_reset_before_acting_leaves_nothing(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("create_run", fault="reset_before")
    with pytest.raises(httpx.ReadError):
        api.post(RUNS, json={"input": {"prompt": "x"}})
    assert mock.runs == []


def test_a_reset_after_acting_leaves_the_run(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("create_run", fault="reset_after")
    wanted: dict[str, Any] = {"client_ref": "lost", "input": {"prompt": "x"}}
    key = {"Idempotency-Key": "k"}
    with pytest.raises(httpx.ReadError):
        api.post(RUNS, json=wanted, headers=key)
    [found] = api.get("/v1/runs", params={"q": "client_ref.EQ:'lost'"}).json()["items"]
    assert api.post(RUNS, json=wanted, headers=key).json()["id"] == found["id"]
    mock.advance(RUN_SECONDS)
    assert [entry.run_id for entry in mock.ledger] == [found["id"]]


def test_html_instead_of_json(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("list_runs", fault="html")
    response = api.get("/v1/runs")
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html")


def test_a_body_that_is_cut_off(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("list_runs", fault="truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/v1/runs")
    assert api.get("/v1/runs").status_code == 200


def test_a_body_that_trickles_and_late_headers(mock: MockRunflow, api: httpx.Client) -> None:
    mock.fail_next("list_runs", fault="trickle", delay=0)
    mock.fail_next("get_health", fault="slow_headers", delay=0)
    assert api.get("/v1/runs").json()["items"] == []
    assert api.get("/v1/health").status_code == 200


def test_a_server_that_does_not_answer(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.fail_next("get_run", fault="stall")
    with pytest.raises(httpx.ReadTimeout):
        api.get(f"/v1/runs/{run_id}", timeout=0.05)
    assert get_run(api, run_id)["status_code"] == "queued"


def test_unknown_operations_and_kinds_are_refused(mock: MockRunflow) -> None:
    with pytest.raises(ValueError, match="no_such_operation"):
        mock.fail_next("no_such_operation", status=500)
    with pytest.raises(ValueError, match="explode"):
        mock.fail_next("get_run", fault="explode")


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("GET /v1/run/{id}", "no operation 'GET /v1/run/{id}'"),
        ("PUT /v1/runs/{id}", "no operation 'PUT /v1/runs/{id}'"),
        ("get_runs", "did you mean 'get_run'"),
    ],
)
def test_a_fault_of_an_operation_that_does_not_exist_is_refused(
    mock: MockRunflow, operation: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        mock.fail_next(operation, status=500)
    assert list(mock.faults) == []


def test_an_operation_may_be_named_with_other_parameters_and_a_method_in_lower_case(
    mock: MockRunflow, api: httpx.Client
) -> None:
    mock.fail_next("get /v1/runs/{run}", status=503)
    run_id = create_run(api)["id"]
    assert api.get(f"/v1/runs/{run_id}").status_code == 503


@pytest.mark.plans_left
def test_a_fault_of_callbacks_takes_no_operation(mock: MockRunflow) -> None:
    with pytest.raises(ValueError, match="lost_callback applies to callbacks"):
        mock.fail_next("create_run", fault="lost_callback")
    mock.fail_next("*", fault="lost_callback")


@pytest.mark.parametrize(
    ("plan", "reason"),
    [
        (lambda mock: mock.fail_next("get_run", fault="resett"), "did you mean 'reset_after'"),
        (lambda mock: mock.fail_next("get_run", fault="nul"), "did you mean 'null'"),
        (lambda mock: mock.fail_next("get_run", status=503, fault="null"), "plan one of the two"),
        (lambda mock: mock.fail_next("get_run", status=503, count=0), "count is 0"),
        (lambda mock: mock.fail_next("get_run", status=503, probability=3), "probability is 3"),
        (lambda mock: mock.fail_next("get_run", status=503, probability=0), "probability is 0"),
        (lambda mock: mock.next_outcome("fialed"), "did you mean 'failed'"),
        (lambda mock: mock.next_outcome("failed", count=0), "count is 0"),
        (lambda mock: mock.next_outcome("succeeded", failure_code="X"), "only a failed run"),
        (lambda mock: setattr(mock, "balance", "lots"), "balance is 'lots'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(
    mock: MockRunflow, plan: Callable[[MockRunflow], object], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        plan(mock)
    assert "Attribute(" not in str(refused.value)
    assert mock.unused == []


@pytest.mark.plans_left
@pytest.mark.parametrize(
    ("fault", "field"), [("null", "no_such_field"), ("unknown_enum", None), ("wrong_type", "a.b")]
)
def test_a_fault_that_finds_nothing_to_change_counts_as_unused(
    mock: MockRunflow, api: httpx.Client, fault: str, field: str | None
) -> None:
    mock.fail_next("get_balance", fault=fault, field=field)
    api.get("/v1/billing/balance")
    [told] = mock.unused
    assert told == f"fault {fault!r} for get_balance (it found nothing to change)"


def test_a_fault_that_changed_one_answer_counts_as_used_whatever_came_after(
    mock: MockRunflow, api: httpx.Client
) -> None:
    create_run(api)
    mock.fail_next("list_runs", fault="unknown_status", count=2)
    for limit in ("client_ref:null", "client_ref:none"):
        api.get("/v1/runs", params={"q": limit})
    assert mock.unused == []
    mock.fail_next("*", status=503)
    assert api.get("/v1/nothing").status_code == 404  # the API has no such operation
    assert mock.unused == ["fault 'status' for *"]
    mock.faults.clear()


@pytest.mark.parametrize("fault", ["null", "unknown_field", "clock_skew", "html", "trickle"])
def test_a_fault_that_changed_the_answer_counts_as_used(
    mock: MockRunflow, api: httpx.Client, fault: str
) -> None:
    mock.fail_next("get_balance", fault=fault)
    api.get("/v1/billing/balance")
    assert mock.unused == []


@pytest.mark.parametrize("status", [403, 503])
def test_uploads_and_downloads_fail_in_the_words_of_a_storage(
    mock: MockRunflow, api: httpx.Client, status: int
) -> None:
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    url = get_run(api, run_id)["output"]["outputs"][0]["url"]
    mock.fail_next("*", status=418)
    mock.fail_next("storage", status=status, contains="/_outputs/")
    failed = httpx.get(url)
    assert (failed.status_code, failed.headers["Content-Type"]) == (status, "application/xml")
    assert "<Code>" in failed.text
    assert httpx.get(url).status_code == 200, "a fault of the API changes no file"
    assert api.get("/v1/runs").status_code == 418


def test_a_fault_of_the_storage_is_one_of_every_method(
    mock: MockRunflow, api: httpx.Client
) -> None:
    mock.fail_next("storage", status=503, count=None)
    for method in ("PUT", "GET", "HEAD", "DELETE"):
        for place in ("_uploads", "_assets", "_outputs"):
            answer = httpx.request(method, f"{mock.base_url}/{place}/x")
            assert (answer.status_code, answer.text == "") == (503, method == "HEAD")
    assert api.get("/v1/runs").status_code == 200


def test_a_file_is_cut_or_comes_slowly(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api)["id"]
    mock.advance(RUN_SECONDS)
    url = get_run(api, run_id)["output"]["outputs"][0]["url"]
    whole = httpx.get(url).content
    mock.fail_next("storage", fault="truncate")
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)
    mock.fail_next("storage", fault="trickle", delay=0.0)
    assert httpx.get(url).content == whole
    with pytest.raises(ValueError, match="null changes answers of the API or callbacks, no files"):
        mock.fail_next("storage", fault="null")
