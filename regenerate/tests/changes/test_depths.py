"""A change of a schema is told wherever the schema stands: in what is sent and what is read, in
parameters and headers, as an item, a map's value, a variant or a part, and in two of these at once.
"""

import copy
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from ...changes.change import Weight, heaviest
from ...changes.wire import wire_changes

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}

WRAPS: dict[str, Callable[[Schema], Schema]] = {
    "itself": lambda one: one,
    "field": lambda one: {"type": "object", "properties": {"f": one, "other": TEXT}},
    "item": lambda one: {"type": "array", "items": one},
    "first item": lambda one: {"type": "array", "prefixItems": [one, TEXT]},
    "value": lambda one: {"type": "object", "additionalProperties": one},
    "anyOf": lambda one: {"anyOf": [one, {"type": "boolean"}]},
    "oneOf": lambda one: {"oneOf": [{"type": "boolean"}, one]},
    "allOf": lambda one: {"allOf": [one, {"$ref": "#/components/schemas/Base"}]},
    "or null": lambda one: {"anyOf": [one, {"type": "null"}]},
}


def document(operation: dict[str, Any], schemas: dict[str, Schema] | None = None) -> Any:
    """A document with one operation."""
    answers: dict[str, Any] = {"200": {}}
    described = {"operationId": "act", "tags": ["a"], "responses": answers, **operation}
    return {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {"/v1/a": {"post": described}},
        "components": {"schemas": {"Base": {"type": "object"}, **(schemas or {})}},
    }


def answer(schema: Schema) -> dict[str, Any]:
    return {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}


def body(schema: Schema) -> dict[str, Any]:
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


NAMED: Schema = {"$ref": "#/components/schemas/Named"}
SENT: dict[str, Callable[[Schema], Any]] = {
    "body": lambda one: document(body(one)),
    "class that is sent": lambda one: document(body(NAMED), {"Named": one}),
    "parameter": lambda one: document(
        {"parameters": [{"in": "query", "name": "q", "schema": one}]}
    ),
    "parameter of JSON": lambda one: document(
        {
            "parameters": [
                {"in": "query", "name": "q", "content": {"application/json": {"schema": one}}}
            ]
        }
    ),
}
READ: dict[str, Callable[[Schema], Any]] = {
    "answer": lambda one: document(answer(one)),
    "class that is read": lambda one: document(answer(NAMED), {"Named": one}),
    "header": lambda one: document({"responses": {"200": {"headers": {"X-A": {"schema": one}}}}}),
}


def fields(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": [*required]}


SMALLER: Schema = {"type": "integer", "maximum": 5}
LARGER: Schema = {"type": "integer", "maximum": 9}
CHANGES: dict[str, tuple[Schema, Schema, bool, bool]] = {
    "another kind": (TEXT, {"type": "integer"}, True, True),
    "value gone": ({**TEXT, "enum": ["a", "b"]}, {**TEXT, "enum": ["a"]}, True, True),
    "value new": ({**TEXT, "enum": ["a"]}, {**TEXT, "enum": ["a", "b"]}, False, False),
    "only values": (TEXT, {**TEXT, "enum": ["a"]}, True, False),
    "smaller": (LARGER, SMALLER, True, False),
    "larger": (SMALLER, LARGER, False, False),
    "pattern": (TEXT, {**TEXT, "pattern": "^a"}, True, False),
    "field gone": (fields(a=TEXT, b=TEXT), fields(a=TEXT), True, True),
    "field new": (fields(a=TEXT), fields(a=TEXT, b=TEXT), False, False),
    "field demanded": (fields(a=TEXT), fields("b", a=TEXT, b=TEXT), True, False),
    "must be there": (fields(a=TEXT), fields("a", a=TEXT), True, False),
    "may be missing": (fields("a", a=TEXT), fields(a=TEXT), False, True),
    "may be null": (fields(a=TEXT), fields(a={"type": ["string", "null"]}), False, True),
    "never null": (fields(a={"type": ["string", "null"]}), fields(a=TEXT), True, False),
    "default": (
        {**TEXT, "description": "A. Default of the server: 1."},
        {**TEXT, "description": "A. Default of the server: 0."},
        True,
        False,
    ),
    "default came": (TEXT, {**TEXT, "description": "Default of the server: false."}, False, False),
}
"""Before, after, and whether that breaks who sends and who reads."""


@pytest.mark.parametrize("place", [*SENT, *READ])
@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_told_at_every_depth(place: str, change: str) -> None:
    before, after, breaks_sender, breaks_reader = CHANGES[change]
    is_sent = place in SENT
    make = SENT[place] if is_sent else READ[place]
    breaks = breaks_sender if is_sent else breaks_reader
    for inner, outer in product(WRAPS, repeat=2):

        def wrapped(one: Schema, inner: str = inner, outer: str = outer) -> Schema:
            return WRAPS[outer](WRAPS[inner](copy.deepcopy(one)))

        found = wire_changes(make(wrapped(before)), make(wrapped(after)))
        assert found, f"{inner} in {outer}: nothing is told"
        assert (heaviest(found) is Weight.BREAKING) == breaks, (
            f"{inner} in {outer}: {[str(one) for one in found]}"
        )
        assert wire_changes(make(wrapped(after)), make(wrapped(after))) == []


@pytest.mark.parametrize("count", range(1, 9))
def test_what_moved_together_is_counted_and_the_first_are_named(count: int) -> None:
    def paths(end: str) -> Any:
        made = document({})
        operation = made["paths"].pop("/v1/a")["post"]
        for number in range(count):
            made["paths"][f"/v1/a{number}{end}"] = {
                "post": {**operation, "operationId": f"act_{number}"}
            }
        return made

    [told] = wire_changes(paths(""), paths("/"))
    assert told.what.startswith(f"{count} end in a slash now: ")
    assert told.what.count("/v1/a") == min(count, 5)
    assert told.what.endswith(f" and {count - 5} more") == (count > 5)
    assert (" more" in told.what) == (count > 5)
