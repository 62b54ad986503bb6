"""Tables of small parts of the server: ids, texts, what is kept of requests, what a document is."""

import copy
import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from attrs import astuple
from runflow_mock.api.handlers import HANDLERS
from runflow_mock.api.samples import samples
from runflow_mock.contract.answers import Refusal, default_code, invalid, not_allowed, not_found
from runflow_mock.contract.document import (
    Document,
    find_document,
    json_media_type,
    json_schema,
    other_media_type,
)
from runflow_mock.contract.identifiers import Identifiers, is_uuid, named_id
from runflow_mock.contract.json_types import as_object, encodable, json_text, public
from runflow_mock.contract.packaged import find_packaged
from runflow_mock.contract.requests import IncomingRequest
from runflow_mock.contract.strict import undescribed_fields
from runflow_mock.server.web_pages import host_in, is_of_another_origin, is_private_name

INSTANTS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 0, 0, 1500, tzinfo=UTC))
TEXTS: tuple[Any, ...] = ("", "é", "\ud800", {"a": ["é", None, 1.5]}, {"\udfff": "x"}, "a/b&<")


def identifiers() -> Iterator[str]:
    for seed, count in ((0, 0), (7, 0), (0, 0xFFE)):
        made = Identifiers(seed, count)
        for instant in (*INSTANTS, INSTANTS[0]):
            identifier = made.new(instant)
            yield f"{seed} {count} {instant.isoformat()}: {identifier} {made.count}"
            assert is_uuid(identifier)
        yield f"    {made.secret('whsec_')} {made.digest('x').hex()[:16]} {made.count}"
    for count in (0xFFF - 20, 0x1FFF - 20):  # the counter of an id has 12 bits
        several = Identifiers(0, count)
        ids = [several.new(instant) for instant in (*INSTANTS, INSTANTS[1]) for _ in range(20)]
        assert ids == sorted(ids)
    yield f"{named_id('a')} {named_id('a', 'b')} {named_id('a', 'b') == named_id('ab')}"
    yield f"{[is_uuid(one) for one in ('', 'x', named_id('a'), named_id('a').upper())]}"


def texts_in(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of an answer and where it is; of a list, those of its first item."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from texts_in(inner, f"{at}.{name}".lstrip("."))
    elif isinstance(value, list):
        yield from texts_in(value[0] if value else None, at)
    elif isinstance(value, str):
        yield at, value


def named() -> Iterator[str]:
    """Where answers have the id of a name: who wrote one down finds the same in every version."""
    for sample in samples():
        kept = {
            place: text[:8]
            for place, text in texts_in(sample.answer)
            if is_uuid(text) and UUID(text).version == 5
        }
        if kept:
            shown = " ".join(f"{place}={start}" for place, start in kept.items())
            yield f"{HANDLERS[sample.signature].name}: {shown}"


def texts() -> Iterator[str]:
    for value in TEXTS:
        text = json_text(value)
        assert json.loads(text) == value
        yield f"{value!r}: {text!r} {encodable(text)} {as_object(value) == value}"
    yield f"{public({'a': 1, '_a': 2, 'a_': None})}"
    for status in (400, 401, 402, 403, 404, 405, 409, 413, 418, 422, 429, 500, 502, 503, 599):
        yield f"{status} {default_code(status)}"
    for refusal in (
        Refusal(404, "m"),
        Refusal(404, "m", code="", errors=[], headers={"A": "b"}),
        not_allowed("PUT", ("GET", "HEAD")),
        invalid(["body", 0], "m", "k"),
        not_found("run", "x"),
        not_found("run", "x", "RUN_NOT_FOUND"),
    ):
        reply = refusal.reply()
        yield f"{refusal}: {reply.status} {reply.body} {reply.headers} {reply.media_type}"


def requests() -> Iterator[str]:
    headers = {
        "authorization": "Bearer a",
        "cookie": "b",
        "proxy-authorization": "c",
        "x-key": "d",
        "x-other": "e",
    }
    request = IncomingRequest("POST", "/a%2Fb", "key=f&a=&a=1&b", headers, b"g\xff")
    yield f"{request.query} {request.text!r}"
    for names in ((), (("x-key",), ("key",)), ((), ("a",))):
        kept = request.record(*names)
        yield f"{kept} {kept.headers} {kept.query} {kept.body!r}"
        yield f"    {[kept.header(one) for one in ('X-Other', 'X-KEY', 'x', 'Authorization')]}"
    shown = repr(request) + repr(request.record())
    yield f"shown: {[one for one in ('Bearer', 'x-key', 'g', '/a%2Fb') if one in shown]}"
    for given in (
        *(
            {"host": one}
            for one in (
                *("A.b:80", "[::1]:1", "[::1", "a.b.", "a:b", "a b", "", "127.1", "a.local"),
                *("localhost:1", "a.localhost", "mock.internal:8", "xinternal", "internal.a"),
            )
        ),
        {"host": "a", "origin": "http://a"},
        {"host": "A:1", "origin": "HTTPS://a:1"},
        {"host": "a", "origin": "http://a:80"},
        {"origin": "null"},
        {},
    ):
        host = host_in(given)
        yield f"{given}: {host!r} {is_private_name(host)} {is_of_another_origin(given)}"


SMALL: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "description": "d", "version": "1"},
    "servers": [{"url": "https://a.example"}],
    "security": [{"Key": []}],
    "paths": {
        "/a": {
            "summary": "s",
            "get": {
                "operationId": "o",
                "tags": ["t"],
                "x-more": 1,
                "parameters": [{"name": "title", "in": "query", "schema": {"title": "T"}}],
                "responses": {
                    "200": {
                        "description": "d",
                        "links": {},
                        "content": {"application/json": {"schema": {}, "example": 1}},
                    }
                },
            },
        }
    },
    "components": {
        "schemas": {
            "title": {"type": "object", "properties": {"title": {}, "tags": {"examples": [1]}}}
        },
        "securitySchemes": {"Key": {"type": "http", "scheme": "bearer"}},
    },
}


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each member of an object is, at any depth."""
    if isinstance(node, dict):
        for name, inner in node.items():
            yield (*at, name)
            yield from places(inner, (*at, name))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            yield from places(inner, (*at, index))


def documents() -> Iterator[str]:
    usual = Document(SMALL).fingerprint
    yield f"with paths from outside: {Document(SMALL, (), {'/b': {}}).fingerprint == usual}"
    for place in places(SMALL):
        changed = copy.deepcopy(SMALL)
        holder = changed
        for name in place[:-1]:
            holder = holder[name]
        if place[-1] in ("paths", "parameters", "in", "name"):
            continue
        del holder[place[-1]]
        is_same = Document(changed).fingerprint == usual
        yield f"without {'/'.join(map(str, place))}: {'same' if is_same else 'another'}"
    with tempfile.TemporaryDirectory() as folder:
        wrong: tuple[str, ...] = (
            '{"paths": []}',
            '{"paths": {"/a": 7}}',
            '{"paths": {"/a": {"get": []}}}',
        )
        wrong += ('{"paths": {"/a": {"get": {"parameters": [{}]}}}}', '{"components": []}')
        for number, text in enumerate(("", "[]", "{", '{"paths": {}}', "\ufeff{}", *wrong)):
            path = Path(folder) / f"{number}.json"
            path.write_text(text, "utf-8")
            try:
                yield f"{text!r}: {Document.read(path).operations}"
            except ValueError as problem:
                yield f"{text!r}: {problem}"
    for reference in (
        *("#/components/schemas/title", "other.json#/a", "#/nothing", "#/components/x"),
        *(f"#/paths/~1a/get/parameters/{index}" for index in ("0", "1", "-1", "x")),
        "#/info/title/x",
    ):
        try:
            yield f"{reference}: {sorted(Document(SMALL).resolve({'$ref': reference}))}"
        except ValueError as problem:
            yield f"{reference}: {problem}"
    odd = Document({**SMALL, "~1": {"a": 1}, "/": {"b": 1}, "~": {"c": 1}})
    yield f"{[odd.resolve({'$ref': f'#/{one}'}) for one in ('~01', '~1', '~0')]}"
    for kinds in (
        (),
        ("text/plain", "APPLICATION/JSON; charset=utf-8", "application/json"),
        ("application/problem+json", "text/plain"),
        ("image/png", "text/plain"),
    ):
        node = {"content": {kind: {"schema": {"kind": kind}} for kind in kinds}}
        yield f"{kinds}: {json_media_type(node)} {json_schema(node)} {other_media_type(node)}"
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"content": {}},
        {"content": {"application/json": {}}},
    )
    for bare in bodies:
        yield f"{bare}: {json_media_type(bare)} {json_schema(bare)} {other_media_type(bare)}"


IN_PATH = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
POSTED = {"post": {"requestBody": {"$ref": "#/components/requestBodies/Thing"}}}
SPELLED: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "t", "version": "1"},
    "security": [{"Key": []}, {"Basic": []}],
    "paths": {
        "/shared/{id}": {
            "parameters": [IN_PATH, LIMIT],
            "get": {"responses": {"200": {"$ref": "#/components/responses/Thing"}}},
            "put": {
                "operationId": "named",
                "parameters": [
                    {"$ref": "#/components/parameters/Limit"},
                    {**LIMIT, "in": "header"},
                ],
                "requestBody": {"$ref": "#/components/requestBodies/Thing"},
                "security": [],
                "responses": {"default": {"description": "x"}},
            },
            "patch": {"security": [{"Header": []}, {}], "requestBody": {"content": {}}},
            "delete": {"security": [{"Header": [], "Query": []}, {"Key": []}]},
        },
        "/referred": {"$ref": "#/components/pathItems/Thing"},
        "/called": {
            "post": {
                "security": [{"Basic": []}, {"unheard of": []}],
                "callbacks": {
                    "silent": {"{$url}": {"get": {}}},
                    "spoken": {"{$url}": {"$ref": "#/components/pathItems/Called"}},
                    "later": {"{$url}": {"post": {"requestBody": {"content": {}}}}},
                },
            },
            "query": {},
        },
    },
    "components": {
        "securitySchemes": {
            "Key": {"type": "http", "scheme": "bearer"},
            "Basic": {"type": "http", "scheme": "basic"},
            "Header": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "Query": {"type": "apiKey", "in": "query", "name": "Key"},
        },
        "parameters": {"Limit": {**LIMIT, "required": True, "schema": {"type": "string"}}},
        "requestBodies": {
            "Thing": {"required": True, "content": {"application/json": {"schema": {"a": 1}}}}
        },
        "responses": {"Thing": {"description": "of all"}},
        "pathItems": {"Thing": {"get": {}}, "Called": POSTED},
        "schemas": {
            "One": {"$ref": "#/components/schemas/Other"},
            "Other": {"$ref": "#/components/schemas/One"},
        },
    },
}


def operations() -> Iterator[str]:
    """What is read of each operation, whether its parts are its own, shared or referred to."""
    document = Document(SPELLED)
    for one in document.operations:
        yield f"{one} {one.operation_id} {one.signature} open: {one.open}"
        yield f"    keys {[*map(astuple, one.key_places)]} {one.unread_schemes}"
        shown = [(it.name, it.location, it.required, it.schema) for it in one.parameters]
        yield f"    {shown}"
        yield f"    body {one.body_schema} {one.body_required} {one.responses}"
        yield f"    calls back {[*one.callbacks]} {document.callback_schema(one.signature)}"
    yield f"{sorted(document.key_names('header'))} {sorted(document.key_names('query'))}"
    try:
        document.resolve({"$ref": "#/components/schemas/One"})
    except ValueError as problem:
        yield f"{problem}"


FIELDS: dict[str, Any] = {
    "closed": {"properties": {"a": {}, "b": {"properties": {"c": {}}}}},
    "open": {"properties": {"a": {}}, "additionalProperties": {"type": "string"}},
    "shut": {"properties": {"a": {}}, "additionalProperties": False},
    "anything": {"type": "object"},
    "branches": {"anyOf": [{"properties": {"a": {}}}, {"oneOf": [{"properties": {"z": {}}}]}]},
    "list": {"items": {"properties": {"a": {}}}},
    "lists": {
        "allOf": [{"items": {"properties": {"a": {}}}}, {"items": {"properties": {"z": {}}}}]
    },
    "referred": {"$ref": "#/components/schemas/title"},
}
GIVEN: tuple[Any, ...] = (
    {"a": {"x": 1}, "b": {"c": 1, "d": 2}, "z": None},
    [{"a": 1}, {"z": 1, "y": 2}, 3],
    {"title": 1, "tags": 2, "other": 3},
    "text",
)


def undescribed() -> Iterator[str]:
    document = Document(SMALL)
    for name, schema in FIELDS.items():
        yield f"{name}: {[list(undescribed_fields(document, schema, one)) for one in GIVEN]}"


def shipped() -> Iterator[str]:
    """Where a file is looked for that the package ships: there first, then in the source tree."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "tree" / "folder" / "package"
        package.mkdir(parents=True)
        for place in (Path(folder), package.parents[1], package):
            (place / "catalog").mkdir()
            try:
                found = str(find_packaged("catalog", package))
            except FileNotFoundError as problem:
                found = str(problem)
            yield f"also in {place}: {found}".replace(folder, "FOLDER")
    assert find_packaged("openapi.public.json") == find_document()


PARTS: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "identifiers": identifiers,
    "named": named,
    "texts": texts,
    "requests": requests,
    "documents": documents,
    "operations": operations,
    "undescribed": undescribed,
    "shipped": shipped,
}
