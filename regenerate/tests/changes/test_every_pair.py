"""Schemas and operations that differ in one thing: what is told from each one to each other one."""

import copy
from collections.abc import Iterator, Mapping
from itertools import permutations, product
from typing import Any, Final

import pytest
from suites.snapshot import check_snapshot

from ...changes._schema import Use, schema_changes
from ...changes.wire import wire_changes
from ...document.json_tree import JSONObject
from ..every_word import SNAPSHOTS

Schema = dict[str, Any]
TEXT: Final[Schema] = {"type": "string"}
NULL: Final[Schema] = {"type": "null"}
A: Final[Schema] = {"$ref": "#/components/schemas/A"}
B: Final[Schema] = {"$ref": "#/components/schemas/B"}
USES: Final = (Use(True, False), Use(False, True), Use(True, True))
"""What is sent, read, and both. A change has a letter for each: breaking, addition or other."""


def union(*variants: Schema, word: str = "anyOf") -> Schema:
    return {word: [*variants]}


def fields(*required: str, **properties: Schema) -> Schema:
    found: Schema = {"type": "object", "properties": properties}
    return {**found, "required": [*required]} if required else found


def limits(word: str) -> dict[str, Schema]:
    values: tuple[object, ...] = (None, 0, 1, 2)
    return {
        f"{word} {one}": {"type": "number"} | ({} if one is None else {word: one}) for one in values
    }


LIMITS: Final = (
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength"),
    *("minItems", "maxItems", "minProperties", "maxProperties"),
)
GROUPS: Final[Mapping[str, Mapping[str, Schema]]] = {
    "kinds": {
        "anything": {},
        "text": TEXT,
        "uuid": {**TEXT, "format": "uuid"},
        "integer": {"type": "integer"},
        "null alone": NULL,
        "text or null": {"type": ["string", "null"]},
        "text or integer": {"type": ["string", "integer"]},
        "union": union({"type": "integer"}, TEXT),
        "union with null": union({"type": "integer"}, TEXT, NULL),
        "integer or null": union(NULL, {"type": "integer"}, word="oneOf"),
        "class": A,
        "class or null": union(A, NULL),
        "classes": union(A, B, word="oneOf"),
        "both classes": union(A, B, word="allOf"),
        "list": {"type": "array", "items": TEXT},
        "fields alone": {"properties": {"a": TEXT}},
    },
    **{word: limits(word) for word in LIMITS},
    "bounds of other types": {
        "none": TEXT,
        "number": {**TEXT, "maximum": 1},
        "text": {**TEXT, "maximum": "1"},
        "true": {**TEXT, "maximum": True},
    },
    "rules": {
        "none": TEXT,
        "pattern": {**TEXT, "pattern": "^a"},
        "long pattern": {**TEXT, "pattern": "b" * 70},
        "constant": {**TEXT, "const": "a"},
        "no constant": {**TEXT, "const": False},
        "unique": {**TEXT, "uniqueItems": True},
        "not unique": {**TEXT, "uniqueItems": False},
        "step": {**TEXT, "multipleOf": 2},
        "discriminator": {**TEXT, "discriminator": {"propertyName": "kind"}},
    },
    "values of maps": {
        "none": {"type": "object"},
        "no": {"type": "object", "additionalProperties": False},
        "yes": {"type": "object", "additionalProperties": True},
        "any": {"type": "object", "additionalProperties": {}},
        "text": {"type": "object", "additionalProperties": TEXT},
        "limited": {"type": "object", "additionalProperties": {**TEXT, "maxLength": 3}},
    },
    "values": {
        "none": TEXT,
        "empty": {**TEXT, "enum": []},
        "a": {**TEXT, "enum": ["a"]},
        "b and a": {**TEXT, "enum": ["b", "a"]},
        "numbers": {**TEXT, "enum": [1, 0]},
        "null and false": {**TEXT, "enum": [None, False]},
        "no list": {**TEXT, "enum": "a"},
    },
    "fields": {
        "none": fields(),
        "a": fields(a=TEXT),
        "a must": fields("a", a=TEXT),
        "b must": fields("b", b={"type": ["integer", "null"]}),
        "both": fields("a", a=TEXT, b={"type": "integer"}),
        "b in a": fields(a=fields("b", b=TEXT)),
        "unknown must": fields("x", a=TEXT),
    },
    "items": {
        "none": {"type": "array"},
        "text": {"type": "array", "items": TEXT},
        "number": {"type": "array", "items": {"type": "number"}},
        "no": {"type": "array", "items": False},
        "lists": {"type": "array", "items": {"type": "array", "items": TEXT}},
    },
    "places": {
        "none": {"type": "array"},
        "one": {"type": "array", "prefixItems": [TEXT]},
        "two": {"type": "array", "prefixItems": [TEXT, {"type": ["integer", "null"]}]},
        "one must": {"type": "array", "prefixItems": [TEXT], "minItems": 1},
        "two, one must": {"type": "array", "prefixItems": [TEXT, TEXT], "minItems": 1},
        "two must": {"type": "array", "prefixItems": [TEXT, TEXT], "minItems": 2},
        "number": {"type": "array", "prefixItems": [{"type": "number"}]},
    },
    "variants": {
        "plain": fields(a=TEXT),
        "one": union(fields(a=TEXT), TEXT),
        "changed": union(fields(b=TEXT), TEXT),
        "two": union(fields(a=TEXT), fields(b=TEXT, c=TEXT, d=TEXT, e=TEXT, f=TEXT), TEXT),
        "front": union(fields(b=TEXT), fields(a=TEXT), TEXT, word="oneOf"),
        "parts": union(fields(a=TEXT), A, word="allOf"),
        "part changed": union(fields("a", a=TEXT), A, word="allOf"),
        "texts": union(TEXT, {**TEXT, "maxLength": 3}),
    },
    "descriptions": {
        name: {**TEXT, "description": text}
        for name, text in {
            "none": "",
            "text": "Text.",
            "one": "Text. Default of the server: 1.",
            "two": "Default of the server: 2. Text.",
            "quoted": 'Text. Default of the server: "a. \\"b\\" c".',
            "false": "Default of the server: false.",
            "of a field": "Text. Default of the server of x: 1. Default of the server of y: null.",
            "not at an end": "Text. Default of the server: 1.5",
        }.items()
    },
    "descriptions beside null": {
        "none": union(TEXT, NULL),
        "outside": {**union(TEXT, NULL), "description": "Out."},
        "inside": union({**TEXT, "description": "In."}, NULL),
        "both": {**union({**TEXT, "description": "In."}, NULL), "description": "Out."},
        "other inside": {**union({**TEXT, "description": "Else."}, NULL), "description": "Out."},
    },
}


@pytest.mark.parametrize("use", USES, ids=("sent", "read", "both"))
def test_equal_schemas_make_no_change_and_unlike_ones_make_one_in_both_directions(use: Use) -> None:
    for name, group in GROUPS.items():
        for schema in group.values():
            assert [*schema_changes(schema, copy.deepcopy(schema), use, "x")] == []
        for one, other in permutations(group, 2):
            there, back = (
                {change.where for change in schema_changes(group[old], group[new], use, "x")}
                for old, new in ((one, other), (other, one))
            )
            assert bool(there) == bool(back), f"{name}: {one}, {other}"


def weighed(old: Schema, new: Schema) -> Iterator[str]:
    """Yield the changes of a schema, each with its weights where it is sent, read, or both."""
    found: dict[str, str] = {}
    for number, use in enumerate(USES):
        for change in schema_changes(old, new, use, "x"):
            told = found.get(str(change), "").ljust(number, "-")
            found[str(change)] = told + change.weight.name[0]
    yield from (f"{weights.ljust(3, '-')} {what}" for what, weights in sorted(found.items()))


def pairs() -> Iterator[str]:
    for name, group in GROUPS.items():
        yield f"== {name}"
        for one, other in permutations(group, 2):
            told = "; ".join(weighed(group[one], group[other]))
            yield f"{one} > {other}: {told or 'nothing'}"


def test_schemas_are_compared_as_before() -> None:
    check_snapshot(SNAPSHOTS / "schema_pairs.txt", "\n".join(pairs()) + "\n")


def content(*kinds: str, schema: Schema = TEXT) -> Schema:
    return {"content": {kind: {"schema": schema} for kind in kinds}}


JSON, PLAIN = "application/json", "text/plain"
LIST: Final[Schema] = {"type": "array", "items": TEXT}


def parameter(place: str = "query", schema: Schema = TEXT, **more: Any) -> Schema:
    return {"parameters": [{"name": "q", "in": place, "schema": schema, **more}]}


def headers(**found: Schema) -> Schema:
    named = {name.replace("_", "-"): one for name, one in found.items()}
    return {"responses": {"200": {"headers": named}}}


OPERATIONS: Final[Mapping[str, Mapping[str, Schema]]] = {
    "operation": {
        "plain": {},
        "other package": {"tags": ["b"]},
        "other name": {"operationId": "do"},
        "deprecated": {"deprecated": True},
        "not deprecated": {"deprecated": False},
        "summary": {"summary": "Act."},
        "description": {"description": "Acts."},
    },
    "security": {
        "none": {},
        "empty": {"security": []},
        "optional": {"security": [{}]},
        "key": {"security": [{"key": []}]},
        "two": {"security": [{"key": []}, {"other": []}]},
    },
    "body": {
        "none": {},
        "json": {"requestBody": content(JSON)},
        "must": {"requestBody": {**content(JSON), "required": True}},
        "need not": {"requestBody": {**content(JSON), "required": False}},
        "text": {"requestBody": content(PLAIN)},
        "either": {"requestBody": content(JSON, PLAIN)},
        "without content": {"requestBody": {"description": "Bytes."}},
        "number": {"requestBody": content(JSON, schema={"type": "number"})},
    },
    "answers": {
        "none": {"responses": {}},
        "bare": {"responses": {"200": {}}},
        "json": {"responses": {"200": content(JSON)}},
        "text": {"responses": {"200": content(PLAIN)}},
        "either": {"responses": {"200": content(JSON, PLAIN)}},
        "made": {"responses": {"201": content(JSON)}},
        "refused": {"responses": {"200": content(JSON), "404": content(JSON)}},
        "else": {"responses": {"2XX": content(JSON), "default": content(JSON)}},
    },
    "headers": {
        "none": headers(),
        "one": headers(X_A={"schema": TEXT}),
        "other case": headers(x_a={"schema": TEXT, "required": False}),
        "always": headers(X_A={"schema": TEXT, "required": True}),
        "number": headers(X_A={"schema": {"type": "number"}}),
        "two": headers(X_A={"schema": TEXT}, X_B={"schema": TEXT}),
    },
    "parameters": {
        "none": {},
        "query": parameter(),
        "header": parameter("header"),
        "must": parameter(required=True),
        "need not": parameter(required=False),
        "deprecated": parameter(deprecated=True),
        "not deprecated": parameter(deprecated=False),
        "described": parameter(description="Text. Default of the server: 1."),
        "schema described": parameter(schema={**TEXT, "description": "Default of the server: 2."}),
        "json": {"parameters": [{"name": "q", "in": "query", **content(JSON)}]},
        "list": parameter(schema=LIST),
        "joined": parameter(schema=LIST, explode=False),
        "pipes": parameter(schema=LIST, style="pipeDelimited", explode=False),
    },
}
SERVERS: Final[tuple[list[str], ...]] = (
    [],
    ["https://a.test"],
    ["https://b.test"],
    ["https://a.test", "https://b.test"],
)
PATHS: Final = {
    "plain": ("/v1/a", "/v1/b", "/v1/c/{id}"),
    "slashes": ("/v1/a/", "/v1/b/", "/v1/c/{id}/"),
    "one slash": ("/v1/a/", "/v1/b", "/v1/c/{id}"),
    "moved": ("/api/v1/a", "/api/v1/b", "/api/v1/c/{id}"),
    "moved with slashes": ("/api/v1/a/", "/api/v1/b/", "/api/v1/c/{id}/"),
    "other names": ("/v1/a", "/v1/b", "/v1/c/{key}"),
    "one less": ("/v1/a", "/v1/b"),
    "one alone": ("/v1/a",),
    "others": ("/v2/x", "/v2/y"),
}
REACHED: Final[Mapping[str, Schema]] = {
    "nowhere": {},
    "body": {"requestBody": content(JSON, schema=A)},
    "parameter": parameter(schema=A),
    "answer": {"responses": {"200": content(JSON, schema=A)}},
    "body and answer": {
        "requestBody": content(JSON, schema=A),
        "responses": {"200": content(JSON, schema={"type": "array", "items": A})},
    },
    "behind another": {"requestBody": content(JSON, schema=B)},
}
"""Where the class A stands; B holds it."""


def document(operation: Schema, servers: list[str] | None = None, schema: Schema = TEXT) -> Schema:
    """Return a document with one operation, and the class A with this schema."""
    act: Schema = {"operationId": "act", "tags": ["a"], "responses": {"200": {}}, **operation}
    classes = {"A": schema, "B": fields("a", a=A, b=B)}
    found: Schema = {"paths": {"/v1/a": {"post": act}}, "components": {"schemas": classes}}
    return {**found, "servers": [{"url": url} for url in servers]} if servers else found


def with_paths(paths: tuple[str, ...]) -> Schema:
    found = document({})
    act = found["paths"]["/v1/a"]["post"]
    found["paths"] = {
        path: {"post": {**act, "operationId": f"act_{number}"}} for number, path in enumerate(paths)
    }
    return found


def told(old: JSONObject, new: JSONObject) -> str:
    lines = [f"{one.weight.name[0]} {one}" for one in wire_changes(old, new)]
    return "\n    ".join(lines) or "nothing"


def operations() -> Iterator[str]:
    for name, group in OPERATIONS.items():
        yield f"== {name}"
        for one, other in permutations(group, 2):
            yield f"{one} > {other}: {told(document(group[one]), document(group[other]))}"
    yield "== servers"
    for old, new in permutations(SERVERS, 2):
        yield f"{old} > {new}: {told(document({}, old), document({}, new))}"
    yield "== paths"
    for one, other in permutations(PATHS, 2):
        yield f"{one} > {other}: {told(with_paths(PATHS[one]), with_paths(PATHS[other]))}"
    yield "== classes"
    for (name, operation), (before, after) in product(
        REACHED.items(), permutations((fields(a=TEXT), fields("a", a=TEXT)), 2)
    ):
        changed = [document(operation, schema=schema) for schema in (before, after)]
        yield f"{name}: {told(changed[0], changed[1])}"
    there, gone = document({}), document({})
    del gone["components"]["schemas"]["A"]
    yield f"a class that goes: {told(there, gone)}"
    yield f"a class that comes: {told(gone, there)}"


def test_operations_are_compared_as_before() -> None:
    check_snapshot(SNAPSHOTS / "operation_pairs.txt", "\n".join(operations()) + "\n")
