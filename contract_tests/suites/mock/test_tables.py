"""What the server makes of parameters, values, paths and words of a document, as tables.

Each function is tried with every member of a few lists, and the table of what it gave is stored.
"""

from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from runflow_mock.contract.credentials import authorization_of, required_schemes
from runflow_mock.contract.document import Document
from runflow_mock.contract.fitting import Fitting
from runflow_mock.contract.parameters import Parameter, typed
from runflow_mock.contract.recognition import (
    condensed,
    extra_parameters,
    known_values,
    prefix_of,
    recognize,
)
from runflow_mock.contract.synthesis import least_value, synthetic_body, synthetic_bytes
from runflow_mock.contract.validation import Contract
from runflow_mock.contract.vocabulary import spelled, with_own_statuses

from ..snapshot import check_snapshot
from .small_parts import PARTS

TEXT, INTEGER, NUMBER = {"type": "string"}, {"type": "integer"}, {"type": "number"}
FLAG, NULL = {"type": "boolean"}, {"type": "null"}
NUMBERS = {"type": "array", "items": INTEGER}
RANGE = {"type": "object", "properties": {"a": INTEGER, "b": TEXT}}
SHARED = {"$ref": "#/components/schemas/Shared"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "text": TEXT,
    "integer": INTEGER,
    "number or null": {"anyOf": [NUMBER, NULL]},
    "flag": {"type": ["boolean", "null"]},
    "numbers": NUMBERS,
    "numbers or null": {"oneOf": [NULL, NUMBERS]},
    "range": RANGE,
    "two ranges": {"allOf": [RANGE, {"properties": {"c": NUMBER}}]},
    "shared": SHARED,
}
CONTENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "paths": {},
    "components": {
        "schemas": {
            "Shared": {"type": "array", "items": {"$ref": "#/components/schemas/One"}},
            "One": NUMBER,
        }
    },
}
DOCUMENT = Document(CONTENT)
STYLES = {
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "path": ("simple",),
    "header": ("simple",),
    "cookie": ("form",),
}
SENT = ("1", "1.5", "true", "x", "", "1,2", "1, x", "a,1,b,2", "1 2", "1|2", "[1]", '{"a": "1"}')
NEARLY = ("True", "FALSE", "yes", "+1", "-0", "01", "1e3", ".5", "5.", " 1", "1_0", "NaN", "\u0661")
QUERIES: tuple[dict[str, list[str]], ...] = (
    {"p": ["1", "2"]},
    {"a": ["1"], "b": ["2", "3"], "other": ["x"]},
    {"p[a]": ["0", "1"], "p[b]": ["x"], "q[a]": ["2"], "p[": ["3"], "p[bad": ["4"]},
    {"p": []},
)


BOTH: dict[str, dict[str, Any]] = {
    "text/plain": {"schema": {"type": "integer"}},
    "application/json": {"schema": {"type": "object", "properties": {"a": {"type": "integer"}}}},
}


def parameters() -> Iterator[str]:
    for (location, styles), (name, schema) in product(STYLES.items(), SCHEMAS.items()):
        for style, explode in product((None, *styles), (None, True, False)):
            node = {"name": "p", "in": location, "schema": schema}
            node |= {} if style is None else {"style": style}
            node |= {} if explode is None else {"explode": explode}
            yield from read(f"{location} {style} {explode} {name}", node)
    for location, required in product(STYLES, (True, False)):
        media = {"application/json": {"schema": RANGE}}
        node = {"name": "P", "in": location, "required": required, "content": media}
        yield from read(f"{location} JSON, required {required}", node)
    for kinds in (["application/vnd.api+json"], ["application/json; a=b"], ["text/plain"], [*BOTH]):
        node = {"name": "P", "in": "query", "content": {kind: BOTH.get(kind, {}) for kind in kinds}}
        yield from read(f"query of {' and '.join(kinds)}", node)
    for name, schema in {**SCHEMAS, "either": {"type": ["number", "integer"]}}.items():
        yield f"{name}: {[typed(DOCUMENT.resolve, schema, text) for text in NEARLY]}"


def read(label: str, node: dict[str, Any]) -> Iterator[str]:
    parameter = Parameter.read(node, DOCUMENT.resolve)
    name, location = parameter.name, parameter.location
    found: list[object] = []
    for text in SENT:
        cookie = {"cookie": f"other=1; {name}={text}"}
        given: dict[str, Any] = {
            "query": ({}, {name: [text]}, {}),
            "path": ({name: text}, {}, {}),
            "header": ({}, {}, {name.lower(): text}),
            "cookie": ({}, {}, cookie),
        }
        found.append(parameter.value(*given[location]))
    if location == "query":
        found += [
            (parameter.value({}, query, {}), sorted(parameter.described(query)))
            for query in QUERIES
        ]
    found.append(parameter.value({}, {}, {}))
    facts = (parameter.required, parameter.separator, parameter.is_deep, parameter.is_json)
    yield f"{label} {facts}"
    yield f"    {' '.join(str(one).replace(' ', '') for one in found)}"


@pytest.mark.parametrize("location", STYLES)
def test_a_parameter_is_read_from_its_own_place_alone(location: str) -> None:
    places: dict[str, dict[str, Any]] = {
        "path": {"p": "1"},
        "query": {"p": ["1"], "a": ["1"], "p[a]": ["1"]},
        "header": {"p": "1"},
        "cookie": {"cookie": "p=1"},
    }
    places[location] = {}
    headers = places["header"] | places["cookie"]
    for schema, style in product(SCHEMAS.values(), STYLES[location]):
        node = {"name": "p", "in": location, "schema": schema, "style": style}
        parameter = Parameter.read(node, DOCUMENT.resolve)
        assert parameter.value(places["path"], places["query"], headers) == ()


LIMITED = {"type": "integer", "minimum": 2, "maximum": 5}
FITTED: dict[str, dict[str, Any]] = {
    **SCHEMAS,
    "flag alone": FLAG,
    "null": NULL,
    "limited": LIMITED,
    "above": {"type": "number", "exclusiveMinimum": 1},
    "short": {"type": "string", "maxLength": 3},
    "words": {"type": "string", "enum": ["In-Progress", "completed", "Failed"]},
    "word": {"const": "done"},
    "time": {"type": "string", "format": "date-time"},
    "few": {"type": "array", "items": LIMITED, "minItems": 1, "maxItems": 2},
    "closed": {
        "type": "object",
        "required": ["id", "status"],
        "properties": {
            "id": TEXT,
            "status": {"enum": ["done"]},
            "count": INTEGER,
            "run_cost": TEXT,
        },
        "additionalProperties": False,
    },
    "open": {"type": "object", "required": ["n"], "properties": {"n": LIMITED}},
    "map": {"type": "object", "additionalProperties": LIMITED},
    "either": {"anyOf": [{"type": "object", "required": ["x"]}, NUMBERS, {"type": "integer"}]},
    "its own kind": {
        "anyOf": [{"type": "array"}, {"required": ["x", "y"], "properties": {"x": INTEGER}}]
    },
    "no such name": {"required": ["more_of"], "properties": {"more_of": {"type": "object"}}},
    "both": {"allOf": [{"required": ["a"]}, {"properties": {"a": INTEGER}}]},
}
VALUES: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        3,
        9,
        1.5,
        "",
        "3",
        "1.5",
        "true",
        "done",
        "succeeded",
        "running",
        "long text",
    ),
    *("2026-01-01T00:00:00+00:00", [], [1], ["3", 9, 4], {}, {"a": "1", "b": 2}, {"x": "7"}),
    {"id": 1, "status": "succeeded", "counts": "3", "cost": 2, "more": 1},
    {"id": "2", "status": "done", "total_count": 4, "counts": 3, "cost": "1", "run_costs": "5"},
)


def fitted() -> Iterator[str]:
    contract = Contract(DOCUMENT)
    for name, schema in FITTED.items():
        yield f"{name}: at least {least_value(contract, schema)!r}"
        for value in VALUES:
            fitting = Fitting(contract)
            found = fitting.fit(schema, value, "it")
            if found != value or type(found) is not type(value):
                yield f"    {value!r} -> {found!r}"
            for what, notes in (("followed", fitting.followed), ("made up", fitting.made_up)):
                yield from (f"        {what} {place}: {text}" for place, text in notes.items())


PATHS = (
    *("/v1/runs", "/v1/runs/", "/v1/runs/{id}", "/v1/runs/{run_id}/logs/{id}"),
    *("/v1/models/{owner}/{slug}/runs", "/v1/models/{model}/runs", "/models/{a}/{b}/{c}/runs"),
    *("/api/v2/runs", "/runs", "/{a}/{b}", "/"),
)
KNOWN = (
    *(("GET", "/v1/runs"), ("GET", "/v1/runs/{}"), ("POST", "/v1/models/{}/{}/runs")),
    ("GET", "/v1/runs/{}/logs/{}"),
)
DOCUMENTS: tuple[list[tuple[str, str]], ...] = (
    [("GET", "/v1/runs"), ("GET", "/v1/runs/{id}")],
    [("GET", "/api/v2/runs/"), ("POST", "/api/v2/models/{model}/runs"), ("GET", "/v1/runs")],
    [("GET", "/runs"), ("POST", "/models/{a}/{b}/runs"), ("PUT", "/runs")],
    [("GET", "/v1/runs"), ("GET", "/api/runs")],
    [("GET", "/api/runs"), ("GET", "/v1/runs")],
    [("GET", "/nothing")],
    [],
)


def paths() -> Iterator[str]:
    for path in PATHS:
        yield f"{path} {condensed(path)}"
        for known in PATHS:
            if condensed(path) == condensed(known) and "{" in path:
                extra = extra_parameters(path, known)
                for first in ("x/y/z", "x"):
                    given = [first, "b", "c"][: path.count("{")]
                    yield f"    {known} {extra} {known_values(path, known, given)}"
    for document in DOCUMENTS:
        prefix = prefix_of(document, KNOWN)
        yield f"{document}: {prefix!r}"
        for tried in dict.fromkeys((prefix, "", "/v1")):
            yield f"    {tried!r} {recognize(document, KNOWN, tried)}"


WORDS = (
    ("queued", "dispatching", "running", "succeeded", "partial_succeeded", "failed", "canceled"),
    ("Queued", "In-Progress", "Completed", "Error", "Cancelled"),
    ("pending", "processing", "success", "failure"),
    ("done",),
    ("x", "y"),
    ("quoted", "sleeping", "faced"),
    (),
)
SAID = (*WORDS[0], "cancelled", "completed", "pending", "error", "unknown", "QUEUED", "")
FILTER = "status_code:'canceled' OR NOT status_code.EQ:Completed AND id:x-y"


def words() -> Iterator[str]:
    for known in WORDS:
        yield f"{known}"
        yield f"    {[spelled(one, known) for one in SAID]}"
        yield f"    {with_own_statuses(FILTER, known, WORDS[0])}"


SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "oauth": {"type": "oauth2"},
    "openid": {"type": "openIdConnect"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "Key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "nameless": {"type": "apiKey", "in": "header"},
    "mutual": {"type": "mutualTLS"},
}
CARRIED: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    ({}, {}),
    ({"authorization": "Bearer a"}, {}),
    ({"authorization": "b", "x-key": "c"}, {"Key": "d"}),
    ({"x-key": ""}, {"key": "e", "Key": "f"}),
)


def credentials() -> Iterator[str]:
    for name in (*SCHEMES, "missing"):
        required = required_schemes([{name: []}], SCHEMES)
        yield f"{required}"
        places = [place for place in required.values() if place is not None]
        yield f"    {[authorization_of(places, *carried) for carried in CARRIED]}"
    yield f"{[*required_schemes([{'bearer': []}, {}, {'header': [], 'query': []}], SCHEMES)]}"
    every = [one for one in required_schemes([SCHEMES], SCHEMES).values() if one is not None]
    yield f"{[authorization_of(every, *carried) for carried in CARRIED]}"


TREE = {
    "type": "object",
    "required": ["name", "left", "right"],
    "properties": {
        "name": TEXT,
        "left": {"anyOf": [NULL, {"$ref": "#/components/schemas/Tree"}]},
        "right": {"$ref": "#/components/schemas/Right"},
        "leaves": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
    },
}
ANSWERED: dict[str, dict[str, Any]] = {
    **FITTED,
    "tree": {"$ref": "#/components/schemas/Tree"},
    "pair": {"type": "array", "prefixItems": [TEXT, INTEGER], "minItems": 3, "items": FLAG},
    "example": {"type": "string", "examples": [3, "b"], "example": "c", "default": "d"},
    "default": {"type": "integer", "default": 7},
    "at most": {"type": "integer", "maximum": 5},
    "below": {"type": "number", "maximum": -3},
    "patterned": {"type": "string", "pattern": "^[a-z]+[0-9]+$"},
    "page": {
        "type": "object",
        "properties": {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "id": {"type": "string", "format": "uuid"},
                        "status_code": {"anyOf": [{"enum": ["a", "b", 3]}, {"enum": ["c"]}, NULL]},
                    },
                },
            }
        },
    },
}
MEDIA: dict[str, dict[str, Any]] = {
    "image/png": {},
    "image/*": {},
    "*/*": {},
    "text/event-stream": {},
    "text/plain": {"example": "as written"},
    "text/csv": {"examples": {"one": {"value": 3}, "two": {"value": "a,b"}}},
}
RESPONSES: tuple[tuple[str, ...], ...] = (
    ("200", "201"),
    ("204", "default"),
    ("2XX", "404"),
    ("2xx",),
    ("302", "4XX"),
    ("302", "2XX"),
    ("default",),
    ("201", "2XX", "200"),
)


def answering(responses: dict[str, Any]) -> Document:
    """Return a document of one operation with these responses."""
    right = {**TREE, "type": ["object", "null"]}
    schemas = {**CONTENT["components"]["schemas"], "Tree": TREE, "Right": right}
    paths = {"/a": {"get": {"responses": responses}}}
    return Document({**CONTENT, "paths": paths, "components": {"schemas": schemas}})


def answers() -> Iterator[str]:
    for name, schema in ANSWERED.items():
        document = answering({"200": {"content": {"application/json": {"schema": schema}}}})
        [operation], contract = document.operations, Contract(document)
        yield f"{name}: {synthetic_body(contract, operation)!r}"[:1000]
        yield f"    {document.statuses_of(operation)} {sorted(document.item_fields(operation))}"
        shapes = (document.answer_schema(operation), document.row_schema(operation))
        yield f"    {[sorted(one) for one in shapes]}"
    for media, content in MEDIA.items():
        document = answering({"200": {"content": {media: content}}})
        [operation], contract = document.operations, Contract(document)
        made = (synthetic_bytes(contract, operation), synthetic_body(contract, operation))
        yield f"{media}: {made}"
    for statuses in RESPONSES:
        [operation] = answering({one: {"description": one} for one in statuses}).operations
        found = [operation.response(status) for status in (200, 201, 204, 302, 404, 500)]
        shown = [None if one is None else one["description"] for one in found]
        yield f"{statuses}: {operation.success_status} {shown}"
    document = Document.read()
    for operation in document.operations:
        fields = len(document.item_fields(operation))
        posted = document.callback_schema(operation.signature) or {}
        yield f"{operation}: {operation.success_status} {document.statuses_of(operation)} {fields}"
        yield f"    {sorted(document.answer_schema(operation).get('properties', {}))[:3]}"
        yield f"    {operation.open} {operation.body_required} {sorted(posted)}"
        yield f"    {[str(one.name) for one in operation.parameters if one.required]}"
    yield f"{sorted(document.key_names('header'))} {document.prefix} {document.error_schema()}"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "parameters": parameters,
    "fitted": fitted,
    "paths": paths,
    "words": words,
    "credentials": credentials,
    "answers": answers,
    **PARTS,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_it_was_before(name: str) -> None:
    lines = list(TABLES[name]())
    check_snapshot(Path(__file__).with_name("tables") / f"{name}.txt", "\n".join(lines) + "\n")
