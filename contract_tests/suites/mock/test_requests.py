"""What the server refuses, how it finds operations, and what it records."""

from collections.abc import Iterator

import httpx
import pytest
from runflow_mock import MockRunflow, ModelInput, Settings, SteppedClock

from .calling import NANO_BANANA, create_run, error_of

RUNS = f"/v1/models/{NANO_BANANA}/runs"


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic abc", "Bearer", ""])
def test_only_known_keys_are_let_in(mock: MockRunflow, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    error = error_of(httpx.get(f"{mock.base_url}/v1/runs", headers=headers), 401)
    assert error["code"] == "UNAUTHORIZED"


def test_health_needs_no_key(mock: MockRunflow) -> None:
    answer = httpx.get(f"{mock.base_url}/v1/health")
    assert answer.json()["status"] == "ok"
    names = sorted(name.lower() for name, _ in answer.headers.raw)
    assert names == [b"content-length", b"content-type", b"date"]
    assert httpx.get(f"{mock.base_url}/v1/readiness").status_code == 200


def test_a_further_key_has_its_own_runs_and_scopes(mock: MockRunflow, api: httpx.Client) -> None:
    create_run(api)
    mock.keys.add("rf_live_reader", scopes=["runs:read"], balance="5")
    headers = {"Authorization": "Bearer rf_live_reader"}
    assert api.get("/v1/runs", headers=headers).json()["items"] == []
    error = error_of(api.post(RUNS, json={"input": {"prompt": "x"}}, headers=headers), 403)
    assert error["code"] == "PERMISSION_DENIED"
    assert "runs:create" in error["message"]


def test_an_organization_can_be_named(mock: MockRunflow, api: httpx.Client) -> None:
    organization = {"X-Organization-Id": "0190aaaa-0000-7000-8000-000000000001"}
    run = create_run(api, headers=organization)
    assert run["org_id"] == organization["X-Organization-Id"]
    error_of(api.get(f"/v1/runs/{run['id']}"), 404)
    assert api.get(f"/v1/runs/{run['id']}", headers=organization).status_code == 200
    mock.keys.add("rf_live_member", organizations=[])
    headers = {**organization, "Authorization": "Bearer rf_live_member"}
    assert (
        error_of(api.get("/v1/runs", headers=headers), 403)["code"]
        == "ORGANIZATION_MEMBERSHIP_REQUIRED"
    )


@pytest.mark.parametrize(
    "model",
    [
        "google/nano-banana-pro",
        "google/nano-banana-pro/edit",
        "google/veo3.1/fast",
        "kuaishou/kling-video/v3/pro/text-to-video",
        "bytedance/seedance/2.0/fast/text-to-video",
    ],
)
def test_model_ids_keep_their_segments(mock: MockRunflow, api: httpx.Client, model: str) -> None:
    run = create_run(api, model)
    assert api.get(f"/v1/models/{model}").json()["id"] == run["model_id"]
    assert mock.requests[0].raw_path == f"/v1/models/{model}/runs"


def test_an_encoded_slash_inside_a_slug_is_a_slash(api: httpx.Client) -> None:
    plain, encoded = (
        create_run(api, "google/nano-banana-pro/edit"),
        create_run(api, "google/nano-banana-pro%2Fedit"),
    )
    assert plain["model_id"] == encoded["model_id"]
    error_of(api.post("/v1/models/google%2Fnano-banana-pro/edit/runs", json={"input": {}}), 404)


def test_an_unknown_model_is_not_found(api: httpx.Client) -> None:
    error = error_of(api.post("/v1/models/google/nano-banana-pr/runs", json={"input": {}}), 404)
    assert error["code"] == "MODEL_NOT_FOUND"
    error_of(api.get("/v1/models/google/nothing"), 404)
    error_of(api.get("/v1/runs/0190aaaa-0000-7000-8000-000000000001"), 404)
    error_of(api.get("/v1/nothing"), 404)


def test_a_path_without_the_method_says_which_it_has(api: httpx.Client) -> None:
    for method, path, allowed in (
        ("DELETE", "/v1/runs", "GET"),
        ("GET", RUNS, "POST"),
        ("PATCH", "/v1/assets/types", "GET"),
        ("PUT", "/v1/assets/0190aaaa-0000-7000-8000-000000000001", "DELETE, GET, PATCH"),
    ):
        response = api.request(method, path)
        error_of(response, 405)
        assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    ("body", "location", "kind"),
    [
        ({}, ["body", "input"], "missing"),
        ({"input": []}, ["body", "input"], "type"),
        ({"input": {}}, ["body", "input", "prompt"], "missing"),
        ({"input": {"prompt": 7}}, ["body", "input", "prompt"], "string_type"),
        ({"input": {"prompt": "x", "resolution": "3K"}}, ["body", "input", "resolution"], "enum"),
        (
            {"input": {"prompt": "x", "num_images": True}},
            ["body", "input", "num_images"],
            "integer_type",
        ),
        ({"input": {"prompt": "x"}, "client_ref": "x" * 256}, ["body", "client_ref"], "any_of"),
    ],
)
def test_a_wrong_body_names_the_place(
    api: httpx.Client, body: object, location: list[str], kind: str
) -> None:
    errors = error_of(api.post(RUNS, json=body), 422)["errors"]
    assert [(entry["loc"], entry["type"]) for entry in errors] == [(location, kind)]
    assert errors[0]["msg"]


@pytest.mark.parametrize(
    ("content", "media_type", "kind"),
    [
        (b"{", "application/json", "json_invalid"),
        (b'{"input": NaN}', "application/json", "json_invalid"),
        (b'{"input": {"prompt": "x", "own": 1e999}}', "application/json", "json_invalid"),
        (b'{"input": {"prompt": "x"}, "metadata": {"a": [-1e999]}}', "a/b+json", "json_invalid"),
        (b'{"input": {}}', "text/plain", "content_type"),
        (b"", "application/json", "missing"),
        (b"\xff\xfe", "application/json", "json_invalid"),
        (b"[" * 100_000, "application/json", "json_invalid"),
    ],
)
def test_a_body_that_is_not_json_is_refused(
    api: httpx.Client, content: bytes, media_type: str, kind: str
) -> None:
    response = api.post(RUNS, content=content, headers={"Content-Type": media_type})
    assert error_of(response, 422)["errors"][0]["type"] == kind


@pytest.mark.parametrize(
    ("media_type", "is_taken"),
    [
        ("application/json", True),
        ("Application/JSON ; charset=utf-8", True),
        ("application/merge-patch+json", True),
        ("application/vnd.runflow+JSON;v=1", True),
        ("application/jsonp", False),
        ("text/json", False),
        ("application/json5+xml", False),
        ("", False),
    ],
)
def test_a_body_is_read_as_json_where_its_type_says_so(
    api: httpx.Client, media_type: str, is_taken: bool
) -> None:
    content = b'{"input": {"prompt": "x"}}'
    answer = api.post(RUNS, content=content, headers={"Content-Type": media_type})
    if is_taken:
        assert answer.status_code == 201
    else:
        [entry] = error_of(answer, 422)["errors"]
        assert (entry["loc"], entry["type"]) == (["body"], "content_type")


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "from_prev=maybe"])
def test_wrong_query_values_are_refused(api: httpx.Client, query: str) -> None:
    errors = error_of(api.get(f"/v1/runs?{query}"), 422)["errors"]
    assert errors[0]["loc"] == ["query", query.partition("=")[0]]


def test_a_wrong_id_is_refused(api: httpx.Client) -> None:
    assert error_of(api.get("/v1/runs/not-a-uuid"), 422)["errors"][0]["loc"] == ["path", "id"]


def test_own_models_can_be_added(mock: MockRunflow, api: httpx.Client) -> None:
    mock.models.add(
        "acme/painter", price="0.10", inputs=(ModelInput("size", "integer", required=True),)
    )
    error_of(api.post("/v1/models/acme/painter/runs", json={"input": {}}), 422)
    create_run(api, "acme/painter", input={"size": 3})
    assert api.get("/v1/models/acme/painter").json()["slug"] == "painter"


def test_requests_are_recorded_without_the_key(mock: MockRunflow, api: httpx.Client) -> None:
    api.post(f"{RUNS}?x=1&x=%C3%BC", json={"input": {"prompt": "x"}}, headers={"X-Thing": "yes"})
    [request] = mock.requests
    assert (request.method, request.raw_path, request.query) == (
        "POST",
        RUNS,
        (("x", "1"), ("x", "ü")),
    )
    assert request.body == b'{"input":{"prompt":"x"}}'
    assert request.header("x-thing") == "yes"
    assert mock.api_key not in repr(request)
    assert mock.api_key not in str(request.headers)


def test_the_answer_is_dated_by_the_clock(mock: MockRunflow, api: httpx.Client) -> None:
    mock.advance(60)
    headers = api.get("/v1/health").headers.multi_items()
    assert sorted(name for name, _ in headers) == ["content-length", "content-type", "date"]
    assert dict(headers)["date"] == "Thu, 01 Jan 2026 00:01:00 GMT"
    secret = api.post("/v1/callback-secrets", json={}).json()["id"]
    empty = api.delete(f"/v1/callback-secrets/{secret}")
    assert (empty.status_code, sorted(empty.headers)) == (204, ["date"])


def test_account_and_catalog(api: httpx.Client) -> None:
    assert api.get("/v1/auth/me").json()["memberships"] is None
    assert api.get("/v1/auth/me?embed=memberships").json()["memberships"][0]["scopes"]
    catalog = api.get("/v1/models?limit=500").json()["items"]
    assert len(catalog) == 52
    found = api.get("/v1/models", params={"q": "slug.eq:'nano-banana-pro'"}).json()["items"]
    assert [model["name"] for model in found] == ["Nano Banana Pro"]
    assert [entry["name"] for entry in found[0]["inputs"]][:2] == ["prompt", "aspect_ratio"]
    statuses = api.get("/v1/runs/statuses").json()
    assert {status["code"] for status in statuses if status["is_terminal"]} == {
        "succeeded",
        "failed",
        "canceled",
        "partial_succeeded",
    }


@pytest.fixture
def strict_api() -> Iterator[httpx.Client]:
    with MockRunflow(SteppedClock(), settings=Settings(strict=True)) as mock:
        mock.models.add("acme/own", batches=True, inputs=(ModelInput("prompt", "string"),))
        headers = {"Authorization": f"Bearer {mock.api_key}"}
        with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as client:
            yield client


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "places"),
    [
        ("GET", "/v1/runs", {"stauts": "x", "limit": 1}, None, [["query", "stauts"]]),
        (
            "POST",
            "/v1/models/acme/own/runs",
            {},
            {"input": {"prompt": "x"}, "client-ref": "a"},
            [["body", "client-ref"]],
        ),
        (
            "POST",
            "/v1/models/acme/own/runs",
            {},
            {"input": {"prompt": "x", "promt": "y"}},
            [["body", "input", "promt"]],
        ),
        (
            "POST",
            "/v1/models/acme/own/batches",
            {},
            {"input": [{"prompt": "x"}, {"promt": "y"}]},
            [["body", "input", 1, "promt"]],
        ),
    ],
)
def test_a_strict_server_refuses_what_is_not_described(
    strict_api: httpx.Client,
    api: httpx.Client,
    mock: MockRunflow,
    method: str,
    path: str,
    query: dict[str, str],
    body: object,
    places: list[object],
) -> None:
    error = error_of(strict_api.request(method, path, params=query, json=body), 422)
    assert [entry["loc"] for entry in error["errors"]] == places
    assert {entry["type"] for entry in error["errors"]} == {"extra_forbidden"}
    mock.models.add("acme/own", batches=True, inputs=(ModelInput("prompt", "string"),))
    assert api.request(method, path, params=query, json=body).is_success


def test_a_strict_server_takes_what_is_described(strict_api: httpx.Client) -> None:
    run = create_run(
        strict_api,
        "acme/own",
        input={"prompt": "x"},
        metadata={"any": {"field": 1}},
        client_ref="ours",
    )
    found = strict_api.get("/v1/runs", params={"q": "client_ref.EQ:'ours'", "limit": 5}).json()
    assert [item["id"] for item in found["items"]] == [run["id"]]


def test_what_is_read_of_the_server_is_the_readers_own(
    mock: MockRunflow, api: httpx.Client
) -> None:
    create_run(api, callback_url="http://elsewhere.test/", metadata={"list": [1]})
    mock.advance(60)
    for rows in (mock.runs, mock.deliveries):
        for row in rows:
            for value in row.values():
                if isinstance(value, dict | list):
                    value.clear()
        rows.clear()
    mock.requests.clear()
    mock.ledger.clear()
    [run], [delivery] = mock.runs, mock.deliveries
    assert (run["metadata"], run["output"]["nsfw_detected"]) == ({"list": [1]}, False)
    assert delivery["payload"]["run_id"] == run["id"]
    assert (len(mock.requests), len(mock.ledger)) == (1, 1)
