"""What the readers of a document give for every member of a few lists, and for the whole document
in which every word stands: stored, and compared.
"""

import copy
from collections.abc import Callable, Iterator
from itertools import product

from suites.snapshot import check_snapshot

from ...document.content_types import essence_of, has_fields, is_form, is_json, is_yaml
from ...document.json_tree import JSONObject, JSONValue, pointer
from ...document.limits import least_maximums
from ...document.parameter_styles import settle_styles, writing_of
from ...document.path_templates import relocation, shape
from ...document.schemas import (
    all_operations,
    contents,
    every_schema,
    is_raw,
    schema_holders,
    subschemas,
    variants,
)
from ...document.security import accepted_places, key_place, place_of
from ...document.terminal_statuses import terminal_values
from ..every_word import SNAPSHOTS, every_word
from ..small_documents import with_paths

TYPES = (
    *("text/html; charset=UTF-8", "application/json", "Application/JSON ; a=b", "text/json"),
    *("application/problem+json", "application/yaml", "text/x-yaml", "image/svg+yaml", "a/json"),
    *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "*/*"),
)


def content_types() -> Iterator[str]:
    for one in TYPES:
        told = (is_json(one), is_yaml(one), is_form(one), has_fields(one))
        yield f"{one!r} {essence_of(one)!r} {told}"


TEXT: JSONObject = {"type": "string"}
LIST: JSONObject = {"type": "array", "items": TEXT}
OBJECT: JSONObject = {"type": "object", "properties": {"a": TEXT}}
SCHEMAS: dict[str, JSONObject] = {
    "text": TEXT,
    "anything": {},
    "list": LIST,
    "list of lists": {"type": "array", "items": LIST},
    "object": OBJECT,
    "deep object": {"type": "object", "properties": {"a": LIST}},
    "text or list": {"anyOf": [TEXT, LIST]},
    "list or object": {"oneOf": [LIST, OBJECT]},
    "list or null": {"anyOf": [LIST, {"type": "null"}]},
    "shared": {"$ref": "#/components/schemas/Shared"},
}
STYLES = ("", "form", "simple", "spaceDelimited", "pipeDelimited", "deepObject", "label", "matrix")


def parameters() -> Iterator[str]:
    for place, style, explode in product(
        ("query", "path", "header", "cookie", "body"), STYLES, (None, True, False)
    ):
        found: list[str] = []
        for name, schema in SCHEMAS.items():
            parameter: JSONObject = {"name": "p", "in": place, "schema": schema}
            parameter |= {"style": style} if style else {}
            parameter |= {} if explode is None else {"explode": explode}
            operation: JSONObject = {"parameters": [parameter]}
            document = with_paths({"/a": {"get": operation}}, Shared=copy.deepcopy(LIST))
            writing = writing_of(document, parameter)
            settled = copy.deepcopy(document)
            settle_styles(settled)
            [(_, data)] = all_operations(settled)
            left = [one for one in ("style", "explode") if one in str(data["parameters"])]
            found.append(f"{name}: {'undefined' if writing is None else writing.of('p')} {left}")
        yield f"{place} {style or 'usual'} {explode}"
        yield from (f"    {one}" for one in found)


SCHEMES: dict[str, JSONObject] = {
    "bearer": {"type": "http", "scheme": "Bearer"},
    "basic": {"type": "http", "scheme": "basic"},
    "digest": {"type": "http", "scheme": "digest"},
    "oauth": {"type": "oauth2"},
    "openid": {"type": "openIdConnect"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "nameless": {"type": "apiKey", "in": "header"},
    "mutual": {"type": "mutualTLS"},
}
SECURITY: tuple[list[JSONValue], ...] = (
    [],
    [{}],
    [{"bearer": []}],
    [{"bearer": []}, {}],
    [{"bearer": [], "header": []}],
    [{"bearer": []}, {"header": []}, {"mutual": []}],
    [{"query": []}],
    [{"cookie": []}],
    [{"missing": []}],
)


def security() -> Iterator[str]:
    for name, scheme in SCHEMES.items():
        yield f"{name}: {place_of(scheme)}"
    components: JSONObject = {"securitySchemes": dict(SCHEMES)}
    for chosen in (*product(SECURITY, repeat=1), *product(SECURITY[2:], repeat=2)):
        paths: JSONObject = {
            f"/{number}": {"get": {"security": one}} for number, one in enumerate(chosen)
        }
        document: JSONObject = {"paths": paths, "components": components}
        found = [accepted_places(document, data) for _, data in all_operations(document)]
        shown = [None if one is None else sorted(map(str, one)) for one in found]
        yield f"{[*chosen]}: {shown} {key_place(document)}"


def maximums() -> Iterator[str]:
    def limit(name: str, schema: JSONObject, place: str = "query") -> JSONObject:
        return {"name": name, "in": place, "schema": schema}

    parts: tuple[JSONObject, ...] = (
        limit("a", {"maximum": 5}),
        limit("a", {"maximum": 3}),
        limit("a", {"maximum": 4}),
        limit("b", {"anyOf": [{"maximum": 7}, {"type": "null"}, {"maximum": 6}]}),
        limit("c", {"maximum": 1}, "path"),
        limit("d", {"maximum": 2.5}),
        limit("e", {"maximum": True}),
        limit("f", {"maximum": 0}),
        limit("g", {"exclusiveMaximum": 9}),
        limit("h", {"maximum": 100.0}),
        limit("i", {"maximum": 10, "exclusiveMaximum": 9.5}),
        limit("j", {"exclusiveMaximum": True}),
    )
    for first in range(3):
        chosen = [*parts[first:], *parts[:first]]
        paths: JSONObject = {
            f"/{number}": {"get": {"parameters": [one]}} for number, one in enumerate(chosen)
        }
        yield str(least_maximums({"paths": paths}))


PATHS = ({"/v1/a", "/v1/b/{id}", "/v1/c"}, {"/api/v1/a/", "/api/v1/b/{x}/", "/api/v1/c/"}, {"/a"})
MOVED: tuple[tuple[dict[str, str], tuple[str, ...]], ...] = (
    ({"/x": "ab"}, ()),
    ({"/x": "abc"}, ("/1", "/2", "/3")),
    ({"/x": "abc"}, ("/1", "/2", "/3", "/4")),
    ({"/x": "abc", "/yy": "abc"}, ()),
    ({"/xx": "abc", "/y": "abc"}, ()),
    ({"/x": "abc", "/y": "abc"}, ()),
    ({"/x": "abc", "/v1": "ab"}, ()),
    ({"/x": "abc", "/v1": "abc"}, ()),
    ({"/in/{x}": "abc"}, ()),
)
"""Paths by prefix, and others: how many are enough, and which of two prefixes it is."""


def paths() -> Iterator[str]:
    for one in ("/a", "/a/", "/a/{id}", "/a/{x}{y}", "/{a/b}", "/"):
        yield f"{one} {shape(one)}"
    for mine, known in product(PATHS, repeat=2):
        moved = relocation(mine, known)
        yield f"{sorted(mine)} beside {sorted(known)}: {moved.old!r} {moved.new!r}"
    for prefixes, others in MOVED:
        there = [f"{prefix}/{name}" for prefix, names in prefixes.items() for name in names]
        moved = relocation({*there, *others}, [f"/v1/{name}" for name in "abc"])
        yield f"{there} and {others} beside three: {moved.old!r} {moved.new!r}"


def words() -> Iterator[str]:
    """Give what is read of the document in which every word stands, operation by operation."""
    document = every_word()
    for way, operation in all_operations(document):
        yield pointer(*way)
        yield from (f"    content {pointer(*inner)}" for inner, _ in contents(operation))
        for inner, holder in schema_holders(operation):
            kinds = [str(one.get("type")) for one in variants(document, holder["schema"])]
            yield f"    schema {pointer(*inner)} {kinds}"
    for schema in every_schema(document):
        ways = [pointer(*way) for way, _ in subschemas(schema)]
        yield f"{sorted(schema)} {ways} raw {is_raw(schema)} terminal {terminal_values(schema)}"
    turned: JSONObject = {
        "responses": {
            "500": {"content": {"b/b": {"schema": {}}, "a/a": {"schema": {}}}},
            "200": {"content": {}},
        },
        "requestBody": {"content": {"c/c": {}}},
        "parameters": [{"content": {"d/d": {"schema": {}}}}, {"schema": {}}, {"content": 3}],
    }
    yield str([pointer(*way) for way, _ in contents(turned)])
    yield str([pointer(*way) for way, _ in schema_holders(turned)])


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "content types": content_types,
    "parameters": parameters,
    "security": security,
    "maximums": maximums,
    "paths": paths,
    "words": words,
}


def test_the_readers_give_what_they_gave_before() -> None:
    lines = [line for name, table in TABLES.items() for line in (f"== {name}", *table())]
    check_snapshot(SNAPSHOTS / "readers.txt", "\n".join(lines) + "\n")
