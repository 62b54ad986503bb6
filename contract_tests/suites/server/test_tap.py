"""The Tap finds every difference between document and traffic, and nothing else."""

import asyncio
import gzip
import json
import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from runflow_api.api.account import get_balance
from runflow_client import AsyncRunflow, RetryPolicy, Runflow, SendFailed
from runflow_conformance import AsyncTap, ConformanceError, Finding, Tap
from runflow_mock import MockRunflow
from runflow_mock.contract.document import find_document

MODEL = "google/nano-banana-pro"
PROMPT = {"prompt": "a tap"}


@contextmanager
def client_of(mock: MockRunflow, tap: Tap) -> Iterator[Runflow]:
    with httpx.Client(transport=tap) as http:
        yield Runflow(
            mock.api_key, base_url=mock.base_url, http_client=http, retries=RetryPolicy(attempts=1)
        )


def use(mock: MockRunflow, **options: Any) -> Tap:
    """Create a run, download its image, read a list and the balance, all through a Tap."""
    tap = Tap(httpx.HTTPTransport(), **options)
    with client_of(mock, tap) as client:
        handle = client.submit(MODEL, PROMPT)
        mock.advance(600)
        run = handle.refresh()
        assert httpx.Client(transport=tap).get(run.outputs[0].url or "").content
        assert [found.id for found in client.runs.list()] == [run.id]
        client.account.balance()
    return tap


def rules(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.operation, finding.rule) for finding in findings}


def test_an_honest_server_leaves_it_silent(mock: MockRunflow) -> None:
    tap = use(mock, strict=True)
    assert tap.interactions == 4
    assert tap.report() == "4 interactions, no differences from the document"


def test_unknown_fields_and_open_enums_are_no_violation(mock: MockRunflow) -> None:
    mock.fail_next("get_run", fault="unknown_field", count=None)
    mock.fail_next("list_runs", fault="unknown_enum", count=None)
    assert use(mock).findings == []


@pytest.mark.parametrize(
    ("fault", "rule", "where", "pointer"),
    [
        (
            {"fault": "unknown_status"},
            "schema:enum",
            "response 200, body /items/0/status_code",
            "/components/schemas/RunStatus/enum",
        ),
        (
            {"fault": "null", "field": "items"},
            "schema:type",
            "response 200, body /items",
            "/components/schemas/RunPage/properties/items/type",
        ),
        (
            {"fault": "wrong_type", "field": "items.0.created_at"},
            "schema:type",
            "response 200, body /items/0/created_at",
            "/components/schemas/Run/properties/created_at/anyOf/0/type",
        ),
        (
            {"fault": "missing_field", "field": "items"},
            "schema:required",
            "response 200, body /",
            "/components/schemas/RunPage/required",
        ),
        ({"status": 418}, "undocumented_status", "response 418", "/paths/~1v1~1runs/get/responses"),
        (
            {"fault": "html", "status": 503},
            "content_type",
            "response 503, body",
            "/paths/~1v1~1runs/get/responses/503/content",
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bend_is_named_with_its_places(
    mock: MockRunflow, fault: dict[str, Any], rule: str, where: str, pointer: str
) -> None:
    tap = Tap(httpx.HTTPTransport())
    with httpx.Client(transport=tap, headers={"Authorization": f"Bearer {mock.api_key}"}) as client:
        run = {"input": PROMPT}
        assert client.post(f"{mock.base_url}/v1/models/{MODEL}/runs", json=run).status_code == 201
        mock.fail_next("list_runs", **fault)
        client.get(f"{mock.base_url}/v1/runs")
        client.get(f"{mock.base_url}/v1/runs")
    assert [
        (found.operation, found.rule, found.where, found.pointer) for found in tap.findings
    ] == [("GET /v1/runs", rule, where, pointer)]


def test_a_request_that_breaks_the_document_is_named(mock: MockRunflow) -> None:
    tap = Tap(httpx.HTTPTransport())
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    with httpx.Client(transport=tap, headers=headers, base_url=mock.base_url) as client:
        client.get("/v1/runs", params={"limit": "many", "colour": "red"})
        client.get("/v1/runs/no-uuid")
        client.post(f"/v1/models/{MODEL}/runs", json={"input": 3})
        client.post(
            f"/v1/models/{MODEL}/runs", content=b"{", headers={"Content-Type": "application/json"}
        )
        client.post(f"/v1/models/{MODEL}/runs")
        client.get("/v1/nothing")
    assert {(found.operation, found.rule, found.where) for found in tap.findings} == {
        ("GET /v1/runs", "schema:type", "request, query limit"),
        ("GET /v1/runs", "undocumented_parameter", "request, query colour"),
        ("GET /v1/runs/{id}", "schema:format", "request, path id"),
        ("POST /v1/models/{owner}/{slug}/runs", "schema:type", "request, body /input"),
        ("POST /v1/models/{owner}/{slug}/runs", "not_json", "request, body"),
        ("POST /v1/models/{owner}/{slug}/runs", "required", "request, body"),
        ("GET /v1/nothing", "undocumented_operation", "request"),
    }


def test_a_strict_tap_stops_at_the_first_violation_and_says_where(mock: MockRunflow) -> None:
    mock.fail_next("get_balance", fault="wrong_type", field="balance")
    tap = Tap(httpx.HTTPTransport(), strict=True)
    with client_of(mock, tap) as client:
        with pytest.raises(SendFailed) as caught:
            get_balance.sync(client=client.api)
        assert client.account.balance() == 100  # what conforms passes afterwards
    assert len(tap.findings) == 1
    violation = caught.value.__cause__
    assert isinstance(violation, ConformanceError)
    assert "GET /v1/billing/balance: response 200, body /balance: " in str(violation)
    assert pickle.loads(pickle.dumps(violation)).findings == violation.findings


def test_the_asynchronous_tap_finds_the_same(mock: MockRunflow) -> None:
    mock.fail_next("get_balance", fault="wrong_type", field="balance", seed=1)

    async def main() -> AsyncTap:
        tap = AsyncTap(httpx.AsyncHTTPTransport())
        async with (
            httpx.AsyncClient(transport=tap) as http,
            AsyncRunflow(mock.api_key, base_url=mock.base_url, http_client=http) as client,
        ):
            await client.account.balance()
            await client.account.balance()
        return tap

    tap = asyncio.run(main())
    assert tap.interactions == 2
    assert rules(tap.findings) == {("GET /v1/billing/balance", "schema:type")}


def test_other_servers_and_compressed_answers_pass_as_they_are() -> None:
    body = gzip.compress(json.dumps({"items": [{"status_code": "odd"}]}).encode())

    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(body))

    tap = Tap(httpx.MockTransport(answer), find_document(), base_url="https://api.runflow.io")
    with httpx.Client(transport=tap) as client:
        assert client.get("https://elsewhere.example/v1/runs").json() == {
            "items": [{"status_code": "odd"}]
        }
        assert (tap.interactions, tap.findings) == (0, [])
        with client.stream("GET", "https://api.runflow.io/v1/runs") as response:
            assert b"".join(response.iter_raw()) == body
    assert rules(tap.findings) == {("GET /v1/runs", "schema:enum")}


@pytest.mark.parametrize("spelt", ["https://API.Runflow.io", "https://api.runflow.io:443/"])
def test_one_base_url_may_be_spelt_in_several_ways(spelt: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"items": 3}))
    tap = Tap(transport, find_document(), base_url=spelt)
    with httpx.Client(transport=tap) as client:
        client.get("https://api.runflow.io/v1/runs")
    assert tap.interactions == 1
    assert tap.findings


def test_a_secret_in_a_wrong_place_is_not_repeated(mock: MockRunflow) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, json={"items": "whsec_0123456789abcdef https://s.example/a?signature=b"}
        )

    tap = Tap(httpx.MockTransport(answer))
    with httpx.Client(transport=tap) as client:
        client.get("https://api.runflow.io/v1/runs")
    assert "whsec_0" not in tap.report()
    assert "signature=b" not in tap.report()
    assert "items" in tap.report()


@pytest.mark.parametrize("checks_requests", [True, False])
@pytest.mark.parametrize("is_strict", [True, False])
def test_every_interaction_is_told_before_a_strict_tap_stops(
    is_strict: bool, checks_requests: bool
) -> None:
    told: list[tuple[str, str, list[Finding]]] = []
    tap = Tap(
        httpx.MockTransport(lambda _: httpx.Response(200, json={"items": 3})),
        strict=is_strict,
        check_requests=checks_requests,
        on_interaction=lambda one, found: told.append((one.path, one.query, found)),
    )
    with httpx.Client(transport=tap) as client:
        try:
            client.get("https://api.runflow.io/v1/runs?colour=red")
            stopped_at: tuple[Finding, ...] = ()
        except ConformanceError as error:
            stopped_at = error.findings
    rules = ["undocumented_parameter", "schema:type"][not checks_requests :]
    assert [one.rule for one in tap.findings] == rules
    assert told == [("/v1/runs", "colour=red", tap.findings)]
    assert stopped_at == (tuple(tap.findings) if is_strict else ())
    assert tap.interactions == 1
