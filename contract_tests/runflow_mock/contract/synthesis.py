"""Answers for operations without a handler, from the document's examples and schemas."""

from collections.abc import Iterator
from typing import cast

from .document import JSON_MEDIA_TYPE, Operation, json_schema, other_media_type
from .identifiers import named_id
from .json_types import JsonObject, as_object
from .validation import Contract

MAX_DEPTH = 6
TEXTS = {
    # pydantic's UUID4 and UUID7 have formats of their own.
    **dict.fromkeys(
        ("uuid", *(f"uuid{version}" for version in range(1, 9))), named_id("synthetic")
    ),
    "date-time": "2026-01-01T00:00:00Z",
    "date": "2026-01-01",
    "time": "00:00:00Z",
    "duration": "PT1S",
    "uri": "https://example.com/synthetic",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
}
# Tried in this order until one fits the schema's pattern and lengths.
CANDIDATE_TEXTS = (
    "synthetic",
    "0",
    "a",
    "A",
    "a1",
    "abc123",
    "synthetic-value",
    "1.0",
    "/",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
)


def synthetic_body(contract: Contract, operation: Operation) -> object:
    """Return a body for the operation's success, None if it has no JSON body.

    It is the first documented example that fits the schema, else made from the schema.
    """
    response = operation.response(operation.success_status)
    schema = None if response is None else json_schema(response)
    if response is None or schema is None:
        return None
    for example in _examples(contract, response):
        if not contract.problems(schema, example):
            return example
    return _make(contract, schema, 0)


def synthetic_bytes(contract: Contract, operation: Operation) -> tuple[bytes, str] | None:
    """Return a body that is no JSON, with its media type; None if the success has none.

    It is the first documented example, else a text.
    """
    response = operation.response(operation.success_status) or {}
    media_type = other_media_type(response)
    if media_type is None:
        return None
    examples = [one for one in _examples(contract, response, media_type) if isinstance(one, str)]
    is_events = media_type.startswith("text/event-stream")
    text = next(iter(examples), "data: synthetic\n\n" if is_events else CANDIDATE_TEXTS[0])
    concrete = media_type.replace("*/*", "application/octet-stream").replace("*", "plain")
    return text.encode(), concrete


def least_value(contract: Contract, schema: JsonObject) -> object:
    """Return a valid value that says as little as it can: null, an empty list, the least number."""
    candidates: tuple[object, ...] = (None, [], {}, False, "")
    for candidate in candidates:
        if not contract.problems(schema, candidate):
            return candidate
    return _make(contract, schema, MAX_DEPTH)


def _examples(
    contract: Contract, response: JsonObject, media_type: str = JSON_MEDIA_TYPE
) -> Iterator[object]:
    content = as_object(as_object(response.get("content")).get(media_type))
    if "example" in content:
        yield content["example"]
    for named in as_object(content.get("examples")).values():
        example = contract.document.resolve(as_object(named))
        if "value" in example:
            yield example["value"]


def _make(contract: Contract, unresolved: JsonObject, depth: int) -> object:
    schema = contract.document.resolve(unresolved)
    for given in (
        *schema.get("examples", ()),
        *(schema[name] for name in ("example", "const", "default") if name in schema),
    ):
        if not contract.problems(schema, given):
            return given
    if "enum" in schema:
        return schema["enum"][0]
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return _make(contract, _branch(contract, schema[keyword], depth), depth)
    if "allOf" in schema:
        merged: JsonObject = {}
        for part in schema["allOf"]:
            merged.update(as_object(_make(contract, part, depth)))
        return merged
    named = schema.get("type", "object" if "properties" in schema else "null")
    kinds = [named] if isinstance(named, str) else cast("list[str]", named)
    if "null" in kinds and depth >= MAX_DEPTH:
        return None
    kinds = [kind for kind in kinds if kind != "null"]
    return _of_type(contract, schema, kinds[0] if kinds else "null", depth)


def _branch(contract: Contract, branches: list[JsonObject], depth: int) -> JsonObject:
    """Return the first branch that is not null; where it is too deep, the null one if there is one.

    A required field that leads back to its own object ends there.
    """
    nulls = [one for one in branches if contract.document.resolve(one).get("type") == "null"]
    real = [one for one in branches if one not in nulls]
    return (nulls + real if depth >= MAX_DEPTH else real + nulls)[0]


def _of_type(contract: Contract, schema: JsonObject, kind: str, depth: int) -> object:
    if kind == "object":
        required = schema.get("required", [])
        return {
            name: _make(contract, part, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or depth < MAX_DEPTH
        }
    if kind == "array":
        places: list[JsonObject] = schema.get("prefixItems", [])
        count = max(int(schema.get("minItems", 0)), len(places), 1 if depth < MAX_DEPTH else 0)
        rest: list[JsonObject] = [as_object(schema.get("items"))] * (count - len(places))
        return [_make(contract, part, depth + 1) for part in (*places, *rest)]
    if kind == "string":
        guesses = (TEXTS.get(str(schema.get("format")), CANDIDATE_TEXTS[0]), *CANDIDATE_TEXTS)
        return next(
            (guess for guess in guesses if not contract.problems(schema, guess)), CANDIDATE_TEXTS[0]
        )
    if kind in ("integer", "number"):
        return _number(schema)
    return {"boolean": False}.get(kind)


def _number(schema: JsonObject) -> int | float:
    lowest: int | float = schema.get(
        "minimum", schema.get("exclusiveMinimum", min(0, schema.get("maximum", 0)))
    )
    return lowest + 1 if "exclusiveMinimum" in schema and "minimum" not in schema else lowest
