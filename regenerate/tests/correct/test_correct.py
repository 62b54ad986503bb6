"""The corrected document as a whole.

What it keeps, what it resolves, what it leaves out, and what is refused.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ...correct.corrected import CorrectedDocument, correct
from ...document.json_tree import (
    DocumentError,
    JSONObject,
    JSONValue,
    copy_document,
    object_at,
    objects_at,
    parse_document,
)
from ...naming.operation_names import NamingTable
from ...project.paths import CORRECTIONS, DOCUMENT
from ..small_documents import answering, json_answer, reference, with_operation, with_paths

THING: JSONObject = {"type": "object", "properties": {"id": {"type": "string"}}}


def corrected(document: JSONObject) -> JSONObject:
    """Return the document corrected without overlays or table."""
    return correct(document, None, NamingTable()).document


def only_operation(document: JSONObject) -> JSONObject:
    """Return the operation of a corrected document that has one."""
    paths = object_at(document, "paths")
    (item,) = (object_at(paths, path) for path in paths)
    (operation,) = (object_at(item, method) for method in item)
    return operation


def published() -> CorrectedDocument:
    return correct(parse_document(DOCUMENT.read_bytes()))


def test_the_published_document_has_every_name_of_the_table_that_it_can_have() -> None:
    found = published()
    assert found.names.conflicts == ()
    assert len(found.names.operations) == 61
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
        ("model-paths.overlay.yaml", 1)
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


def test_a_path_item_behind_a_reference_is_resolved() -> None:
    document = answering(THING)
    shared = object_at(object_at(document, "paths"), "/v1/things/{id}")
    object_at(document, "components")["pathItems"] = {"thing": shared}
    # What stands beside the reference holds, too.
    beside = object_at(shared, "get").pop("parameters")
    object_at(document, "paths")["/v1/things/{id}"] = {
        "$ref": "#/components/pathItems/thing",
        "parameters": beside,
    }
    assert corrected(document) == corrected(answering(THING))


@pytest.mark.parametrize(
    "way",
    [
        "components/schemas/Holder/$defs/Part",
        "components/schemas/Holder/properties/part/anyOf/0",
        "components/responses/Found/content/application~1json/schema",
        "components/schemas/Alias/items",
    ],
)
def test_a_reference_may_find_a_schema_inside_anything(way: str) -> None:
    part: JSONObject = {
        "type": "object",
        "properties": {"size": {"type": "integer", "nullable": True}},
    }
    holder: JSONObject = {
        "$defs": {"Part": part},
        "properties": {"part": {"anyOf": [part, {"type": "null"}]}},
    }
    alias: JSONObject = {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Holder/$defs/Part"},
    }
    document = answering({"properties": {"one": {"$ref": f"#/{way}"}}}, Holder=holder, Alias=alias)
    object_at(document, "components")["responses"] = {"Found": json_answer(part)}
    assert corrected(document) == corrected(answering({"properties": {"one": part}}))


def test_what_refers_into_a_schema_and_what_stands_there_are_one() -> None:
    part: JSONObject = {"type": "object", "properties": {"size": {"type": "integer"}}}
    answer: JSONObject = {
        "type": "object",
        "properties": {
            "first": part,
            "second": {"$ref": "#/components/schemas/Thing/properties/first"},
        },
    }
    found = object_at(
        object_at(corrected(answering(reference("Thing"), Thing=answer)), "components"), "schemas"
    )
    assert object_at(object_at(found, "GetThingResponse"), "properties") == {
        "first": reference("GetThingResponseFirst"),
        "second": reference("GetThingResponseFirst"),
    }


def test_a_discriminator_may_choose_schemas_inside_another() -> None:
    variants: JSONObject = {
        name: {"type": "object", "properties": {name: {"type": "string"}}} for name in ("a", "b")
    }
    places: list[str] = [f"#/components/schemas/Holder/$defs/{name}" for name in variants]
    union: JSONObject = {
        "oneOf": [{"$ref": place} for place in places],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"first": places[0], "second": places[1]},
        },
    }
    found = object_at(
        object_at(
            corrected(answering({"properties": {"it": union}}, Holder={"$defs": variants})),
            "components",
        ),
        "schemas",
    )
    kinds = [
        object_at(object_at(found, f"GetThingResponseItVariant{number}"), "properties")["kind"]
        for number in (1, 2)
    ]
    assert kinds == [{"type": "string", "const": "first"}, {"type": "string", "const": "second"}]


def test_answers_that_have_no_body_in_http_have_none() -> None:
    answers: JSONObject = {status: json_answer(THING) for status in ("200", "204", "304")}
    found = object_at(
        only_operation(corrected(with_operation({"responses": answers}))), "responses"
    )
    assert [status for status in found if "content" in object_at(found, status)] == ["200"]
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


def test_references_in_a_circle_are_refused() -> None:
    document = with_operation({"responses": {"200": {"$ref": "#/components/responses/a"}}})
    object_at(document, "components")["responses"] = {
        "a": {"$ref": "#/components/responses/b"},
        "b": {"$ref": "#/components/responses/a"},
    }
    with pytest.raises(DocumentError, match="in a circle"):
        corrected(document)


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
    document = with_operation(
        {
            "responses": {"200": answer},
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


def test_aliases_inside_aliases_cannot_fill_the_memory() -> None:
    bomb: JSONObject = {
        f"a{level}": {
            "type": "array",
            "prefixItems": [reference(f"a{level + 1}"), reference(f"a{level + 1}")],
        }
        for level in range(30)
    }
    bomb["a30"] = {"type": "string"}
    with pytest.raises(DocumentError, match="holds more than"):
        corrected(answering(reference("a0"), **bomb))


def test_references_through_too_many_levels_are_refused() -> None:
    chain: JSONObject = {
        f"a{level}": {"type": "array", "items": reference(f"a{level + 1}")} for level in range(2000)
    }
    with pytest.raises(DocumentError, match="too many levels"):
        corrected(answering(reference("a0"), **chain, a2000={"type": "string"}))


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
