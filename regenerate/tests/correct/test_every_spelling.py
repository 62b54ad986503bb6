"""Schemas in every spelling, alone and two at a time as parts of one: what is made of them."""

import copy
import json
from collections.abc import Iterator, Mapping
from itertools import permutations, product
from typing import Any, Final

from suites.snapshot import check_snapshot

from ...correct._enum_members import name_enum_members
from ...correct.bodies import settle_bodies
from ...correct.headers import settle_headers
from ...correct.normalise import normalise_schema
from ...document.json_tree import JSONObject, JSONValue
from ..every_word import SNAPSHOTS
from ..small_documents import corrected, only_operation, reference, with_operation, with_paths

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
NULL: Final[Schema] = {"type": "null"}
A: Final = reference("A")


def shown(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


NOTED: Final[Schema] = {"description": "Text.", "readOnly": True}
SPELLINGS: Final[tuple[Schema, ...]] = (
    *({}, {"title": "T", "x-y": 1, "examples": [1]}, NOTED, {**TEXT, "description": ""}),
    *({**TEXT, "nullable": True, **NOTED}, {**TEXT, "nullable": False}, {**A, "nullable": True}),
    *({**A, **NOTED, "default": 1}, {**A, "nullable": True, **NOTED}, {"nullable": True}),
    *({"type": ["string"]}, {"type": ["string", "null"], "maxLength": 3}, {"type": ["null"]}),
    {"type": ["string", "integer"], "format": "uuid", "maximum": 3, "enum": ["a", 1]},
    {"type": ["integer", "number", "null"], "format": "int32", "minimum": 0, "maxLength": 1},
    {"type": ["array", "object"], "items": TEXT, "properties": {"a": TEXT}, "required": ["a"]},
    *({"type": ["string", "string"]}, {"type": ["string", "integer"], "const": "a"}, {"type": []}),
    {"type": ["boolean", "string"], "anyOf": [TEXT, {"type": "boolean"}]},
    *({"enum": []}, {"enum": ["a"]}, {"enum": ["a", "b", "a"]}, {"enum": [1, True, 1.0, 0, False]}),
    *(
        {"enum": [True, False]},
        {"enum": [True]},
        {"enum": [1.5]},
        {"enum": [1.5, 2]},
        {"enum": [1]},
    ),
    *({"enum": [None]}, {"enum": [None, "a"]}, {"enum": ["a", 1, None]}, {"enum": [{}, "a"]}),
    *({"enum": [None, 0], "type": "integer"}, {"enum": "a"}, {"x-extensible-enum": ["a"]}),
    *({"x-extensible-enum": ["a"], "enum": ["b"]}, {"x-extensible-enum": "a"}),
    *({"const": "a"}, {"const": None, **NOTED}, {"const": False}, {"const": 0}, {"const": [1]}),
    *(
        {"const": 1, "type": "number"},
        {"const": "a", "default": "a"},
        {"const": "a", "enum": ["a"]},
    ),
    *({**TEXT, "default": ""}, {**TEXT, "default": None}, {**TEXT, "default": "x" * 78}),
    *({**TEXT, "default": "x" * 79}, {**TEXT, "default": "é" * 78, "description": "Text."}),
    *({"default": False}, {"default": 0}, {"default": []}, {"default": {}}, {"default": 0.5}),
    *(
        {**TEXT, "deprecated": True},
        {**TEXT, "deprecated": True, "description": "Old. Deprecated."},
    ),
    *({**TEXT, "deprecated": False}, {**A, "deprecated": True}, {**TEXT, "deprecated": "yes"}),
    *({**TEXT, "format": "uuid4"}, {**TEXT, "format": "uuid9"}, {**TEXT, "format": "uuid8"}),
    *({"exclusiveMinimum": True, "minimum": 1}, {"exclusiveMinimum": False, "minimum": 1}),
    *(
        {"exclusiveMaximum": True},
        {"exclusiveMaximum": True, "maximum": 0},
        {"exclusiveMaximum": 2},
    ),
    *({"required": []}, {"required": ["b", "a", "b"], "type": "object"}, {"properties": {}}),
    *({"uniqueItems": False, "items": TEXT}, {"uniqueItems": True, "items": {}}, {"items": True}),
    *({"items": False, "prefixItems": [TEXT, A]}, {"items": False}, {"prefixItems": [TEXT]}),
    *({"items": True, "prefixItems": [TEXT]}, {"items": False, "prefixItems": [A], "maxItems": 5}),
    *({"type": "array"}, {"type": "array", "items": A}, {"type": "array", "items": False}),
    *({"properties": {"a": True}}, {"additionalProperties": TEXT}, {"additionalProperties": False}),
    {"type": "object", "additionalProperties": {"title": "Any"}},
    *({"type": "object", "additionalProperties": True}, {"additionalProperties": True}),
    *({"contentMediaType": "image/png"}, {"contentMediaType": "text/plain", **TEXT}),
    {"contentMediaType": "image/png", "contentEncoding": "base64", **TEXT},
    *({"contentMediaType": one} for one in ("application/xml", "application/pdf")),
    *({"contentMediaType": "application/json"}, {"contentMediaType": "image/png", "type": "array"}),
    *({"oneOf": [TEXT, A]}, {"oneOf": [TEXT], "anyOf": [TEXT]}, {"oneOf": [TEXT], "anyOf": [A]}),
    *({"anyOf": []}, {"anyOf": [TEXT]}, {"anyOf": [A], **NOTED}, {"anyOf": [TEXT], **NOTED}),
    *({"anyOf": [NULL]}, {"anyOf": [NULL, NULL], **NOTED}, {"anyOf": [NULL, TEXT, TEXT, NULL]}),
    *({"anyOf": [TEXT, {}]}, {"anyOf": [TEXT, {}], "maxLength": 3}, {"anyOf": [TEXT, NOTED]}),
    {"anyOf": [{"anyOf": [A, NULL]}, {"anyOf": [TEXT], **NOTED}, {"oneOf": [TEXT, A]}]},
    {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "properties": {"a": TEXT}},
    {"anyOf": [{"maxLength": 3}, A, {"type": "integer"}], "type": "string"},
    *({"anyOf": [TEXT], "maxLength": 3}, {"anyOf": [TEXT, 5]}, {"anyOf": [{"type": ["string"]}]}),
    *({"allOf": []}, {"allOf": [A]}, {"allOf": [A], **NOTED}, {"allOf": [TEXT], **NOTED}),
    *({"allOf": [A, NOTED]}, {"allOf": [NOTED, {}]}, {"allOf": [TEXT, {"maxLength": 1}]}),
    *({"allOf": [A], "type": "object"}, {"allOf": [A, A]}, {"allOf": [True, A]}, {"allOf": A}),
    *({"allOf": [A], "nullable": True}, {"allOf": [A], "default": "x"}, {"allOf": [A, True]}),
    {"properties": {"a": {**A, "default": 1}, "b": {"allOf": [A], "default": ""}, "c": A}},
    {"properties": {"z": {**A, "default": 1}, "a": {**A, "default": 2}}, "description": "Text."},
    {"properties": {"a": {**A, "default": []}, "b": {"allOf": [A, TEXT], "default": 1}}},
)


def spellings() -> Iterator[str]:
    for one in SPELLINGS:
        yield f"{shown(one)[:160]}\n    {shown(normalise_schema(copy.deepcopy(one)))}"


def test_what_is_normalised_once_stays() -> None:
    for one in SPELLINGS:
        given = copy.deepcopy(one)
        first = normalise_schema(given)
        assert given == one, "what is given stays as it is"
        # A default becomes a sentence, and of a type list with another word nothing is made.
        assert normalise_schema(copy.deepcopy(first)) == first


PARTS: Final[Mapping[str, Schema]] = {
    "a": {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
    "b": {"properties": {"b": {"type": "integer"}}, "required": ["b"], "description": "B."},
    "a short": {"properties": {"a": {**TEXT, "maxLength": 3, "description": "A."}}},
    "a number": {"properties": {"a": {"type": "integer"}}},
    "a noted": {"properties": {"a": {"description": "Short."}}},
    "class": A,
    "texts": {**TEXT, "maxLength": 9, "minLength": 1, "pattern": "^a", "readOnly": True},
    "shorter": {"maxLength": 5, "minLength": 2, "pattern": "^b", "description": "S."},
    "values": {**TEXT, "enum": ["a", "b"]},
    "other values": {"enum": ["b", "c"]},
    "no values": {"enum": ["x"]},
    "integer": {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2},
    "number": {"type": "number", "minimum": 0, "exclusiveMaximum": 5},
    "or null": {"anyOf": [TEXT, NULL]},
    "short or null": {"anyOf": [{**TEXT, "maxLength": 3, **NOTED}, NULL]},
    "union or null": {"anyOf": [{"properties": {"x": TEXT}}, A, NULL], "description": "U."},
    "object or null": {"anyOf": [{"type": "object", "properties": {"x": TEXT}}, NULL]},
    "union": {"anyOf": [{"properties": {"x": TEXT}}, A]},
    "values of text": {"type": "object", "additionalProperties": {**TEXT, "maxLength": 3}},
    "list": {"type": "array", "items": TEXT, "minItems": 1},
    "nothing": {"description": "N."},
}


def merged(*parts: Schema, **beside: JSONValue) -> str:
    """Return what becomes of a field with these parts, and of what stands beside them."""
    field: JSONObject = {"allOf": [*copy.deepcopy(parts)], **beside}
    holder: JSONObject = {"type": "object", "properties": {"x": field}}
    base: JSONObject = {
        "type": "object",
        "properties": {"a": TEXT, "c": {"type": "integer"}},
        "required": ["c"],
    }
    found: Any = corrected(
        with_operation(
            {"responses": {"200": {"content": {"application/json": {"schema": holder}}}}}, A=base
        )
    )
    schemas = found["components"]["schemas"]
    schema = schemas["GetThingResponse"]["properties"]["x"]
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return shown(schema)


def parts() -> Iterator[str]:
    for one, other in permutations(PARTS, 2):
        yield f"{one} and {other}: {merged(PARTS[one], PARTS[other])}"
    for one in ("a", "class", "texts", "union"):
        yield f"{one} alone: {merged(PARTS[one])}"
        beside = merged(PARTS[one], properties={"n": {"type": "number"}})
        yield f"{one}, beside it a number: {beside}"
        yield f"{one} three times: {merged(PARTS[one], PARTS['b'], PARTS[one])}"
        yield f"{one} in parts: {merged({'allOf': [PARTS[one], PARTS['b']]}, PARTS['a short'])}"


TYPES: Final = (
    *("application/json", "application/problem+json", "text/json", "application/*", "*/*"),
    *("application/*+json", "text/plain", "text/html", "text/*", "image/png", "image/*"),
    *("application/octet-stream", "multipart/form-data", "application/x-www-form-urlencoded"),
)


def test_what_is_added_to_a_description_stands_behind_it() -> None:
    named: JSONObject = {"mode": {**TEXT, "enum": ["fast", "good"]}}
    alone = {"allOf": [reference("mode")], "default": "good"}
    json_text = {"content": {"application/json": {"schema": TEXT}}}
    added: Mapping[str, tuple[Schema, str]] = {
        "default": ({"schema": {**reference("mode"), "default": "fast"}}, "fast"),
        "default of one part": ({"schema": alone}, "good"),
        "empty default": ({"schema": {**reference("mode"), "default": ""}}, ""),
        "JSON in a header": ({"in": "header", **json_text}, "JSON text."),
    }
    for name, (parameter, said) in added.items():
        sentence = said if "JSON" in name else f"Default of the server: {json.dumps(said)}."
        for text in ("", "Text."):
            given: JSONObject = {"in": "query", "name": "q", "description": text, **parameter}
            found: Any = only_operation(corrected(with_operation({"parameters": [given]}, **named)))
            told = found["parameters"][1]["description"]
            assert told == f"{text} {sentence}".strip(), name


def bodies() -> Iterator[str]:
    """Yield what becomes of the content of requests and answers, alone and two at a time."""
    number: Schema = {"type": "integer"}
    pairs = [(one, other, TEXT) for one, other in permutations(TYPES, 2) if one < other]
    for one, other, schema in (
        *((one, "", TEXT) for one in TYPES),
        *pairs,
        ("application/json", "text/json", number),
        ("application/json", "application/problem+json", number),
        ("multipart/form-data", "application/json", number),
    ):
        content = {one: {"schema": TEXT}} | ({other: {"schema": schema}} if other else {})
        operation: Any = {
            "operationId": "make",
            "requestBody": {"content": content},
            "responses": {"200": {"content": content}, "404": {}},
        }
        settled = settle_bodies(with_paths({"/a": {"post": operation}}))
        found: Any = only_operation(settled.document)
        sent, read = (one["content"] for one in (found["requestBody"], found["responses"]["200"]))
        several = {name: sorted(found) for name, found in settled.several.items()}
        told = f"sent {shown(sent)} {settled.content_type_overrides}, read {shown(read)} {several}"
        yield f"{one} {other} {schema['type']}: {told}"
    anything: tuple[Any, ...] = (None, True, {})
    for schema in anything:
        operation = {
            "responses": {"200": {"content": {"a/json": {}, "text/json": {"schema": schema}}}}
        }
        found = only_operation(settle_bodies(with_paths({"/a": {"get": operation}})).document)
        yield f"{schema}: {shown(found['responses'])}"


def headers() -> Iterator[str]:
    kinds = ("string", "integer", "number", "boolean", "null", "array", "object", None)
    schemas: list[Schema] = [{} if kind is None else {"type": kind} for kind in kinds]
    schemas += [{**TEXT, "format": form} for form in ("date", "date-time", "uuid", "binary")]
    schemas += [{**TEXT, "const": "a"}, {**TEXT, "enum": ["a"]}, {"anyOf": [TEXT, NULL]}]
    schemas += [{"anyOf": [TEXT, {"type": "array"}]}, {"oneOf": [{**TEXT, "format": "date"}]}]
    for schema, place in product(schemas, ("header", "query")):
        parameter: JSONObject = {"in": place, "name": "X", "schema": schema}
        document = with_paths({"/a": {"get": {"parameters": [parameter]}}})
        settle_headers(document)
        found: Any = only_operation(document)["parameters"]
        told = {key: value for key, value in found[0].items() if key != "schema"}
        if place == "header" or told["in"] != "query":
            yield f"{shown(schema)}: {shown(told)}"


VALUES: Final[tuple[list[Any], ...]] = (
    *(["a", "b"], ["asc", "ASC"], ["16:9", "9:16"], ["+", "-", ""], ["a b", "a_b", "a-b"], [1, 2]),
    *(
        ["a", 1],
        ["é", "e"],
        ["1"],
        ["_a", "a"],
        ["-1", "1"],
        ["ASC", "asc", "Asc"],
        ["<=>!"],
        ["a"],
    ),
    *(["b", "1b"], ["😀"], [""], ["VALUE_1", "1"], ["名前"]),
)


def members() -> Iterator[str]:
    for values in VALUES:
        schema: Schema = {"enum": [*values]}
        name_enum_members({"components": {"schemas": {"A": schema}}})
        names = schema.get("x-enum-varnames")
        yield f"{values}: {names}"
        turned: Schema = {"enum": values[::-1]}
        name_enum_members({"components": {"schemas": {"A": turned}}})
        assert (turned.get("x-enum-varnames") or [])[::-1] == (names or []), "the order has no say"


def test_schemas_are_spelled_as_before() -> None:
    tables = {"spellings": spellings, "parts": parts, "headers": headers, "members": members}
    lines = [line for name, table in tables.items() for line in (f"== {name}", *table())]
    check_snapshot(SNAPSHOTS / "spellings.txt", "\n".join(lines) + "\n")


def test_bodies_are_settled_as_before() -> None:
    check_snapshot(SNAPSHOTS / "bodies.txt", "\n".join(bodies()) + "\n")
