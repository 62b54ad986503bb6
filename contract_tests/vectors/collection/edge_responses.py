"""Edge cases of responses that schemathesis does not draw."""

from collections.abc import Iterator
from typing import Any, Final

from ..comparison.messages import JSON_TYPE
from ..document import ConformanceDocument, Schema, takes
from ..files import Vector
from ..samples import Sampler
from .edge_requests import ANYTHING
from .mirror import BodyLocation

_UNDOCUMENTED: Final = (202, 226, 302, 418, 500, 502, 599)
_OFFSETS: Final = (
    "2026-03-01T12:00:00Z",
    "2026-03-01T12:00:00+05:30",
    "2026-03-01t12:00:00.5-11:00",
    "2026-03-01T12:00:00.123456789Z",
    "2016-12-31T23:59:60Z",
)
_WRONG: Final[tuple[Any, ...]] = ("not what is asked for", 7.5, {"an": "object"}, ["a list"], True)
_UNREADABLE: Final = (
    ("no body", ""),
    ("HTML", "<html>502 Bad Gateway</html>"),
    ("JSON cut short", '{"id": "0198'),
    ("NaN", '{"cost": NaN}'),
    ("two values", "{} {}"),
    ("a string", '"not an object"'),
)
_NESTED: Final = ("nesting without end", "[" * 100_000)


def body_edges(document: ConformanceDocument, schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield (note, body) for every edge case that must be read like any other body."""
    sampler = Sampler(document)
    full = sampler.body(schema, optional=True)
    yield "every property, no two values alike", full
    yield "every property again, other values", sampler.body(schema, optional=True)
    least = sampler.body(schema, optional=False)
    yield "only what is required", least
    branch = document.branch_for(schema, least) or {}
    if not isinstance(least, dict) or "properties" not in branch:
        return
    properties: dict[str, Schema] = branch["properties"]
    required: list[str] = branch.get("required", [])
    yield "an unknown field", {**least, "x_newer_than_the_client": {"kept": [1, None]}}
    yield (
        "everything null",
        {**least, **{name: None for name in properties if name not in required}},
    )
    for name, inner in properties.items():
        if name not in required:
            yield f"{name} is null", {**least, name: None}
        for value in _typical_values(document, inner):
            yield f"{name} is {str(value)[:40]!a}", {**least, name: value}


def _typical_values(document: ConformanceDocument, schema: Schema) -> Iterator[Any]:
    branch = document.shape(schema)
    kind = branch.get("type")
    if "enum" in branch or "x-extensible-enum" in branch:
        yield "newer_than_the_client"
    elif branch.get("format") == "date-time":
        yield from _OFFSETS
    elif kind == "integer":
        yield from (0, -1, 2**53 + 1, 2**63, 3.0)
    elif kind == "number":
        yield from (0, 0.1, 1e-07, 2**53 + 1)
    elif kind == "boolean":
        yield from (False, True)
    elif kind == "string" and "format" not in branch and "pattern" not in branch:
        yield from ("", "\u2028é模\U0001f600\x00")
    elif kind == "object" and "properties" not in branch:
        yield from ({}, ANYTHING)
    elif kind == "array":
        yield []


def broken_bodies(document: ConformanceDocument, schema: Schema) -> Iterator[tuple[str, Any]]:
    """Yield (note, body) for bodies with one value of a wrong type, which must be refused."""
    least = Sampler(document).body(schema, optional=False)
    branch = document.branch_for(schema, least) or {}
    for name in branch.get("required", ()):
        yield f"{name} is missing", {key: value for key, value in least.items() if key != name}
        if not any(
            one.get("type") == "null" for one in document.branches(branch["properties"][name])
        ):
            yield f"{name} is null", {**least, name: None}
    for name, inner in branch.get("properties", {}).items():
        wrong = [value for value in _WRONG if _fits_nowhere(document, inner, value)]
        for value in wrong[:2]:
            yield f"{name} is of a wrong kind", {**least, name: value}
        items = document.shape(inner)
        if items.get("type") == "array" and _fits_nowhere(document, items.get("items", {}), 7.5):
            yield f"an item of {name} is of a wrong kind", {**least, name: [7.5]}


def _fits_nowhere(document: ConformanceDocument, schema: Schema, value: Any) -> bool:
    """Return whether no alternative of the schema accepts the value; formats count."""
    taking = [branch for branch in document.branches(schema) if takes(branch, value)]
    return not taking or all(
        isinstance(value, str) and branch.get("format") in ("uuid", "date-time")
        for branch in taking
    )


def response_edges(document: ConformanceDocument) -> Iterator[Vector]:
    """Yield cases for every operation, whatever its schema: empty, unreadable, undocumented."""
    first = next(iter(document.operations), None)
    for label, operation in document.operations.items():
        for status in sorted(int(status) for status in operation.responses if status.isdigit()):
            place = BodyLocation(label, status)
            if document.response_schema(label, status) is None:
                yield {
                    **vector_of(place, "edge", "no body is documented"),
                    "text": "",
                    "expect": "parsed",
                }
                continue
            texts = _UNREADABLE if status < 300 else _UNREADABLE[1:2]
            schema = document.response_schema(label, status) or {}
            for note, text in (*texts, _NESTED) if label == first and status < 300 else texts:
                if text.startswith('"') and document.branch_for(schema, "") is not None:
                    continue
                yield {
                    **vector_of(place, "broken", note),
                    "text": text,
                    "expect": "invalid_response",
                }
        body = {"code": "NEWER", "message": "than the client", "errors": None}
        for number, status in enumerate(_UNDOCUMENTED):
            if operation.response(status) is None:
                said: Vector = {"text": "<html>no JSON</html>"} if number % 2 else {"body": body}
                vector = vector_of(
                    BodyLocation(label, status), "undocumented", "HTML" if number % 2 else "JSON"
                )
                yield {**vector, **said, "expect": "unexpected_status"}


def vector_of(place: BodyLocation, phase: str, note: str | None = None) -> Vector:
    """Return the first members of a response vector, without body and expectation."""
    said = {} if note is None else {"note": note}
    return {
        "operation": place.label,
        "status": place.status,
        "phase": phase,
        **said,
        "headers": {"Content-Type": JSON_TYPE},
    }
