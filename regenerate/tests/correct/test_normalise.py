"""One spelling for every schema.

What says the same becomes the same, and what the generator misreads is rewritten.
"""

import pytest

from ...correct.corrected import correct
from ...correct.normalise import normalise_schema
from ...document.json_tree import JSONObject, JSONValue, object_at, objects_at
from ...naming.operation_names import NamingTable
from ..small_documents import (
    answering,
    corrected,
    json_answer,
    only_operation,
    reference,
    with_operation,
    with_paths,
)

TEXT: JSONObject = {"type": "string"}
NULL: JSONObject = {"type": "null"}
TEXT_OR_NULL: JSONObject = {"anyOf": [TEXT, NULL]}
REFERENCE: JSONObject = {"$ref": "#/components/schemas/X"}


def _union(*formats: str) -> JSONObject:
    return {"anyOf": [{"type": "string", "format": name} for name in formats]}


def _with_a() -> JSONObject:
    return {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        # null, in every spelling
        ({"type": ["string", "null"]}, TEXT_OR_NULL),
        ({"type": ["null", "string"]}, TEXT_OR_NULL),
        ({"type": "string", "nullable": True}, TEXT_OR_NULL),
        ({"type": "string", "nullable": False}, TEXT),
        ({"oneOf": [NULL, TEXT]}, TEXT_OR_NULL),
        ({"oneOf": [NULL, TEXT], "anyOf": [NULL, TEXT]}, TEXT_OR_NULL),
        ({"oneOf": [REFERENCE, TEXT], "anyOf": [REFERENCE, TEXT]}, {"anyOf": [REFERENCE, TEXT]}),
        ({"anyOf": [{"type": ["string", "null"]}, NULL]}, TEXT_OR_NULL),
        ({"anyOf": [{"type": "null", "title": "None"}, TEXT]}, TEXT_OR_NULL),
        ({"allOf": [REFERENCE], "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        ({**REFERENCE, "nullable": True}, {"anyOf": [REFERENCE, NULL]}),
        ({"type": ["null"]}, NULL),
        ({"const": None}, NULL),
        ({"enum": [None]}, NULL),
        (
            {"type": "string", "enum": ["a", None]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, NULL]},
        ),
        (
            {"type": ["string", "null"], "enum": ["a", None]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, NULL]},
        ),
        (
            {"type": ["array", "null"], "items": TEXT, "maxItems": 3, "description": "D"},
            {"anyOf": [{"type": "array", "items": TEXT, "maxItems": 3}, NULL], "description": "D"},
        ),
        # wrappers around one
        ({"allOf": [REFERENCE], "description": "D", "title": "T"}, REFERENCE),
        ({"anyOf": [TEXT], "description": "D"}, {"type": "string", "description": "D"}),
        (
            {"allOf": [{"type": "string", "description": "A"}], "description": "D"},
            {"type": "string", "description": "D"},
        ),
        ({"allOf": [{"description": "D"}, REFERENCE]}, REFERENCE),
        (
            {"type": "string", "allOf": [{"description": "A"}], "description": "D"},
            {"type": "string", "description": "D"},
        ),
        (
            {"type": "string", "allOf": [{"description": "A"}, {"description": "B"}]},
            {"type": "string", "description": "A"},
        ),
        ({"type": "object", "allOf": [REFERENCE]}, REFERENCE),
        ({**REFERENCE, "description": "D", "default": "a"}, REFERENCE),
        # unions
        (
            {"anyOf": [{"oneOf": [TEXT, NULL]}, {"type": "integer"}]},
            {"anyOf": [TEXT, {"type": "integer"}, NULL]},
        ),
        ({"anyOf": [TEXT, TEXT, NULL, NULL]}, TEXT_OR_NULL),
        ({"anyOf": [{}, NULL]}, {}),
        (
            {"type": "string", "oneOf": [{"format": "uuid"}, {"format": "uri"}]},
            _union("uuid", "uri"),
        ),
        (
            {"type": ["string", "integer"], "minLength": 1, "minimum": 0, "format": "uuid"},
            {
                "anyOf": [
                    {"type": "string", "minLength": 1, "format": "uuid"},
                    {"type": "integer", "minimum": 0},
                ]
            },
        ),
        (
            {"type": ["string", "integer"], "enum": ["a", 1]},
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "integer", "enum": [1]}]},
        ),
        (
            {
                "type": "object",
                "properties": {"a": TEXT, "b": TEXT},
                "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
            },
            {"type": "object", "properties": {"a": TEXT, "b": TEXT}},
        ),
        (
            {"properties": {"a": TEXT}, "anyOf": [{"required": ["a"]}, {"type": "string"}]},
            {
                "anyOf": [{"required": ["a"], "type": "object"}, {"type": "string"}],
                "properties": {"a": TEXT},
            },
        ),
        # enums and constants
        (
            {"type": "string", "x-extensible-enum": ["a", "b"]},
            {"type": "string", "enum": ["a", "b"]},
        ),
        ({"enum": ["a", "b", "a"]}, {"type": "string", "enum": ["a", "b"]}),
        (
            {"enum": ["a", 1, "b"]},
            {"anyOf": [{"type": "string", "enum": ["a", "b"]}, {"type": "integer", "enum": [1]}]},
        ),
        (
            {"enum": ["a", True, None]},
            {
                "anyOf": [
                    {"type": "string", "enum": ["a"]},
                    {"type": "boolean", "const": True},
                    NULL,
                ]
            },
        ),
        # formats
        ({"type": "string", "format": "uuid4"}, {"type": "string", "format": "uuid"}),
        (
            {"type": ["string", "null"], "format": "uuid7"},
            {"anyOf": [{"type": "string", "format": "uuid"}, NULL]},
        ),
        ({"type": "string", "format": "uuid9"}, {"type": "string", "format": "uuid9"}),
        # what is deprecated
        (
            {"type": "string", "deprecated": True},
            {"type": "string", "deprecated": True, "description": "Deprecated."},
        ),
        (
            {"type": "string", "deprecated": True, "default": "a", "description": "D."},
            {
                "type": "string",
                "deprecated": True,
                "description": 'D. Default of the server: "a". Deprecated.',
            },
        ),
        ({"enum": [True, False]}, {"type": "boolean"}),
        ({"enum": [True]}, {"type": "boolean", "const": True}),
        ({"enum": [0.5], "nullable": True}, {"anyOf": [{"type": "number", "const": 0.5}, NULL]}),
        ({"const": "a"}, {"type": "string", "const": "a"}),
        ({"const": 1, "enum": [1]}, {"type": "integer", "const": 1}),
        # objects
        ({"type": "object", "additionalProperties": True}, {"type": "object"}),
        ({"type": "object", "additionalProperties": {}}, {"type": "object"}),
        ({"type": "object", "additionalProperties": False, "properties": {}}, {"type": "object"}),
        ({"properties": {"a": TEXT}, "required": ["a", "a"]}, _with_a()),
        (
            {"additionalProperties": {"type": ["string"]}},
            {"type": "object", "additionalProperties": TEXT},
        ),
        # the rest
        ({"items": TEXT}, {"type": "array", "items": TEXT}),
        (
            {"type": "integer", "minimum": 1, "exclusiveMinimum": True},
            {"type": "integer", "exclusiveMinimum": 1},
        ),
        (
            {"type": "integer", "maximum": 9, "exclusiveMaximum": False},
            {"type": "integer", "maximum": 9},
        ),
        (
            {"type": "string", "contentMediaType": "application/octet-stream"},
            {"type": "string", "format": "binary"},
        ),
        ({"contentMediaType": "image/png"}, {"type": "string", "format": "binary"}),
        (
            {"type": "string", "contentMediaType": "text/csv"},
            {"type": "string", "contentMediaType": "text/csv"},
        ),
        (
            {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"},
            {"type": "string", "contentMediaType": "image/png", "contentEncoding": "base64"},
        ),
        (
            {"type": "integer", "default": 20},
            {"type": "integer", "description": "Default of the server: 20."},
        ),
        (
            {"type": "string", "default": "a", "description": "Kind.", "nullable": True},
            {"anyOf": [TEXT, NULL], "description": 'Kind. Default of the server: "a".'},
        ),
        (
            {
                "type": "string",
                "default": None,
                "title": "T",
                "example": "x",
                "x-a": 1,
                "deprecated": False,
            },
            TEXT,
        ),
    ],
)
def test_a_schema_has_one_spelling(written: JSONObject, normal: JSONObject) -> None:
    assert normalise_schema(written) == normal
    assert normalise_schema(normal) == normal


@pytest.mark.parametrize(
    ("default", "told"),
    [
        (False, "false"),
        (True, "true"),
        (0, "0"),
        (0.0, "0.0"),
        (-1, "-1"),
        ("", '""'),
        ("null", '"null"'),
        ("é.", '"é."'),
        (None, None),
        ({}, None),
        ([], None),
    ],
)
def test_a_default_is_told_whatever_it_is(default: JSONValue, told: str | None) -> None:
    sentence = None if told is None else f"Default of the server: {told}."
    for words in ("", "Kind."):
        schema: JSONObject = {"type": "string", "default": default, "description": words}
        found = normalise_schema(schema)
        assert "default" not in found
        expected = " ".join(part for part in (words, sentence) if part)
        assert found.get("description", "") == expected


def test_schemas_inside_are_normalised() -> None:
    inside: JSONObject = {"type": ["string", "null"], "title": "T"}
    for key in ("items", "additionalProperties"):
        assert normalise_schema({key: inside})[key] == TEXT_OR_NULL
    assert normalise_schema({"prefixItems": [inside], "type": "array"})["prefixItems"] == [
        TEXT_OR_NULL
    ]
    assert normalise_schema({"properties": {"title": inside}})["properties"] == {
        "title": TEXT_OR_NULL
    }


def answer_of(schema: JSONValue, **components: JSONValue) -> tuple[JSONValue, JSONObject]:
    """Return the answer's schema in the corrected document, and all its component schemas."""
    document = correct(answering(schema, **components), None, NamingTable()).document
    operation = object_at(object_at(object_at(document, "paths"), "/v1/things/{id}"), "get")
    content = object_at(object_at(object_at(operation, "responses"), "200"), "content")
    return object_at(content, "application/json")["schema"], object_at(
        object_at(document, "components"), "schemas"
    )


def test_free_form_objects_are_all_one_schema() -> None:
    rules: JSONObject = {"required": ["x"], "minProperties": 1, "maxProperties": 2}
    properties: JSONObject = {
        "a": {"type": "object"},
        "b": {"type": ["object", "null"], "additionalProperties": True},
        **{
            word: {"type": "object", word: value, "description": "D."}
            for word, value in rules.items()
        },
    }
    _, schemas = answer_of({"type": "object", "properties": properties})
    assert schemas["JsonObject"] == {
        "type": "object",
        "additionalProperties": True,
        "description": "Any JSON object.",
    }
    assert object_at(object_at(schemas, "GetThingResponse"), "properties") == {
        "a": reference("JsonObject"),
        "b": {"anyOf": [reference("JsonObject"), NULL]},
        **dict.fromkeys(("required", "minProperties", "maxProperties"), reference("JsonObject")),
    }


def test_arrays_unions_and_plain_values_are_written_where_they_are_used() -> None:
    maybe: JSONObject = {"type": ["array", "null"], "items": reference("Deep"), "title": "T"}
    answer, schemas = answer_of(
        reference("Alias"), Alias=reference("Maybe"), Maybe=maybe, Deep={"type": "string"}
    )
    assert answer == {"anyOf": [{"type": "array", "items": TEXT}, NULL]}
    assert schemas == {}


def test_objects_and_enums_in_place_become_schemas_of_their_own() -> None:
    state: JSONObject = {"type": ["string", "null"], "enum": ["a", "b", None]}
    answer, schemas = answer_of({"type": "array", "items": {"properties": {"state": state}}})
    assert answer == {"type": "array", "items": reference("GetThingResponseItem")}
    assert schemas["GetThingResponseItemState"] == {"type": "string", "enum": ["a", "b"]}
    assert object_at(object_at(schemas, "GetThingResponseItem"), "properties") == {
        "state": {"anyOf": [reference("GetThingResponseItemState"), NULL]}
    }


def test_a_value_that_holds_itself_ends_in_anything() -> None:
    json_value: JSONObject = {
        "anyOf": [TEXT, {"type": "array", "items": reference("Json")}, {"type": "null"}],
    }
    answer, _ = answer_of(reference("Json"), Json=json_value)
    assert answer == {"anyOf": [TEXT, {"type": "array", "items": {}}, NULL]}


def test_an_object_that_holds_itself_stays() -> None:
    node: JSONObject = {
        "type": "object",
        "properties": {"next": {"anyOf": [reference("Node"), NULL]}},
    }
    answer, schemas = answer_of(reference("Node"), Node=node)
    assert answer == reference("GetThingResponse")
    assert schemas == {
        "GetThingResponse": {
            "type": "object",
            "properties": {"next": {"anyOf": [reference("GetThingResponse"), NULL]}},
        }
    }


def test_openapi_3_0_becomes_3_1() -> None:
    document = {**answering({"type": "string", "nullable": True}), "openapi": "3.0.3"}
    assert (
        correct(document, None, NamingTable()).document
        == correct(answering({"type": ["string", "null"]}), None, NamingTable()).document
    )


def test_content_types_are_lower_case_and_answers_keep_their_bodies() -> None:
    answer: JSONObject = {
        "description": "D",
        "content": {"Application/JSON": {"schema": TEXT, "example": "x"}},
    }
    document = correct(with_operation({"responses": {"2xx": answer}}), None, NamingTable()).document
    operation = object_at(object_at(object_at(document, "paths"), "/v1/things/{id}"), "get")
    assert operation["responses"] == {"2XX": {**json_answer(TEXT), "description": "D"}}


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (TEXT_OR_NULL, TEXT),
        ({"type": ["string", "null"], "format": "uuid"}, {"type": "string", "format": "uuid"}),
        ({"type": "string", "nullable": True}, TEXT),
        ({"anyOf": [TEXT, {"type": "integer"}, NULL]}, {"anyOf": [TEXT, {"type": "integer"}]}),
        (TEXT, TEXT),
    ],
)
def test_a_path_has_no_place_for_null(written: JSONObject, normal: JSONObject) -> None:
    parameter: JSONObject = {"name": "id", "in": "path", "required": True, "schema": written}
    operation: JSONObject = {"parameters": [parameter], "responses": {"200": {"description": ""}}}
    document = corrected(with_paths({"/v1/runs/{id}": {"get": operation}}))
    (found,) = objects_at(only_operation(document), "parameters")
    assert found["schema"] == normal


def test_a_query_may_hold_null() -> None:
    parameter: JSONObject = {"name": "q", "in": "query", "schema": TEXT_OR_NULL}
    operation: JSONObject = {"parameters": [parameter], "responses": {"200": {"description": ""}}}
    document = corrected(with_paths({"/v1/runs": {"get": operation}}))
    (found,) = objects_at(only_operation(document), "parameters")
    assert found["schema"] == TEXT_OR_NULL
