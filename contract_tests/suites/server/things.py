"""A document of things, interactions that follow it, and what each becomes by one change."""

from collections.abc import Iterator
from typing import Any

from attrs import evolve
from runflow_conformance import Interaction

TEXT = {"type": "string"}
ERROR = {"type": "object", "required": ["code"], "properties": {"code": TEXT}}
THING: dict[str, Any] = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "status": {"type": "string", "enum": ["queued", "done"]},
        "cost": {"anyOf": [{"type": "string", "pattern": "^[0-9.]+$"}, {"type": "null"}]},
        "count": {"type": "integer", "minimum": 1, "maximum": 3},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
    },
}


def json_body(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a body of JSON as a document describes it."""
    return {"description": "x", "content": {"application/json": {"schema": schema}}}


SHARED = {"$ref": "#/components/schemas/Thing"}
IN_PATH = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Things", "version": "1"},
    "paths": {
        "/v1/things": {
            "parameters": [{"name": "X-Org", "in": "header", "required": True, "schema": TEXT}],
            "get": {
                "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
                    {"name": "flag", "in": "query", "schema": {"type": ["boolean", "null"]}},
                    {
                        "name": "tags",
                        "in": "query",
                        "schema": {"allOf": [{"type": "array", "items": {"enum": ["a", "b"]}}]},
                    },
                    {"name": "q", "in": "query", "required": True, "schema": TEXT},
                ],
                "responses": {
                    "200": {
                        **json_body({"type": "array", "items": SHARED}),
                        "headers": {
                            "X-Left": {"required": True, "schema": TEXT},
                            "X-Note": {"schema": TEXT},
                        },
                    },
                    "4XX": json_body(ERROR),
                    "404": {"description": "x", "content": {"text/plain": {"schema": TEXT}}},
                    "default": json_body({"type": "object", "required": ["problem"]}),
                },
            },
            "post": {
                "requestBody": {**json_body(SHARED), "required": True},
                "responses": {"201": json_body(SHARED)},
            },
        },
        "/v1/things/{id}": {
            "parameters": [IN_PATH],
            "get": {
                "responses": {
                    "200": {
                        "description": "x",
                        "content": {
                            "application/json": {"schema": SHARED},
                            "text/plain": {"schema": TEXT},
                        },
                    }
                }
            },
            "delete": {"responses": {"204": {"description": "x"}}},
        },
    },
    "components": {"schemas": {"Thing": THING}},
}
ID = "01980000-0000-7000-8000-0000000000ab"
BODY = b'{"id": "%s", "status": "done", "cost": null, "count": 2, "parts": []}' % ID.encode()
JSON = {"content-type": "application/json"}


def interaction(method: str, path: str, status: int, **changed: Any) -> Interaction:
    """Return an interaction that follows the document."""
    values: dict[str, Any] = {
        "query": "",
        "request_headers": {},
        "request_body": b"",
        "response_headers": JSON,
        "response_body": b"",
        **changed,
    }
    return Interaction(method=method, path=path, status=status, **values)


HONEST: dict[str, Interaction] = {
    "list": interaction(
        "GET",
        "/v1/things",
        200,
        query="limit=9&flag=true&tags=a&tags=b&q=",
        request_headers={"x-org": "o"},
        response_headers={**JSON, "x-left": "3"},
        response_body=b"[" + BODY + b"]",
    ),
    "create": interaction(
        "POST",
        "/v1/things",
        201,
        request_headers={**JSON, "x-org": "o"},
        request_body=BODY,
        response_body=BODY,
    ),
    "get": interaction("GET", f"/v1/things/{ID}", 200, response_body=BODY),
    "delete": interaction("DELETE", f"/v1/things/{ID}", 204, response_headers={}),
}
BODIES = (
    b"",
    b"{",
    b"NaN",
    b"[]",
    b"[1]",
    b"{}",
    b'{"code": "x"}',
    b'{"problem": 1}',
    BODY,
    BODY.replace(b'"done"', b'"new"'),
    BODY.replace(b"null", b'"1.x"'),
    BODY.replace(b"2", b"4", 1).replace(b'"count": 2', b'"count": 0'),
    BODY.replace(b'"status": "done", ', b""),
    BODY.replace(ID.encode(), b"7"),
    BODY.replace(b"[]", BODY.join((b"[", b', {"id": 3}]'))),
)
STATUSES = (200, 201, 202, 204, 299, 301, 400, 404, 422, 500, 599)
KINDS = ("", "text/plain", "application/json; charset=utf-8", "APPLICATION/JSON", "text/html")
QUERIES = (
    *("", "q=1", "q=1&q=2", "limit=10&q=1", "limit=x&q=1", "limit=1.0&q=1", "limit=01&q=1"),
    *("flag=True&q=1", "flag=&q=1", "tags=c&q=1", "tags=a&tags=c&q=1", "q=1&new=1&other=2"),
)


def bends(name: str, honest: Interaction) -> Iterator[tuple[str, Interaction]]:
    """Yield the interaction and what it becomes by one change each."""
    yield name, honest
    for status in STATUSES:
        yield f"{name}, status {status}", evolve(honest, status=status)
    for kind in KINDS:
        headers = {**honest.response_headers, "content-type": kind}
        yield f"{name}, type {kind}", evolve(honest, response_headers=headers)
        headers = {**honest.request_headers, "content-type": kind}
        yield f"{name}, sent type {kind}", evolve(honest, request_headers=headers)
    for number, body in enumerate(BODIES):
        yield f"{name}, body {number}", evolve(honest, response_body=body)
        yield f"{name}, sent body {number}", evolve(honest, request_body=body)
        error = evolve(honest, status=400, response_body=body)
        yield f"{name}, error {number}", error
    for query in QUERIES:
        yield f"{name}, query {query}", evolve(honest, query=query)
    for header in (*honest.request_headers, *honest.response_headers):
        left = {one: value for one, value in honest.request_headers.items() if one != header}
        answered = {one: value for one, value in honest.response_headers.items() if one != header}
        bent = evolve(honest, request_headers=left, response_headers=answered)
        yield f"{name}, without {header}", bent
    for method in ("HEAD", "PUT", "PATCH"):
        yield f"{name}, {method}", evolve(honest, method=method)
    for path in ("/", "/v1/things/", "/v1/things/a%2Fb", "/v1/things/a/b", "/v2/things"):
        yield f"{name}, path {path}", evolve(honest, path=path)
