"""The corrected document as a whole.

What it keeps, what it resolves, what it leaves out, and what is refused.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...correct.corrected import CorrectedDocument, correct, main
from ...document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    copy_document,
    object_at,
    objects_at,
    parse_document,
    readable_text,
)
from ...project.paths import CORRECTIONS, DOCUMENT
from ..small_documents import (
    THING,
    answering,
    corrected,
    json_answer,
    only_operation,
    reference,
    with_operation,
    with_paths,
)


def published() -> CorrectedDocument:
    return correct(parse_document(DOCUMENT.read_bytes()))


def test_the_published_document_has_every_name_of_the_table_that_it_can_have() -> None:
    found = published()
    assert found.names.conflicts == ()
    assert len(found.names.operations) == 64 + 3  # those that a correction adds
    assert {name for name in found.names.schemas if "Response" in name or "Body" in name} == {
        "ErrorResponse"
    }


def test_model_ids_hold_slashes_after_the_corrections() -> None:
    found = published()
    marked = {
        (path, method, parameter["name"])
        for path, item in object_at(found.document, "paths").items()
        if isinstance(item, dict)
        for method in item
        for parameter in objects_at(object_at(item, method), "parameters")
        if parameter.get("x-many-segments") is True
    }
    assert marked == {
        ("/v1/models/{owner}/{slug}/runs", "post", "slug"),
        ("/v1/models/{owner}/{slug}/batches", "post", "slug"),
        ("/v1/models/{owner}/{id}", "get", "id"),
    }
    assert {(action.overlay, action.matches) for action in found.applied} == {
        ("comfyui-workflows.overlay.yaml", 1),
        ("model-paths.overlay.yaml", 1),
    }


def test_the_document_given_is_not_touched() -> None:
    document = parse_document(DOCUMENT.read_bytes())
    before = copy_document(document)
    correct(document)
    assert document == before


def test_a_stale_correction_stops_everything() -> None:
    with pytest.raises(
        DocumentError, match=r"model-paths\.overlay\.yaml, action 1: .* matches nothing"
    ):
        correct(answering(THING), CORRECTIONS)


@pytest.mark.parametrize("version", ["2.0", "3.2.0", "3.1", None, 3.1])
def test_other_versions_are_refused(version: JSONValue) -> None:
    with pytest.raises(DocumentError, match=r"only 3\.0\.x and 3\.1\.x"):
        correct({**answering(THING), "openapi": version}, None)


def test_shared_parameters_bodies_and_answers_are_written_out() -> None:
    document: JSONObject = {
        **with_paths(
            {
                "/v1/things/{id}": {
                    "parameters": [
                        {"$ref": "#/components/parameters/id"},
                        {"name": "b", "in": "query", "schema": {}},
                    ],
                    "post": {
                        "parameters": [
                            {
                                "name": "b",
                                "in": "query",
                                "required": True,
                                "schema": {"type": "integer"},
                            },
                            {"name": "a", "in": "query", "schema": {"type": "string"}},
                        ],
                        "requestBody": {"$ref": "#/components/requestBodies/body"},
                        "responses": {"200": {"$ref": "#/components/responses/first"}},
                    },
                }
            }
        ),
        "components": {
            "parameters": {
                "id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            },
            "requestBodies": {"body": {"content": {"application/json": {"schema": THING}}}},
            "responses": {
                "first": {"$ref": "#/components/responses/second"},
                "second": json_answer(THING),
            },
        },
    }
    result = corrected(document)
    operation = only_operation(result)
    assert [(found["in"], found["name"]) for found in objects_at(operation, "parameters")] == [
        ("path", "id"),
        ("query", "a"),
        ("query", "b"),
    ]
    assert objects_at(operation, "parameters")[2] == {
        "name": "b",
        "in": "query",
        "required": True,
        "schema": {"type": "integer"},
    }
    assert object_at(operation, "requestBody") == {
        "content": {"application/json": {"schema": reference("CreateThingBody")}}
    }
    assert object_at(operation, "responses")["200"] == json_answer(reference("CreateThingResponse"))
    assert list(object_at(result, "components")) == ["schemas"]


def test_answers_that_have_no_body_in_http_have_none() -> None:
    with_body, without = ("200", "206", "default"), ("100", "1XX", "204", "205", "304")
    answers: JSONObject = {status: json_answer(THING) for status in (*without, *with_body)}
    found = object_at(
        only_operation(corrected(with_operation({"responses": answers}))), "responses"
    )
    assert sorted(found) == sorted((*without, *with_body))
    assert [status for status in found if "content" in object_at(found, status)] == [*with_body]
    checked = with_paths(
        {"/v1": {"head": {"responses": {"200": json_answer(THING), "4XX": json_answer(THING)}}}}
    )
    found = object_at(only_operation(corrected(checked)), "responses")
    assert not any("content" in object_at(found, status) for status in found)


def test_only_bodies_whose_inside_is_read_name_schemas() -> None:
    content: JSONObject = {
        "application/json": {"schema": THING},
        "application/cbor": {"schema": {"properties": {}}},
    }
    found = corrected(
        with_operation({"responses": {"200": {"description": "D", "content": content}}})
    )
    assert object_at(object_at(only_operation(found), "responses"), "200")["content"] == {
        "application/cbor": {},
        "application/json": {"schema": reference("GetThingResponse")},
    }


def test_an_address_of_its_own_stays_with_its_operation() -> None:
    servers: JSONValue = [{"url": "https://uploads.example.com"}]
    document = with_operation({"servers": servers})
    assert only_operation(corrected(document))["servers"] == servers
    document["servers"] = servers
    assert "servers" not in only_operation(corrected(document))
    beside = with_operation({})
    object_at(object_at(beside, "paths"), "/v1/things/{id}")["servers"] = servers
    assert only_operation(corrected(beside))["servers"] == servers


def test_what_an_operation_says_itself_wins_over_what_its_path_says() -> None:
    own: JSONValue = [{"url": "https://own.example.com"}]
    name: JSONObject = {"name": "q", "in": "query"}
    number: JSONObject = {**name, "schema": {"type": "integer"}}
    document = with_operation({"servers": own, "parameters": [number]})
    item = object_at(object_at(document, "paths"), "/v1/things/{id}")
    item["servers"] = [{"url": "https://shared.example.com"}]
    item["parameters"] = [{**name, "required": True, "schema": {"type": "string"}}]
    found = only_operation(corrected(document))
    assert found["servers"] == own
    assert objects_at(found, "parameters")[1:] == [number]


def test_security_is_said_at_each_operation() -> None:
    document = with_paths(
        {"/a": {"get": {"responses": {}}}, "/b": {"get": {"responses": {}, "security": []}}}
    )
    document["security"] = [{"bearer": []}]
    paths = object_at(corrected(document), "paths")
    assert object_at(object_at(paths, "/a"), "get")["security"] == [{"bearer": []}]
    assert "security" not in object_at(object_at(paths, "/b"), "get")


@pytest.mark.parametrize(
    ("responses", "kept"),
    [
        (
            {"200": json_answer(THING), "422": json_answer(THING), "default": json_answer(THING)},
            False,
        ),
        ({"500": json_answer(THING), "default": json_answer(THING)}, False),
        ({"200": json_answer(THING), "default": json_answer(THING)}, True),
        (
            {
                "200": json_answer(THING),
                "422": json_answer({"type": "string"}),
                "default": json_answer(THING),
            },
            True,
        ),
    ],
)
def test_a_default_answer_goes_when_an_error_says_the_same(
    responses: JSONObject, kept: bool
) -> None:
    assert (
        "default"
        in object_at(
            only_operation(corrected(with_operation({"responses": responses}))), "responses"
        )
    ) is kept


def test_headers_that_the_client_sets_itself_are_no_parameters() -> None:
    names = ("Authorization", "accept", "Content-Type", "X-Organization-Id")
    parameters: list[JSONValue] = [
        {"name": name, "in": "header", "schema": {"type": "string"}} for name in names
    ]
    operation = only_operation(corrected(with_operation({"parameters": parameters})))
    assert [found["name"] for found in objects_at(operation, "parameters")] == [
        "id",
        "X-Organization-Id",
    ]


def test_what_the_generator_does_not_read_is_gone() -> None:
    answer: JSONObject = {
        **json_answer({**THING, "title": "T", "examples": [{}], "x-table": 1}),
        "headers": {"X-A": {"schema": {"type": "string"}}},
        "links": {"next": {"operationId": "x"}},
    }
    called: JSONObject = {"requestBody": json_answer({"properties": {"never-called": {}}})}
    document = with_operation(
        {
            "responses": {"200": answer, "x-answer": {"description": "D"}},
            "callbacks": {"done": {"x-called": {"post": called}}},
            "x-handler": 1,
            "x-inferred": True,
            "externalDocs": {"url": "x"},
        },
        unused={"type": "object", "title": "Never reached"},
    )
    document["tags"] = [{"name": "a"}]
    document["x-root"] = 1
    result = corrected(document)
    text = json.dumps(result)
    gone = (
        '"T"',
        "examples",
        "x-table",
        "x-handler",
        "x-answer",
        "x-called",
        "never-called",
        "x-root",
        "X-A",
        "links",
        "Never reached",
        "externalDocs",
        'tags": [{',
    )
    assert not any(word in text for word in gone)
    assert only_operation(result)["x-inferred"] is True
    assert object_at(result, "info")["title"] == "Things"


def test_a_property_may_be_called_title_or_like_an_extension() -> None:
    names = ("title", "x-note", "default", "properties", "enum", "$ref", "nullable")
    schema: JSONObject = {
        "type": "object",
        "title": "T",
        "properties": {name: {"type": "string"} for name in names},
    }
    found = object_at(
        object_at(object_at(corrected(answering(schema)), "components"), "schemas"),
        "GetThingResponse",
    )
    assert sorted(object_at(found, "properties")) == sorted(names)
    assert "title" not in found


def test_the_command_takes_the_corrections_of_the_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    published, corrections = tmp_path / "published.json", tmp_path / "corrections"
    published.write_text(json.dumps(answering(THING)), encoding="utf-8")
    corrections.mkdir()
    (corrections / "a.overlay.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: A, version: 1.0.0}\nactions:\n"
        "- {target: $.info.title, description: It has another., update: é}\n",
        encoding="utf-8",
    )
    for folder, code in ((corrections, 0), (tmp_path / "none", 1)):
        words = ["correct", str(published), "--corrections", str(folder)]
        monkeypatch.setattr(sys, "argv", words)
        assert main() == code
    told = capsys.readouterr()
    assert told.out == readable_text(correct(answering(THING), corrections).document)
    assert '"title": "é"' in told.out
    assert told.err == f"{published}: the corrections folder none is not there\n"


def test_the_command_prints_the_corrected_document(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "regenerate.correct"],
        capture_output=True,
        cwd=DOCUMENT.parent,
        check=True,
    )
    assert json.loads(run.stdout) == published().document
    broken = tmp_path / "broken.json"
    broken.write_text('{"openapi": "3.1.0", "openapi": "3.1.0"}')
    failed = subprocess.run(
        [sys.executable, "-m", "regenerate.correct", str(broken)],
        capture_output=True,
        cwd=DOCUMENT.parent,
        check=False,
    )
    assert failed.returncode == 1
    assert b"stands twice" in failed.stderr
    assert failed.stdout == b""
