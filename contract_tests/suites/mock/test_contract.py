"""The document decides: every operation answers, new ones too.

An answer that differs from the document is a 500 that names the place.
"""

import json
import os
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.api.calls import HANDLERS
from runflow_mock.api.handlers import operation_names
from runflow_mock.contract.answers import Refusal
from runflow_mock.contract.document import Document, find_document
from runflow_mock.contract.requests import IncomingRequest
from runflow_mock.contract.validation import BrokenContract, Contract, contract_of
from runflow_mock.faults.plan import Faults
from runflow_mock.server.app import Application
from runflow_mock.simulation.simulation import Simulation
from runflow_mock.state.state import State

from .calling import create_run, error_of
from .stories.world import BEARER, Receiver, World


def written(tmp_path: Path, **paths: Any) -> Settings:
    """Return settings for a copy of the document with these paths added or replaced."""
    content = json.loads(find_document().read_text(encoding="utf-8"))
    for path, item in paths.items():
        content["paths"][path] = item
    changed = tmp_path / "document.json"
    changed.write_text(json.dumps(content), encoding="utf-8")
    return Settings(document=changed)


def answering(schema: dict[str, Any], **extra: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema, **extra}}
    return {"operationId": "new", "responses": {"200": {"description": "fine", "content": content}}}


def client_of(mock: MockRunflow) -> httpx.Client:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    return httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False)


def test_every_operation_has_a_handler() -> None:
    document = contract_of(None, frozenset(HANDLERS)).document
    documented = {operation.signature for operation in document.operations}
    assert documented == set(HANDLERS)
    assert len(documented) == 64 + 3  # those that a correction adds


def test_a_new_operation_answers_from_its_schema(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "state": {"enum": ["new", "old"]},
            "run": {"$ref": "#/components/schemas/Run"},
            "price": {"type": "string", "pattern": r"^\d+\.\d\d?$"},
            "count": {"type": "integer", "minimum": 3},
            "tags": {"type": "array", "items": {"type": "string", "minLength": 10}, "minItems": 2},
            "either": {"anyOf": [{"type": "null"}, {"type": "number", "exclusiveMinimum": 1}]},
        },
    }
    with (
        MockRunflow(
            SteppedClock(),
            settings=written(tmp_path, **{"/v1/new/{id}": {"get": answering(schema)}}),
        ) as mock,
        client_of(mock) as api,
    ):
        response = api.get("/v1/new/7")
        assert error_of(httpx.get(f"{mock.base_url}/v1/new/7"), 401)
    assert (response.status_code, response.headers["runflow-mock-synthetic"]) == (200, "true")
    body = response.json()
    assert (body["state"], body["count"], body["either"], len(body["tags"])) == ("new", 3, 2, 2)


def test_the_first_documented_example_that_the_schema_takes_comes_first(tmp_path: Path) -> None:
    examples = {"wrong": {"value": [3]}, "one": {"value": {"named": "example"}}, "two": {}}
    item = {"get": answering({"type": "object"}, examples=examples)}
    with (
        MockRunflow(SteppedClock(), settings=written(tmp_path, **{"/v1/new": item})) as mock,
        client_of(mock) as api,
    ):
        assert api.get("/v1/new").json() == {"named": "example"}


def test_an_answer_that_breaks_the_own_document_is_not_sent() -> None:
    contract = contract_of()
    health = contract.document.operation(("GET", "/v1/health"))
    with pytest.raises(BrokenContract, match="GET /v1/health: answer 200, at /status"):
        contract.check_answer(health, 200, {"status": 3})


def test_a_server_that_breaks_the_own_document_says_where_instead(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    run = world.call("POST", "/v1/models/acme/free/runs", {"input": {}})[1]["id"]
    row = world.state.runs.get(run)
    assert row is not None
    row["cost"] = 7
    place = "the mock server breaks the document: GET /v1/runs/{id}: answer 200, at /cost: "
    status, answer = world.call("GET", f"/v1/runs/{run}")
    assert (status, answer["code"], answer["errors"]) == (500, "BROKEN_CONTRACT", None)
    assert answer["message"].startswith(place)
    del row["metadata"]
    with pytest.raises(KeyError, match="metadata"):  # no answer is made up for the own document
        world.call("GET", f"/v1/runs/{run}")
    world.end()


EMPTY: tuple[object, ...] = ({}, [], "", 0, False, b"")


@pytest.mark.parametrize(
    ("signature", "status", "body", "told"),
    [
        (("GET", "/v1/health"), 201, {}, "GET /v1/health: status 201 is not documented"),
        (("GET", "/v1/health"), 302, None, "GET /v1/health: status 302 is not documented"),
        *(
            (
                ("DELETE", "/v1/assets/{}"),
                204,
                body,
                "DELETE /v1/assets/{id}: status 204 has no documented JSON body",
            )
            for body in EMPTY
        ),
        (("GET", "/v1/health"), 418, {}, "GET /v1/health: answer 418, at /: "),
    ],
)
def test_an_answer_that_is_documented_nowhere_is_not_sent(
    signature: tuple[str, str], status: int, body: object, told: str
) -> None:
    contract = contract_of()
    with pytest.raises(BrokenContract) as raised:
        contract.check_answer(contract.document.operation(signature), status, body)
    assert str(raised.value).startswith(told)


ASKED: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/v1/things/{id}": {
            "post": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"format": "uuid"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                    {"name": "kind", "in": "query", "required": True, "schema": {"enum": ["a"]}},
                    {"name": "X-One", "in": "header", "schema": {"type": "integer"}},
                    {"name": "one", "in": "cookie", "required": True, "schema": {}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"required": ["a"], "properties": {"a": {"type": "null"}}}
                        }
                    }
                },
                "responses": {"200": {"description": "fine"}},
            }
        }
    },
}
WRONGS: dict[str, Callable[[dict[str, Any]], object]] = {
    "path": lambda given: given["path_values"].update(id="x"),
    "query": lambda given: given["query"].append(("limit", "x")),
    "missing in the query": lambda given: given["query"].remove(("kind", "a")),
    "not described in the query": lambda given: given["query"].append(("other", "")),
    "header": lambda given: given["headers"].update({"x-one": "x"}),
    "cookie": lambda given: given["headers"].pop("cookie"),
    "body": lambda given: given.update(body=b'{"a": 1, "b": 2}'),
}


def refused(names: tuple[str, ...]) -> list[str]:
    """Return what is said of a request in which these are wrong."""
    contract = Contract(Document(ASKED))
    given: dict[str, Any] = {
        "path_values": {"id": "0190aaaa-0000-7000-8000-000000000001"},
        "query": [("kind", "a")],
        "headers": {"x-one": "1", "cookie": "one=", "content-type": "application/json"},
        "body": b'{"a": null}',
    }
    for name in names:
        WRONGS[name](given)
    try:
        contract.read_request(contract.document.operations[0], **given, strict=True)
    except Refusal as refusal:
        return sorted(f"{entry['loc']} {entry['type']}" for entry in refusal.errors or ())
    return []


def test_everything_that_is_wrong_with_a_request_is_said_at_once() -> None:
    alone = {name: refused((name,)) for name in WRONGS}
    assert [len(told) for told in alone.values()] == [1, 1, 1, 1, 1, 1, 2]
    for size in (0, 2, len(WRONGS)):
        for names in combinations(WRONGS, size):
            assert refused(names) == sorted(one for name in names for one in alone[name])


def test_of_a_parameter_that_is_repeated_the_last_value_counts() -> None:
    contract = contract_of()
    operation = contract.document.operation(("GET", "/v1/runs"))
    assert operation is not None
    sent = [("limit", "1"), ("other", "a"), ("limit", "2"), ("other", "b"), ("empty", "")]
    read = contract.read_request(operation, {}, sent, {}, b"")
    assert read.query == {"limit": 2, "other": "b", "empty": ""}


@pytest.mark.parametrize("is_nullable", [True, False])
def test_a_nullable_value_of_an_older_document_may_be_null(is_nullable: bool) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": is_nullable}}}
    contract = Contract(Document({"paths": {}}))
    assert bool(contract.problems(schema, {"a": None})) is not is_nullable
    assert contract.problems(schema, {"a": 1})
    assert not contract.problems(schema, {"a": "x"})


def fresh() -> State:
    return State(SteppedClock(), Settings(seed=0), "http://mock")


def serving(paths: dict[str, Any], state: State) -> Application:
    """Return a server of the document with these paths added or replaced."""
    content = json.loads(find_document().read_text(encoding="utf-8"))
    content["paths"] |= paths
    contract = Contract(Document(content, frozenset(HANDLERS)))
    faults = Faults(operation_names(), contract.document.operations)
    return Application(Simulation(state, contract, faults, Receiver()), lambda: None)


def statuses_without_a_key(paths: dict[str, Any]) -> dict[str, tuple[int | None, object]]:
    """Return how each operation of these paths answers a request that has no key."""
    app = serving(paths, fresh())
    found: dict[str, tuple[int | None, object]] = {}
    for path, item in paths.items():
        for method in map(str.upper, item):
            request = IncomingRequest(method, path, "", {}, b"")
            reply = app.answer(request, app.router.match(method, path))
            found[f"{method} {path}"] = reply.status, reply.body
    return found


def test_a_key_is_asked_for_where_the_document_and_the_server_want_one() -> None:
    content = json.loads(find_document().read_text(encoding="utf-8"))
    key: list[Any] = [{"HTTPBearer": []}]
    either: list[Any] = [*key, {}]
    wanted: list[tuple[str, str, list[Any], int]] = [
        ("get", "/v1/health", key, 200),  # the server asks for no key there
        ("get", "/v1/runs", [], 200),
        ("get", "/v1/webhooks", either, 200),
        ("get", "/v1/assets", key, 401),
        ("get", "/v1/new", key, 401),
        ("put", "/v1/new", [], 200),
        ("patch", "/v1/new", either, 200),
    ]
    paths: dict[str, Any] = {}
    for method, path, security, _ in wanted:
        known = content["paths"].get(path, {}).get(method) or answering({"type": "object"})
        paths.setdefault(path, {})[method] = {**known, "security": security}
    found = {name: status for name, (status, _) in statuses_without_a_key(paths).items()}
    assert found == {f"{method.upper()} {path}": one for method, path, _, one in wanted}


def test_a_new_operation_answers_head_without_a_body() -> None:
    answer = {"description": "fine", "content": {"text/plain": {}}}
    operation = {"security": [], "responses": {"200": answer}}
    found = statuses_without_a_key({"/v1/new": {"get": operation, "head": operation}})
    assert found == {"GET /v1/new": (200, b"synthetic"), "HEAD /v1/new": (200, None)}


@pytest.mark.parametrize(
    ("listed", "shown"),
    [
        (
            {"type": "string"},
            "queued dispatching running succeeded+ partial_succeeded+ failed+ canceled+",
        ),
        ({"enum": ["open", "done"]}, "queued dispatching running done+ failed+ canceled+"),
        (
            {"enum": ["Queued", "Active", "Error"]},
            "Queued Active succeeded+ partial_succeeded+ Error+",
        ),
    ],
)
def test_a_status_that_the_document_does_not_list_is_told_in_the_servers_word(
    listed: dict[str, Any], shown: str
) -> None:
    one = answering({"properties": {"status_code": listed}})
    statuses = {**answering({"type": "array"}), "security": []}
    paths = {"/v1/runs/{id}": {"get": one}, "/v1/runs/statuses": {"get": statuses}}
    found: Any = statuses_without_a_key(paths)["GET /v1/runs/statuses"][1]
    said = [one["code"] + "+" * one["is_terminal"] for one in found]
    assert " ".join(said) == shown


def test_an_answer_that_is_given_again_has_the_status_that_the_document_has_by_then() -> None:
    state, secrets = fresh(), "/v1/callback-secrets"
    headers = {"authorization": BEARER, "idempotency-key": "k", "content-type": "application/json"}
    post = json.loads(find_document().read_text(encoding="utf-8"))["paths"][secrets]["post"]
    found: list[tuple[int | None, Any]] = []
    for status in ("201", "202"):
        answers = {status: post["responses"]["201"]}
        app = serving({secrets: {"post": {**post, "responses": answers}}}, state)
        request = IncomingRequest("POST", secrets, "", headers, b"{}")
        reply = app.answer(request, app.router.match("POST", secrets))
        found.append((reply.status, reply.body))
    assert [status for status, _ in found] == [201, 202]
    assert found[0][1] == found[1][1]


def test_names_of_path_parameters_and_operations_do_not_matter(tmp_path: Path) -> None:
    text = find_document().read_text(encoding="utf-8")
    renamed = text.replace("/v1/runs/{id}", "/v1/runs/{the_run}").replace(
        '"name": "id"', '"name": "the_run"'
    )
    changed = tmp_path / "document.json"
    changed.write_text(renamed.replace('"operationId": "', '"operationId": "x_'), encoding="utf-8")
    with (
        MockRunflow(SteppedClock(), settings=Settings(document=changed)) as mock,
        client_of(mock) as api,
    ):
        run_id = create_run(api)["id"]
        assert api.get(f"/v1/runs/{run_id}").status_code == 200


def test_a_document_is_read_again_once_its_file_has_changed(tmp_path: Path) -> None:
    document = written(tmp_path).document
    assert document is not None
    first = contract_of(document)
    assert contract_of(document) is first
    assert contract_of(document, frozenset(HANDLERS)) is not first
    os.utime(document, ns=(0, 1))
    second = contract_of(document)
    assert second is not first
    assert contract_of(document) is second


def test_a_missing_document_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nowhere\.json"):
        MockRunflow(settings=Settings(document=tmp_path / "nowhere.json")).start()


def test_text_that_utf8_cannot_write_comes_back_unchanged(api: httpx.Client) -> None:
    content = b'{"input": {"prompt": "\\ud800"}}'
    headers = {"Content-Type": "application/json"}
    response = api.post("/v1/models/google/nano-banana-pro/runs", content=content, headers=headers)
    assert response.status_code == 201
    assert b'"\\ud800"' in response.content


def test_text_that_utf8_cannot_write_is_refused_where_it_is_wrong(api: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    place = "/v1/models/google/nano-banana-pro/runs"
    refused = api.post(place, content=b'{"input": "\\ud800"}', headers=headers)
    assert error_of(refused, 422)["errors"][0]["loc"] == ["body", "input"]
