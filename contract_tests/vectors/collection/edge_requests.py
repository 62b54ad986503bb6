"""Edge cases of requests that schemathesis does not draw."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote

from runflow_mock.contract.document import Operation

from ..comparison.messages import ABSENT, JSON_TYPE, Message
from ..document import ConformanceDocument, Schema
from ..files import Vector
from ..samples import Sampler

MANY_SEGMENTS: Final = frozenset(
    (
        ("GET /v1/models/{}/{}", 1),
        ("POST /v1/models/{}/{}/runs", 1),
        ("POST /v1/models/{}/{}/batches", 1),
    )
)
"""Path parameters, by nameless label and position, whose slashes stay: a model id has two to five
segments.
"""

_SEGMENTS: Final = (
    "any",
    "v1.0",
    "...",
    "a b",
    "50%",
    "a%2Fb",
    "a?b#c",
    "+;:@&=$,",
    "~tilde_-.",
    "模型-ünï-\U0001f600",
)
_DEEP: Final = ("nano-banana-pro/edit", "seedance/2.0/fast/text-to-video", "a b/ü/%2F", "a/.../b")
_REFUSED: Final = ("", ".", "..", "a/../b")
_REFUSED_DEEP: Final = ("a//b", "/a", "a/", "./a", "a/..")
_OFFSETS: Final = (
    "2026-03-01T12:00:00Z",
    "2026-03-01t12:00:00z",
    "2026-03-01T12:00:00+05:30",
    "2026-03-01T12:00:00-11:00",
    "2026-03-01T12:00:00.000001+00:00",
    "2026-03-01T12:00:00.123456789Z",
    "2016-12-31T23:59:60Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999Z",
)
ANYTHING: Final[dict[str, Any]] = {
    "integers": [0, -1, 2**53 + 1, 2**63, -(2**63), 10**30],
    "numbers": [0.1, 1e-07, 1.5e300, -0.5],
    "empty": [None, "", [], {}, False],
    "text": '\u2028 \x00 " \\ é 模 \U0001f600 2026-03-01T12:00:00Z',
    "instants stay text": "2026-03-01T12:00:00.5Z",
    "": "empty name",
    "a/b": {"$ref": "#/x", "to_dict": 1, "additional_properties": {"nested": None}},
    "class": "a word of Python",
    "ünïcode": True,
}
"""A free-form object whose every value must arrive as it is."""


def request_edges(document: ConformanceDocument) -> Iterator[Vector]:
    """Yield the edge cases of every operation, without ids."""
    for label, operation in document.operations.items():
        sampler = Sampler(document)
        usual = {
            parameter.name: str(sampler.body(parameter.schema, optional=False)).replace(" ", "-")
            for parameter in operation.parameters
            if parameter.location == "path"
        }
        body = (
            ABSENT
            if operation.body_schema is None
            else sampler.body(operation.body_schema, optional=False)
        )
        full = (
            ABSENT
            if operation.body_schema is None
            else sampler.body(operation.body_schema, optional=True)
        )
        yield edge(
            label,
            "everything",
            operation,
            usual,
            _query_of(operation),
            _headers_of(operation),
            full,
        )
        yield from _path_edges(label, operation, usual, body)
        for name, value in _query_of(operation).items():
            yield edge(label, f"query {name} alone", operation, usual, {name: value}, {}, body)
        nothing = {
            parameter.name: None
            for parameter in operation.parameters
            if _takes_null(document, parameter.schema)
        }
        if nothing:
            query = {name: None for name in nothing if name in _query_of(operation)}
            headers: dict[str, str | None] = {
                name: None for name in nothing if name in _headers_of(operation)
            }
            yield edge(
                label, "null parameters are not sent", operation, usual, query, headers, body
            )
        for note, content in _bodies(document, operation.body_schema, body):
            yield edge(label, note, operation, usual, {}, {}, content)


def edge(
    label: str,
    note: str,
    operation: Operation,
    path: dict[str, str],
    query: dict[str, Any],
    headers: dict[str, str | None],
    body: Any,
    *,
    refused: bool = False,
) -> Vector:
    """Return the vector of one edge; `refused` for arguments that no request may be made of."""
    arguments = {
        "path": path,
        "query": query,
        "headers": headers,
        **({} if body is ABSENT else {"body": body}),
    }
    vector: Vector = {"operation": label, "phase": "edge", "note": note, "arguments": arguments}
    if refused:
        return {**vector, "refused": True}
    target = operation.path
    nameless = operation.signature[0] + " " + operation.signature[1]
    for position, (name, value) in enumerate(path.items()):
        many = (nameless, position) in MANY_SEGMENTS
        parts = value.split("/") if many else [value]
        target = target.replace("{" + name + "}", "/".join(quote(part, safe="") for part in parts))
    sent = {name.lower(): value for name, value in headers.items() if value is not None}
    message = Message(
        method=operation.method,
        path=target,
        query=tuple((name, value) for name, value in query.items() if value is not None),
        headers=sent if body is ABSENT else {**sent, "content-type": JSON_TYPE},
        body=body,
    )
    return {**vector, "wire": message.to_json()}


def _path_edges(
    label: str, operation: Operation, usual: dict[str, str], body: Any
) -> Iterator[Vector]:
    schemas = {
        parameter.name: parameter.schema
        for parameter in operation.parameters
        if parameter.location == "path"
    }
    nameless = operation.signature[0] + " " + operation.signature[1]
    for position, name in enumerate(usual):
        if schemas[name].get("type") != "string" or "format" in schemas[name]:
            continue
        many = (nameless, position) in MANY_SEGMENTS
        for value in (*_SEGMENTS, *(_DEEP if many else ("a/b",))):
            yield edge(
                label, f"{name} is {value!a}", operation, {**usual, name: value}, {}, {}, body
            )
        for value in (*_REFUSED, *(_REFUSED_DEEP if many else ())):
            note = f"{name} {value!a} would lead elsewhere"
            yield edge(label, note, operation, {**usual, name: value}, {}, {}, body, refused=True)


def _bodies(
    document: ConformanceDocument, schema: Schema | None, least: Any
) -> Iterator[tuple[str, Any]]:
    """Yield bodies with one thing in them that is easily lost on the way."""
    if schema is None:
        return
    shape = document.shape(schema)
    yield "an unknown field", {**least, "x_newer_than_the_client": {"kept": [1, None]}}
    for name, inner in shape.get("properties", {}).items():
        for branch in document.branches(inner):
            kind, named = branch.get("type"), branch.get("format")
            values: tuple[Any, ...] = ()
            if kind == "null":
                values = (None,)
            elif named == "date-time":
                values = _OFFSETS
            elif kind == "boolean":
                values = (False, True)
            elif kind == "number":
                values = (0, 0.5, 25, 1e-07)
            elif kind == "string" and named is None and "enum" not in branch:
                values = (
                    ("\u2028é模\U0001f600\x00",)
                    if branch.get("minLength")
                    else ("", "\u2028é模\U0001f600\x00")
                )
            elif kind == "object" and "properties" not in branch:
                values = ({}, ANYTHING)
            for value in values:
                yield f"{name} is {str(value)[:40]!a}", {**least, name: value}


def _query_of(operation: Operation) -> dict[str, str]:
    select_bodies = {
        "integer": "7",
        "boolean": "true",
        "string": "EQ:'a&b=c+d 100% é模\U0001f600/?#'",
    }
    found: dict[str, str] = {}
    for parameter in operation.parameters:
        if parameter.location == "query":
            kinds = [parameter.schema, *parameter.schema.get("anyOf", ())]
            kind = next(
                (one["type"] for one in kinds if one.get("type") in select_bodies), "string"
            )
            found[parameter.name] = select_bodies[kind]
    return found


def _headers_of(operation: Operation) -> dict[str, str | None]:
    return {
        parameter.name: f"value of {parameter.name}; q=1, x"
        for parameter in operation.parameters
        if parameter.location == "header"
    }


def _takes_null(document: ConformanceDocument, schema: Schema) -> bool:
    return any(branch.get("type") == "null" for branch in document.branches(schema))
