"""The server follows a document that it was not written for, or says where it does not."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import jsonschema_rs
import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.api.handlers import HANDLERS
from runflow_mock.api.samples import samples
from runflow_mock.contract.document import Document, find_document
from runflow_mock.contract.written_for import WRITTEN_FOR

Content = dict[str, Any]
MODEL = "bytedance/seedance/2.0/fast/text-to-video"


def bent(folder: Path, bend: Callable[[Content], None], **options: Any) -> MockRunflow:
    """Return a server of the document with this change."""
    content: Content = json.loads(find_document().read_text(encoding="utf-8"))
    bend(content)
    changed = folder / "document.json"
    changed.write_text(json.dumps(content), encoding="utf-8")
    return MockRunflow(SteppedClock(), settings=Settings(document=changed, **options))


def client_of(mock: MockRunflow, **options: Any) -> httpx.Client:
    options.setdefault("headers", {"Authorization": f"Bearer {mock.api_key}"})
    return httpx.Client(base_url=mock.base_url, trust_env=False, **options)


def run_to_the_end(mock: MockRunflow, api: httpx.Client, prefix: str = "/v1", end: str = "") -> Any:
    """Create a run, let it end, and return it as it is read."""
    created = api.post(
        f"{prefix}/models/{MODEL}/runs{end}", json={"input": {"prompt": "A cathedral"}}
    )
    assert created.is_success, created.text
    mock.advance(60)
    return api.get(f"{prefix}/runs/{created.json()['id']}{end}").raise_for_status().json()


def schemas(content: Content) -> Content:
    found: Content = content["components"]["schemas"]
    return found


def operations(content: Content) -> Iterator[Content]:
    for item in content["paths"].values():
        yield from item.values()


def paths(content: Content, spelled: Callable[[str], str]) -> None:
    content["paths"] = {spelled(path): item for path, item in content["paths"].items()}


def test_the_server_was_written_for_the_own_document(mock: MockRunflow) -> None:
    hint = "if the handlers fit it: python -m contract_tests.suites.mock.written_for"
    assert Document.read().fingerprint == WRITTEN_FOR, hint
    assert mock.differences == ()
    assert {sample.signature for sample in samples()} == set(HANDLERS)


def test_texts_and_order_make_no_other_document() -> None:
    content: Content = json.loads(find_document().read_text(encoding="utf-8"))
    content["info"]["description"] = "Others."
    for operation in operations(content):
        operation |= {"description": "Other words.", "operationId": operation["summary"]}
    schemas(content)["Run"]["properties"]["id"]["description"] = "The id."
    paths(content, str)
    assert Document(content).fingerprint == WRITTEN_FOR
    schemas(content)["Run"]["properties"]["description"] = {"type": "string"}
    assert Document(content).fingerprint != WRITTEN_FOR


@pytest.mark.parametrize(
    "name", ["properties", "parameters", "responses", "schemas", "title", "description", "plain"]
)
def test_a_property_may_have_any_name_and_its_texts_make_no_other_document(name: str) -> None:
    content: Content = json.loads(find_document().read_text(encoding="utf-8"))
    prints: list[str] = []
    for written in ({"type": "string"}, {"type": "string", "description": "x"}, {"type": "null"}):
        schemas(content)["Run"]["properties"][name] = written
        prints.append(Document(content).fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_required_fields_are_filled_with_valid_values(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        run = schemas(content)["Run"]
        run["properties"] |= {
            "priority": {"type": "integer", "minimum": 3},
            "region": {"$ref": "#/components/schemas/Region"},
        }
        run["required"] = [*run["properties"]]
        schemas(content)["Region"] = {"enum": ["eu", "us"]}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        run = run_to_the_end(mock, api)
        listed = api.get("/v1/runs", params={"fields": "id"}).json()["items"][0]
        told = [line for line in mock.differences if line.startswith("GET /v1/runs/{id}: ")]
    assert (run["priority"], run["region"], run["logs"]) == (3, "eu", None)
    assert run["status_code"] == "succeeded"
    assert listed["status_code"] == "succeeded"  # the row's own value, not one that is made up
    assert len(told) == 1
    assert "followed: " in told[0]
    assert "priority (it is required, and 3 is sent)" in told[0]


def test_types_of_values_are_those_of_the_document(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        run = schemas(content)["Run"]["properties"]
        run["cost"] = {"anyOf": [{"type": "number"}, {"type": "null"}]}
        run["duration_ms"] = {"type": ["string", "null"]}
        run["created_at"] = {"type": "integer", "description": "Seconds since 1970."}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        run = run_to_the_end(mock, api)
        billed = float(mock.ledger[0].amount)
    assert run["cost"] == billed > 0
    assert run["duration_ms"] == "6000"
    assert run["created_at"] == 1767225600


@pytest.mark.parametrize("status", ["200", "202", "2XX"])
def test_success_codes_are_those_of_the_document(status: str, tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        for operation in operations(content):
            answers = operation["responses"]
            if "201" in answers and "200" not in answers:
                answers[status] = answers.pop("201")

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        answer = api.post(f"/v1/models/{MODEL}/runs", json={"input": {"prompt": "x"}})
    assert answer.status_code == (200 if status == "2XX" else int(status))


@pytest.mark.parametrize("name", ["model_id", "model_id:path", "größe"])
def test_a_model_id_may_be_one_parameter(name: str, tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        def spelled(path: str) -> str:
            for two in ("{owner}/{slug}", "{owner}/{id}"):
                path = path.replace(f"/v1/models/{two}", f"/v1/models/{{{name}}}")
            return path

        for path, item in content["paths"].items():
            for operation in item.values() if spelled(path) != path else ():
                kept = [one for one in operation["parameters"] if one["name"] != "owner"]
                operation["parameters"] = kept
                for one in kept:
                    if one["in"] == "path":
                        one["name"] = name.partition(":")[0]
        paths(content, spelled)

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        assert run_to_the_end(mock, api)["status_code"] == "succeeded"
        assert api.get(f"/v1/models/{MODEL}").json()["slug"] == MODEL.partition("/")[2]
        assert api.get(f"/v1/models/{MODEL}/runs").status_code == 405
        assert api.get("/v1/models/nobody/nothing").json()["code"] == "MODEL_NOT_FOUND"
        assert not [line for line in mock.differences if "/models" in line]


def test_pages_are_no_longer_than_the_document_allows(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        for operation in operations(content):
            for one in operation.get("parameters", []):
                if one["name"] == "limit":
                    one["schema"] = {
                        "anyOf": [{"type": "integer", "maximum": 20}, {"type": "null"}]
                    }

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        assert len(api.get("/v1/models").json()["items"]) == 20
        assert api.get("/v1/models", params={"limit": 21}).status_code == 422


def test_statuses_are_in_the_words_of_the_document(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        words = ["pending", "processing", "completed", "error", "aborted", "expired"]
        schemas(content)["RunStatus"] = {"type": "string", "enum": words}
        schemas(content)["CallbackPayload"]["properties"]["status"] = {
            "$ref": "#/components/schemas/RunStatus"
        }

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        mock.next_outcome("failed")
        assert run_to_the_end(mock, api)["status_code"] == "error"
        assert run_to_the_end(mock, api)["status_code"] == "completed"
        found = api.get("/v1/runs", params={"q": "status_code:completed"}).json()["items"]
        assert [run["status_code"] for run in found] == ["completed"]
        codes = {one["code"]: one["is_terminal"] for one in api.get("/v1/runs/statuses").json()}
    assert codes == {
        "pending": False,
        "processing": False,
        "completed": True,
        "error": True,
        "aborted": True,
    }


@pytest.mark.parametrize("prefix", ["/api/v1", "/v2", "", "/größe"])
def test_paths_may_have_another_prefix(prefix: str, tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        paths(content, lambda path: prefix + path.removeprefix("/v1"))

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        run = run_to_the_end(mock, api, prefix)
        assert run["status_code"] == "succeeded"
        mock.fail_next("GET", f"{prefix}/runs/{{id}}", status=503)
        mock.fail_next("list_runs", status=503)
        assert api.get(f"{prefix}/runs/{run['id']}").status_code == 503
        assert api.get(f"{prefix}/runs").status_code == 503
        assert api.get(run["links"]["self"]).json()["id"] == run["id"]
        assert mock.differences == ()


def test_paths_may_end_with_a_slash(tmp_path: Path) -> None:
    with (
        bent(tmp_path, lambda content: paths(content, "{}/".format)) as mock,
        client_of(mock) as api,
    ):
        assert run_to_the_end(mock, api, end="/")["status_code"] == "succeeded"
        assert mock.differences == ()


@pytest.mark.parametrize(
    "scheme",
    [
        {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        {"type": "apiKey", "in": "query", "name": "clé"},
        {"type": "oauth2", "flows": {}},
    ],
    ids=["header", "query", "OAuth 2"],
)
def test_the_key_is_where_the_document_says(scheme: Content, tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        content["components"]["securitySchemes"] = {"Other": scheme}
        content["security"] = [{"Other": []}]
        for operation in operations(content):
            if operation.get("security"):
                operation["security"] = [{"Other": []}]

    with bent(tmp_path, bend) as mock:
        name = scheme.get("name", "Authorization")
        key = mock.api_key if "name" in scheme else f"Bearer {mock.api_key}"
        given: Any = {"params" if scheme.get("in") == "query" else "headers": {name: key}}
        with client_of(mock, **{"headers": {}, **given}) as api:
            assert run_to_the_end(mock, api)["status_code"] == "succeeded"
        with client_of(mock, headers={"X-Key": "another"}) as api:
            assert api.get("/v1/runs").status_code == 401
        assert mock.api_key not in repr(mock.requests)
        assert mock.differences == ()


def test_a_key_that_is_read_nowhere_is_told(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        content["components"]["securitySchemes"] = {"Certificate": {"type": "mutualTLS"}}
        for operation in operations(content):
            operation["security"] = [{"Certificate": []}]

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        assert run_to_the_end(mock, api)["status_code"] == "succeeded"
        assert mock.differences[0].startswith("security scheme Certificate: its key is not read")


def test_a_renamed_field_is_filled_from_the_one_that_it_was(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        run = schemas(content)["Run"]["properties"]
        run["status"] = run.pop("status_code")

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        run = run_to_the_end(mock, api)
        assert run["status"] == "succeeded"
        assert "status_code" not in run
        assert (
            "GET /v1/runs/{id}: followed: status (the server calls it status_code)"
            in mock.differences
        )


def test_answers_have_the_documented_media_type(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        for operation in operations(content):
            for status, answer in operation["responses"].items():
                if status >= "4":
                    answer["content"] = {
                        "application/problem+json": {
                            "schema": {
                                "type": "object",
                                "required": ["title"],
                                "properties": {"title": {"type": "string"}},
                            }
                        }
                    }

        health = content["paths"]["/v1/health"]["get"]["responses"]["200"]["content"]
        health["application/health+json"] = health.pop("application/json")

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        refused = api.get("/v1/runs/00000000-0000-0000-0000-000000000000")
        health = api.get("/v1/health")
    assert (health.headers["content-type"], health.is_success) == ("application/health+json", True)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"
    assert isinstance(refused.json()["title"], str)


def test_what_cannot_be_followed_is_told_and_never_a_500(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        run = schemas(content)["Run"]["properties"]
        run["output"] = {"type": "integer", "minimum": 7}
        created = schemas(content)["RunCreate"]
        created["properties"]["arguments"] = created["properties"].pop("input")
        created["required"] = ["arguments"]
        content["paths"]["/v1/new"] = {"get": {"responses": {"200": {"description": "new"}}}}
        del content["paths"]["/v1/health"]
        schemas(content)["Readiness"]["pattern"] = "(?<"

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        answer = api.post(f"/v1/models/{MODEL}/runs", json={"arguments": {"prompt": "x"}})
        assert (answer.status_code, answer.headers["runflow-mock-synthetic"]) == (201, "true")
        assert api.get("/v1/readiness").status_code == 200
        told = "\n".join(mock.differences)
    assert "GET /v1/runs/{id}: cannot be followed: output (an object is not allowed; 7 is" in told
    assert "/runs: the body is not the one that the server reads: at /: " in told
    assert '"arguments" is a required property' in told
    assert "GET /v1/new: new; every answer is made from its schema" in told
    assert "get_health: the document has no GET /v1/health" in told
    assert "GET /v1/readiness, answer 200: not checked, its schema is wrong: " in told


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 2, "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        {
            "type": "array",
            "prefixItems": [{"type": "boolean"}],
            "items": {"type": "number"},
            "minItems": 3,
        },
        {"type": "string", "format": "duration"},
        {"type": "object", "properties": {"took": {"type": "string", "format": "duration"}}},
    ],
)
def test_an_answer_that_is_made_from_a_schema_fits_it(schema: Content, tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        body = {"application/json": {"schema": schema}}
        answer = {"description": "New.", "content": body}
        content["paths"]["/v1/new"] = {"get": {"responses": {"200": answer}}}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        answer = api.get("/v1/new").raise_for_status().json()
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    assert validator.is_valid(answer), answer


@pytest.mark.parametrize("version", ["", "1", "4", "7"])
def test_an_id_in_an_answer_that_is_made_from_a_schema_is_a_uuid(
    version: str, tmp_path: Path
) -> None:
    def bend(content: Content) -> None:
        body = {"application/json": {"schema": {"type": "string", "format": f"uuid{version}"}}}
        answer = {"description": "New.", "content": body}
        content["paths"]["/v1/new"] = {"get": {"responses": {"200": answer}}}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        assert UUID(api.get("/v1/new").raise_for_status().json())


def test_an_input_of_a_kind_that_the_server_does_not_read_is_answered_from_the_schema(
    tmp_path: Path,
) -> None:
    def bend(content: Content) -> None:
        schemas(content)["RunCreate"]["properties"]["input"] = {}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        for given in ("text", 7, ["x"], None):
            answer = api.post(f"/v1/models/{MODEL}/runs", json={"input": given})
            assert answer.headers.get("runflow-mock-synthetic") == "true", answer.text
            assert answer.status_code == 201
        assert mock.runs == []


def test_an_amount_that_is_none_is_answered_from_the_schema(tmp_path: Path) -> None:
    def bend(content: Content) -> None:
        schemas(content)["CreditBalanceUpdate"]["properties"]["low_balance_threshold"] = {}

    with bent(tmp_path, bend) as mock, client_of(mock) as api:
        answer = api.patch("/v1/billing/balance", json={"low_balance_threshold": "much"})
        assert answer.headers.get("runflow-mock-synthetic") == "true", answer.text
        assert answer.status_code == 200


def test_a_document_that_is_no_json_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "document.yaml"
    for text in ("openapi: 3.1.0", "[" * 99999):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ValueError, match=r"document\.yaml is not JSON"):
            MockRunflow(settings=Settings(document=file)).start()
    file.write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match=r"document\.yaml is no JSON object"):
        MockRunflow(settings=Settings(document=file)).start()
    file.write_text('{"paths": ' + "[" * 600 + "]" * 600 + "}", encoding="utf-8")
    with pytest.raises(ValueError, match=r"document\.yaml cannot be read .*: RecursionError: "):
        MockRunflow(settings=Settings(document=file)).start()


JOINED = {"type": "array", "items": {"type": "integer"}}
RANGE = {"type": "object", "properties": {"from": {"type": "integer"}, "open": {"type": "boolean"}}}


STYLES: list[tuple[Content, str, str]] = [
    ({"in": "query", "schema": JOINED, "explode": False}, "q=1,2", "q=1,a"),
    ({"in": "query", "schema": JOINED, "explode": False}, "q=1%2C2", "q=1&q=a"),
    ({"in": "query", "schema": JOINED}, "q=1&q=2", "q=1,2"),
    ({"in": "query", "schema": JOINED, "style": "spaceDelimited"}, "q=1+2", "q=1,2"),
    ({"in": "query", "schema": JOINED, "style": "pipeDelimited"}, "q=1%7C2", "q=1+2"),
    (
        {"in": "query", "schema": {**JOINED, "maxItems": 2}, "explode": False},
        "q=1,2",
        "q=1,2,3",
    ),
    (
        {"in": "query", "schema": RANGE, "style": "deepObject"},
        "q[from]=1&q[open]=true",
        "q[from]=a",
    ),
    ({"in": "query", "schema": RANGE, "explode": False}, "q=from,1,open,true", "q=from,a"),
    ({"in": "query", "schema": RANGE}, "from=1&open=false", "from=a"),
    (
        {"in": "query", "content": {"application/json": {"schema": RANGE}}},
        'q={"from":1}',
        'q={"from":"1"}',
    ),
    ({"in": "cookie", "schema": JOINED, "explode": False}, "Cookie: q=1%2C2", "Cookie: q=1,a"),
    ({"in": "header", "schema": JOINED}, "q: 1, 2", "q: 1, a"),
]


ANSWERS: list[tuple[Content, int, str | None, bytes]] = [
    ({"200": {"content": {"text/plain": {}}}}, 200, "text/plain", b"synthetic"),
    (
        {"200": {"content": {"text/csv": {"example": "a,b\n1,2\n"}}}},
        200,
        "text/csv",
        b"a,b\n1,2\n",
    ),
    (
        {"2XX": {"content": {"text/event-stream": {}}}},
        200,
        "text/event-stream",
        b"data: synthetic\n\n",
    ),
    ({"200": {"content": {"image/*": {}}}}, 200, "image/plain", b"synthetic"),
    ({"302": {"description": "Elsewhere."}}, 302, None, b""),
    ({"307": {"description": "There."}, "422": {"description": "D"}}, 307, None, b""),
    ({"204": {"description": "Done."}}, 204, None, b""),
]


@pytest.fixture(scope="module")
def new_operations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of a server with an operation for each style and each answer."""

    def bend(content: Content) -> None:
        for number, (parameter, _, _) in enumerate(STYLES):
            parameters = [{"name": "q", "required": True, **parameter}]
            responses: Content = {"200": {"description": "new"}}
            operation = {"parameters": parameters, "responses": responses}
            content["paths"][f"/v1/styles/{number}"] = {"get": operation}
        for number, (responses, *_) in enumerate(ANSWERS):
            content["paths"][f"/v1/answers/{number}"] = {"get": {"responses": responses}}

    folder = tmp_path_factory.mktemp("operations")
    with bent(folder, bend, strict=True) as mock, client_of(mock, follow_redirects=False) as api:
        yield api


@pytest.mark.parametrize(
    ("number", "right", "wrong"),
    [(number, right, wrong) for number, (_, right, wrong) in enumerate(STYLES)],
)
def test_parameters_are_read_in_the_style_of_the_document(
    new_operations: httpx.Client, number: int, right: str, wrong: str
) -> None:
    def status(sent: str, more: str = "") -> int:
        name, colon, value = sent.partition(": ")
        headers, query = ({name: value}, more) if colon else ({}, f"{sent}{more}")
        url = f"/v1/styles/{number}?{query}"
        return new_operations.get(url, headers=headers).status_code

    assert [status(right), status(wrong), status("")] == [200, 422, 422]
    assert status(right, "&other=1") == 422


@pytest.mark.parametrize(
    ("number", "status", "media_type", "body"),
    [(number, *expected) for number, (_, *expected) in enumerate(ANSWERS)],
)
def test_new_operations_answer_what_is_not_json(
    new_operations: httpx.Client, number: int, status: int, media_type: str | None, body: bytes
) -> None:
    answer = new_operations.get(f"/v1/answers/{number}")
    assert (answer.status_code, answer.content) == (status, body)
    if media_type is not None:
        assert answer.headers["content-type"].partition(";")[0] == media_type
    assert ("location" in answer.headers) == (status in (302, 307))
