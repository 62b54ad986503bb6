"""Documents on both sides of each bound that a rule of the lint has, by rule: schemas."""

from collections.abc import Iterator
from itertools import product
from typing import Any, Final

from ..document.json_tree import JSONObject, JSONValue
from .lint_cases import BYTES, LISTS, TEXT, THING, bodies, body, parameter
from .small_documents import answering, reference, with_operation

NUMBER: JSONObject = {"type": "integer"}
NULL: JSONObject = {"type": "null"}
OBJECT: JSONObject = {"type": "object"}


def components(document: JSONObject, **sections: JSONObject) -> JSONObject:
    """Return the document with more sections of components."""
    return {**document, "components": {"schemas": {}, **sections}}


def called(operation: JSONObject) -> JSONObject:
    """Return a document with this operation as a callback, and as a webhook."""
    calls: JSONObject = {"c": {"{$request.body#/url}": {"post": operation}}}
    return {**with_operation({"callbacks": calls}), "webhooks": {"w": {"post": operation}}}


def of_bodies() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents for the rules about bodies."""
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data"
    schemas: dict[str, JSONValue] = {
        "properties": {"properties": {}},
        "an object": OBJECT,
        "parts": {"allOf": []},
        "a union": {"anyOf": [OBJECT]},
        "a text": TEXT,
        "anything": True,
        "an object or null": {"type": ["object", "null"]},
        "a named object": reference("R"),
    }
    for (name, schema), kind in product(schemas.items(), (form, multipart, "application/json")):
        sent = body(kind, schema)
        yield "form", f"{name} as {kind}", {**sent, "components": {"schemas": {"R": OBJECT}}}
    read: JSONObject = {"200": {"content": {multipart: {"schema": TEXT}}}}
    yield "form", "an answer", with_operation({"responses": read})
    sent_bodies: dict[str, JSONValue] = {
        "empty": {},
        "of no content": {"content": {}},
        "of some": {"content": {"a/a": {}}},
        "of empty reference": {"$ref": "#/components/requestBodies/E"},
        "of full reference": {"$ref": "#/components/requestBodies/F"},
        "no object": None,
    }
    for name, given in sent_bodies.items():
        both: JSONObject = {"E": {"content": {}}, "F": {"content": {"a/a": {}}}}
        sent = with_operation({"requestBody": given})
        yield "body", name, components(sent, requestBodies=both)
    yield "body", "called", called({"requestBody": {"content": {}}})
    yield from of_bytes(form, multipart)
    yield from of_kinds()


def of_bytes(form: str, multipart: str) -> Iterator[tuple[str, str, JSONObject]]:
    """Yield bodies with bytes at every depth."""
    part: JSONObject = {"properties": {"b": BYTES, "t": TEXT}}
    schema: JSONObject = {
        "properties": {
            "bytes": BYTES,
            "no type": {"format": "binary"},
            "list": {"type": "array", "items": BYTES},
            "lists": {"type": "array", "items": {"type": "array", "items": BYTES}},
            "tuple": {"prefixItems": [BYTES]},
            "union": {"oneOf": [BYTES, NULL]},
            "all": {"allOf": [BYTES]},
            "objects": {"anyOf": [part, {"allOf": [part]}]},
            "object": part,
            "map": {"additionalProperties": BYTES},
            "named": reference("R"),
            "named bytes": reference("B"),
            "again": reference("R"),
            "loop": reference("L"),
        }
    }
    named: JSONObject = {
        "R": {"properties": {"r": reference("R"), "b": BYTES}},
        "B": BYTES,
        "L": {"type": "array", "items": reference("L")},
    }
    whole: dict[str, JSONObject] = {"in place": schema, "named": reference("R"), "alone": BYTES}
    for kind in (form, multipart, "application/json", "image/png"):
        for name, sent in whole.items():
            found: JSONObject = {**body(kind, sent), "components": {"schemas": named}}
            yield "bytes", f"{kind} {name}", found
    lists: JSONObject = {"type": "array", "items": reference("R")}
    other = body("application/a+json; b=c", reference("R"))
    yield "bytes", "other JSON", {**other, "components": {"schemas": named}}
    many: JSONObject = {
        "parameters": [{"name": one, "in": "query", "schema": BYTES} for one in "ab"],
        "requestBody": {"content": {"application/json": {"schema": BYTES}, form: {"schema": part}}},
        "responses": {"200": {"content": {"application/json": {"schema": BYTES}}}},
    }
    yield "bytes", "several", with_operation(many)
    yield "bytes", "parameter", {**parameter("query", lists), "components": {"schemas": named}}


def of_kinds() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield pairs of bodies that take this and that."""
    values: dict[str, JSONObject] = {
        "text": TEXT,
        "moment": {"type": "string", "format": "date-time"},
        "date": {"type": "string", "format": "date"},
        "uuid": {"type": "string", "format": "uuid"},
        "number": NUMBER,
        "part": {"type": "number"},
        "flag": {"type": "boolean"},
        "list": LISTS,
        "null": NULL,
        "constant": {"const": "a"},
        "one": {"const": 1},
        "either": {"anyOf": [{"oneOf": [TEXT, NUMBER]}, NULL]},
        "Named": reference("Named"),
        "Values": reference("Values"),
        "Text": reference("Text"),
        "object": OBJECT,
        "Loop": reference("Loop"),
    }
    named: JSONObject = {
        "Named": OBJECT,
        "Values": {"enum": ["a"]},
        "Text": TEXT,
        "Loop": {"anyOf": [NUMBER, reference("Loop")]},
    }
    for first, second in product(values, values):
        sent: dict[str, JSONValue] = {
            "application_json": values[first],
            "application_a+json": values[second],
        }
        found = bodies(**sent)
        yield "body-type", f"{first} {second}", {**found, "components": {"schemas": named}}
    three = bodies(application_json=TEXT, text_plain=TEXT, image_png=BYTES, image_gif=BYTES)
    yield "body-type", "of three kinds", three
    last = bodies(application_json=TEXT, image_png=BYTES, text_plain=TEXT)
    yield "body-type", "the first and the last", last
    yield "body-type", "of anything alone", bodies(application_json={})


def of_schemas() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents for the rules about schemas."""
    for rule, edges in SCHEMA_EDGES.items():
        for name, schema in edges.items():
            yield rule, name, answering(schema, A=THING, N=NUMBER, **NAMED.get(rule, {}))
    for version in ("3.0.", "3.0.3", "3.1.0", "3.1", "3.10.0", "2.0.0", "", None, 3.1):
        yield "head", f"version {version}", {**answering(TEXT), "openapi": version}
    infos: tuple[JSONObject, ...] = (
        {},
        {"title": "", "version": ""},
        {"title": 1, "version": None},
    )
    for info in infos:
        yield "head", f"info {info}", {**answering(TEXT), "info": info}
    for dialect in (*DIALECTS, "https://json-schema.org/draft-07/schema", None):
        yield "dialect", f"of all {dialect}", {**answering(TEXT), "jsonSchemaDialect": dialect}
        yield "dialect", f"of one {dialect}", answering({"$schema": dialect})
    for name, schema in RECURSIVE.items():
        inner: JSONObject = {"Other": {"type": "array", "items": reference("L")}}
        yield "recursive-array", name, answering(TEXT, L=schema, **inner)


DIALECTS: Final = (
    "https://spec.openapis.org/oas/3.1/dialect/base",
    "https://json-schema.org/draft/2020-12/schema",
)
LOOP: JSONObject = reference("L")
RECURSIVE: dict[str, JSONObject] = {
    "itself": LOOP,
    "items": {"items": LOOP},
    "items of items": {"items": {"items": LOOP}},
    "prefixItems": {"prefixItems": [TEXT, LOOP]},
    **{key: {key: [TEXT, LOOP]} for key in ("allOf", "anyOf", "oneOf")},
    "by another": reference("Other"),
    "a property": {"properties": {"l": LOOP}},
    "properties beside": {"properties": {"l": LOOP}, "items": LOOP},
    "no properties beside": {"properties": {}, "items": LOOP},
    "a map": {"additionalProperties": LOOP},
    "another that does": {"items": {"$ref": "#/components/schemas/L/properties/x"}},
    "no end": {"items": reference("Gone")},
}
NAMED: dict[str, JSONObject] = {
    "discriminator": {
        "K": {"properties": {"kind": {"const": None}}},
        "E": {"properties": {"kind": {"enum": ["a"]}}},
        "F": {"properties": {"kind": {"enum": []}}},
    }
}


def undecided(*found: JSONValue, **more: JSONValue) -> JSONObject:
    """Return a union of three variants in which these could not be chosen."""
    variants: list[JSONValue] = [reference("E"), NULL, reference("A"), {**THING}, reference("K")]
    return {
        "oneOf": variants,
        "discriminator": {"propertyName": "kind", "x-undecided": [*found]},
        **more,
    }


ENUMS: Final[tuple[list[JSONValue], ...]] = (
    ["a"],
    [1],
    [],
    [None],
    ["a", None],
    [True],
    [True, 1],
    [1.5, None],
    [[]],
)
SCHEMA_EDGES: dict[str, dict[str, dict[str, Any]]] = {
    "reference": {
        "no text": {"$ref": 1},
        "a property of this name": {"properties": {"$ref": "#/gone"}},
        "in a list": {"anyOf": [reference("Gone"), reference("A")]},
        "of this document": {"$ref": "#"},
        "elsewhere": {"$ref": "x.json#/components/schemas/A"},
        "no pointer": {"$ref": "#A"},
    },
    "dialect": {key: {key: ""} for key in ("$id", "$dynamicRef", "$recursiveRef", "$anchor")},
    "enum": {
        f"{values} {kind}": {"enum": values, **({"type": kind} if kind is not None else {})}
        for values, kind in (
            *product(
                ENUMS,
                (None, "string", "integer"),
            ),
            ("none", "string"),
            (["a"], ["string", "null"]),
            (["a"], "number"),
        )
    },
    "array": {
        "items": {"type": "array", "items": {}},
        "no items": {"type": "array", "items": False},
        "prefixItems": {"type": "array", "prefixItems": []},
        "neither": {"type": "array", "minItems": 0},
        "or null": {"type": ["array", "null"]},
        "no type": {"items": {"type": "array"}},
    },
    "all-of": {
        "one": {"allOf": [TEXT]},
        "none": {"allOf": []},
        "no list": {"allOf": {}},
        "objects": {"allOf": [reference("A"), OBJECT]},
        "object and number": {"allOf": [reference("A"), reference("N")]},
    },
    "discriminator": {
        "no name": {"oneOf": [THING], "discriminator": {}},
        "constants": {
            "anyOf": [reference("K"), NULL, reference("E")],
            "discriminator": {"propertyName": "kind"},
        },
        "no constants": {
            "oneOf": [reference("E"), reference("F"), reference("A")],
            "anyOf": [NULL, {}],
            "discriminator": {"propertyName": "kind"},
        },
        "undecided, named": undecided({"variant": 0, "wants": ["b", "c"]}),
        "undecided, after null": undecided({"variant": 1, "wants": ["b"]}),
        "undecided, in place": undecided({"variant": 2, "wants": ["b"]}),
        "undecided, a constant": undecided({"variant": 3, "wants": ["b"]}),
        "undecided, wants nothing": undecided({"variant": 3, "wants": []}),
        "undecided, too far": undecided({"variant": 4, "wants": ["b"]}),
        "undecided, no number": undecided({"wants": ["b"]}, {"variant": 1}),
    },
    "properties-beside-union": {
        key: {"properties": {"a": TEXT}, key: [TEXT]} for key in ("anyOf", "oneOf", "allOf")
    }
    | {
        "no properties": {"properties": {}, "anyOf": [TEXT]},
        "no variants": {"properties": {"a": TEXT}, "anyOf": [], "oneOf": []},
    },
    "two-unions": {
        "both": {"anyOf": [TEXT], "oneOf": [TEXT]},
        "one of none": {"anyOf": [], "oneOf": [TEXT]},
        "types alone": {"type": ["string", "null"]},
        "types beside anyOf": {"type": ["string"], "anyOf": [TEXT]},
        "a type beside oneOf": {"type": "string", "oneOf": [TEXT]},
        "allOf": {"allOf": [TEXT], "oneOf": [TEXT], "type": "string"},
    },
    "null-reference": {
        f"{nullable}": {**reference("A"), "nullable": nullable} for nullable in (True, False, 1)
    }
    | {"no reference": {"nullable": True}},
    "file": {
        "bytes": {"contentMediaType": "image/png"},
        "binary": {"contentMediaType": "image/png", "format": "binary"},
        "another format": {"contentMediaType": "image/png", "format": "byte"},
        "text": {"contentMediaType": "text/csv"},
        "json": {"contentMediaType": "application/a+json"},
        "xml": {"contentMediaType": "image/svg+xml"},
        "encoded": {"contentMediaType": "image/png", "contentEncoding": "base64"},
        "of a type": {"contentMediaType": "image/png", "type": "string"},
        "of another type": {"contentMediaType": "image/png", "type": "object"},
        "of no media type": {"contentMediaType": "", "type": "string"},
    },
    "impossible": {
        "property": {"properties": {"a": False, "b": True, "c": {}, "d": 0, "e": None}},
        "items": {"items": False},
        "more properties": {"additionalProperties": False},
        "default": {"default": False, "properties": {"a": {"default": False}}},
        "whole": {"properties": {"properties": {"properties": {"a": False}}}},
    },
}


def schema_edges() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield every edge of a rule about bodies or schemas: the rule, a name, and the document."""
    yield from of_bodies()
    yield from of_schemas()
    yield "impossible", "answer", answering(False)
