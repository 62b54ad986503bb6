"""What the readers of JSON and YAML give for every kind of value, and how words become names."""

import json
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Final

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import (
    MAX_NESTING,
    DocumentError,
    JSONObject,
    JSONValue,
    at_pointer,
    canonical_bytes,
    children,
    copy_document,
    copy_json,
    kind_of,
    local_pointer,
    object_at,
    objects_at,
    operations,
    parse_document,
    parse_json,
    path_parameters,
    pointer,
    readable_text,
    refuse_deep_nesting,
    sorted_keys,
    strings_at,
    text_at,
    values_in,
    walk,
)
from ...document.module_operations import module_operations, unreadable_operations
from ...document.parameter_styles import value_types, writing_of
from ...document.schemas import map_subschemas, resolved, variants
from ...document.yaml_files import parse_yaml
from ...naming.class_schemas import is_class, is_free_form
from ...naming.operation_names import pascal_case, singular, snake_case
from ..every_word import SNAPSHOTS

VALUES: Final[tuple[Any, ...]] = (
    *(None, False, True, 0, 1, -0.0, 1.5, "", "a", [], {}, ["a", 1, None], [{}, {"b": 1}, []]),
    *({"b": 1, "a": [{"d": 1, "c": 2}]}, [[1]], ["", False]),
)


def said(make: Callable[..., object], *arguments: object) -> str:
    """Return what a call gives, or why it refuses."""
    try:
        return json.dumps(make(*arguments))
    except (DocumentError, KeyError) as error:
        return ascii(f"{type(error).__name__}: {error}")


def values() -> Iterator[str]:
    for value in VALUES:
        holder: JSONObject = {"k": value}
        told = (object_at(holder, "k"), objects_at(holder, "k"), strings_at(holder, "k"))
        yield f"{json.dumps(value)}: {kind_of(value)} {told} {text_at(holder, 'k')!r}"
        yield f"    {canonical_bytes(value)!r} {readable_text(value)!r} {[*children(value)]}"
        yield f"    {sorted_keys(holder)} {[place for place, _ in walk(value)]}"
        assert [*values_in(value)] == [found for _, found in walk(value)]
    others: tuple[Any, ...] = (range(2), b"a", (1,), {"a": (1, [2])}, {1: 2}, {"a": {2: 1}}, {1})
    for value in (*others, float("inf")):
        yield f"{kind_of(value)}: {said(copy_json, value)[:60]}"
    assert (object_at({}, "k"), objects_at({}, "k"), text_at({}, "k")) == ({}, [], "")


TREE: Final[JSONObject] = {"a/b": {"c~d": [1, [2]], "~1": 0}, "": {"": None}, "é": False}


def pointers() -> Iterator[str]:
    for where in (
        *("", "/", "//", "/a~1b", "/a~1b/c~0d/0", "/a~1b/c~0d/1/0", "/a~1b/c~0d/2", "/é", "/é/x"),
        *("/a~1b/~01", "/a~1b/c~0d/01", "/a~1b/c~0d/²", "/a~1b/c~0d/+1", "/a~1b/c~0d/1/0/0", "x"),
    ):
        yield f"{where!r}: {said(at_pointer, TREE, where)}"
    for one in ("#/a", "#/a~1b/%20", "#", "", "a.json#/a", "#a", "/a", "#//"):
        yield f"{one!r}: {local_pointer(one)!r}"
    for parts in ((), ("a", 0), ("~", "/"), ("~1",), ("",)):
        yield f"{parts}: {pointer(*parts)}"
    for path in ("/a", "/{a}/{b-c}/{}", "/{a/b}", "/{a}{b}", "/{{a}}", "/{a:path}"):
        yield f"{path}: {path_parameters(path)}"


RAW: Final = (
    *(b"1", b"[1.0, 1e2, -0]", b'{"a": {"b": null}}', b"\xef\xbb\xbf{}", b"Infinity", b"[NaN]"),
    *(b"[1e999]", b"[-1e400]", b'{"a":1,"b":2,"a":3}', b"{'a':1}", b"1 2", b"\xff"),
    *(
        b'"\\ud800"',
        b'"\\ud83d\\ude00"',
        b'{"\\ud800": 1}',
        b"[1",
        b"",
        b"nul",
        "é".encode("latin1"),
    ),
    *(b'{"a":\n 01}', "[1]".encode("utf-16"), b"1" * 5000, b"1." + b"0" * 60 + b"e999"),
)


def raws() -> Iterator[str]:
    for raw in RAW:
        parsed = said(parse_json, raw)[:120]
        yield f"{raw[:40]!r}: {parsed} | {said(parse_document, raw)[:60]}"


YAML: Final = (
    *("a: ~", "a: null", "a: Null", "a:", "a: true", "a: True", "a: yes", "a: on", "a: 1", "a: 01"),
    *("a: -1", "a: +1", "a: 0x1", "a: 0o7", "a: 1_000", "a: 1.5", "a: .5", "a: 1.", "a: 1e3"),
    *("a: -0.5E-2", "a: .inf", "a: .nan", "a: 1:30", "a: 2026-01-02", "a: =", "a: <<", "1: a"),
    *("a: {b: 1, b: 2}", "<<: {a: 1}\nb: 2", "a: &x 1\nb: *x", "a: !!str 1", "a: !!set {b}"),
    *("? [a]\n: 1", "", "- 1", "a", "a: |\n  b\n  c\n", "a: !x 1", "a: 'b", "a: 1\n---\nb: 2"),
    *('a: "\\ud800"', "a: {b: {c: 1, c: 1}}", "true: 1", "null: 1", "a: \t1"),
    *(
        '"\\ud800": 1',
        "a: 1e999",
        "a: " + "1" * 5000,
        "a: 😀",
    ),
)


def yamls() -> Iterator[str]:
    for text in YAML:
        told = said(parse_yaml, text.encode(), "f.yaml")
        yield f"{text!r}: {' '.join(told.split())[:150]}"


@pytest.mark.parametrize("make", [list, dict])
def test_nesting_is_refused_from_one_level_on(make: Callable[[], Any]) -> None:
    def nested(levels: int) -> JSONValue:
        value: JSONValue = 1
        for _ in range(levels):
            value = [value] if make is list else {"a": value}
        return value

    refuse_deep_nesting(nested(MAX_NESTING))
    assert parse_json(json.dumps(nested(MAX_NESTING)).encode()) == nested(MAX_NESTING)
    too_deep = nested(MAX_NESTING + 1)
    with pytest.raises(DocumentError, match=f"nested deeper than {MAX_NESTING} levels"):
        refuse_deep_nesting(too_deep)
    with pytest.raises(DocumentError, match=f"nested deeper than {MAX_NESTING} levels"):
        parse_json(json.dumps(too_deep).encode())


def test_a_union_without_an_end_has_so_many_variants_and_no_more() -> None:
    document: dict[str, Any] = {
        f"a{level}": {"anyOf": [{"$ref": f"#/a{level + 1}"}] * 2} for level in range(12)
    }
    document |= {"a12": TEXT, "circle": {"oneOf": [{"$ref": "#/circle"}, TEXT]}}
    for name in ("a0", "circle"):
        assert len([*variants(document, {"$ref": f"#/{name}"})]) == 51, name
    assert [*variants(document, {"$ref": "#/a9"})] == [TEXT] * 8


def test_copies_share_nothing() -> None:
    value: dict[str, Any] = {"a": [{"b": [1]}], "c": {"d": {}}}
    copied: Any = copy_document(value)
    assert copied == value
    copied["a"][0]["b"].append(2)
    copied["c"]["d"]["e"] = 1
    assert value == {"a": [{"b": [1]}], "c": {"d": {}}}


WORDS: Final = (
    *(
        "runs",
        "Runs & logs",
        "statusCode",
        "HTTPStatus",
        "Größe",
        "Ωmega",
        "a1B2",
        "__a__",
        "",
        "-",
    ),
    *("2nd Try", "é", "e\u0301t\u00e9", "run-ID", "v1.2", "ALL CAPS", "日本"),
)
PLURALS: Final = (
    *("runs", "statuses", "status", "batches", "boxes", "classes", "class", "dishes", "ties"),
    *(
        "entries",
        "series",
        "analysis",
        "bus",
        "buses",
        "s",
        "is",
        "",
        "data",
        "asset_folders",
        "lies",
    ),
    *("houses", "uses", "ies", "flies"),
)


def words() -> Iterator[str]:
    yield from (f"{one!r}: {snake_case(one)!r} {pascal_case(one)!r}" for one in WORDS)
    yield from (f"{one!r}: {singular(one)!r}" for one in PLURALS)
    for schema in SCHEMAS:
        yield f"{json.dumps(schema)}: class {is_class(schema)}, free form {is_free_form(schema)}"


TEXT: Final[JSONObject] = {"type": "string"}
SCHEMAS: Final[tuple[Any, ...]] = (
    *({}, {"type": "object"}, {"type": "object", "description": "d", "x-inferred": True}, TEXT),
    *({"type": "object", "required": ["a"], "minProperties": 1, "maxProperties": 2}, {"enum": []}),
    *({"type": "object", "properties": {}}, {"properties": {}}, {"enum": ["a"]}, {"allOf": []}),
    *({"type": "object", "additionalProperties": {}}, {"$ref": "#/a", "type": "object"}),
    *({"anyOf": [TEXT]}, {"anyOf": [TEXT], "properties": {}}, {"oneOf": [], "type": "object"}),
    {"type": "string", "description": "d"},
)
DOCUMENT: Final[JSONObject] = {
    "paths": {
        "/b/{x}/{y}": {
            "parameters": [{"name": "shared"}],
            "trace": {"tags": ["Two Words", "b"], "responses": {"200": {"$ref": "#/r"}}},
            "post": {
                "operationId": "doIt",
                "parameters": [
                    {"in": "path", "name": "y"},
                    {"in": "query", "name": "q"},
                    {"in": "path", "name": "x"},
                    {"in": "path", "name": "z"},
                    {"$ref": "#/p"},
                ],
                "requestBody": {"$ref": "#/b"},
                "responses": {},
            },
            "get": 5,
        },
        "/a": {"$ref": "#/i", "get": {"operationId": "1st", "tags": ["1"], "responses": {"2": {}}}},
        "/c": {"get": {"tags": [], "responses": {"200": {}}}, "query": {}},
    },
    "i": {"a": {"$ref": "#/i/b"}, "b": {"$ref": "#/i/c"}, "c": TEXT, "d": {"$ref": "#/i/d"}},
    "u": {"anyOf": [{"$ref": "#/i/a"}, {"oneOf": [{"type": "array"}, {"$ref": "#/none"}]}]},
}


def documents() -> Iterator[str]:
    for operation in operations(DOCUMENT):
        yield f"{operation.title} at {operation.pointer}"
    for one in module_operations(DOCUMENT):
        found = {place: one.parameters(place) for place in ("path", "query", "header")}
        yield f"{one.title} is {one.module}: {json.dumps(found)}"
    yield from unreadable_operations(DOCUMENT)
    for name in ("a", "b", "c", "d", "e"):
        yield f"{name}: {resolved(DOCUMENT, {'$ref': f'#/i/{name}'})}"
    schemas: tuple[Any, ...] = (True, None, {"$ref": "a.json#/x"}, {"$ref": "#/u"}, {"anyOf": []})
    for value in schemas:
        types = sorted(value_types(DOCUMENT, value))
        yield f"{value}: {[*variants(DOCUMENT, value)]} {types}"
    inner: JSONObject = {
        "properties": {"b": True, "a": TEXT},
        "items": False,
        "additionalProperties": TEXT,
        "prefixItems": [TEXT, 5],
        "anyOf": [TEXT],
        "not": TEXT,
    }
    yield json.dumps(map_subschemas(inner, lambda way, schema: {"way": [*way], "was": schema}))


DEEP: Final[tuple[JSONObject, ...]] = (
    {"type": "object", "additionalProperties": {"type": "array"}},
    {"type": "object", "additionalProperties": TEXT},
    {"type": "object", "properties": {"a": {"$ref": "#/list"}}},
    {"type": "array", "items": {"anyOf": [TEXT, {"type": "object"}]}},
    {"type": "array", "prefixItems": [TEXT, {"type": "array"}]},
    {"type": "array", "items": TEXT},
    {"anyOf": [{"type": "array", "items": TEXT}, {"type": "null"}]},
)


def depths() -> Iterator[str]:
    document: JSONObject = {"list": {"type": "array"}}
    for schema, (place, style, explode) in product(
        DEEP,
        (
            *(("query", "form", False), ("query", "form", True), ("query", "deepObject", True)),
            *(("path", "simple", False), ("query", "spaceDelimited", False)),
        ),
    ):
        parameter: JSONObject = {"in": place, "style": style, "explode": explode, "schema": schema}
        found = writing_of(document, parameter)
        yield f"{json.dumps(schema)} {style} {explode}: {found.of('p') if found else 'undefined'}"
    text = writing_of(document, {"in": "query", "x-json-text": True})
    yield f"JSON: {text.of('p') if text else 'undefined'}"


TABLES: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "values": values,
    "pointers": pointers,
    "raws": raws,
    "yamls": yamls,
    "words": words,
    "documents": documents,
    "depths": depths,
}


def test_values_are_read_as_before() -> None:
    lines = [line for name, table in TABLES.items() for line in (f"== {name}", *table())]
    check_snapshot(SNAPSHOTS / "values.txt", "\n".join(lines) + "\n")
