"""Changes inside the variants of unions, at any depth, are told as elsewhere."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ...changes._schema import Use, schema_changes
from ...changes.change import Weight

READ, SENT = Use(sent=False, read=True), Use(sent=True, read=False)
Wrap = Callable[[dict[str, Any]], dict[str, Any]]


def inline(url: dict[str, Any], *required: str) -> dict[str, Any]:
    """Return an object with a URL."""
    return {"type": "object", "properties": {"url": url}, "required": [*required]}


OTHER: dict[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}}
WRAPS: dict[str, Wrap] = {
    "anyOf": lambda one: {"anyOf": [one, {"type": "string"}]},
    "oneOf": lambda one: {"oneOf": [{"type": "integer"}, one]},
    "allOf": lambda one: {"allOf": [{"$ref": "#/components/schemas/Base"}, one]},
    "two objects": lambda one: {"anyOf": [OTHER, one]},
    "with null": lambda one: {"anyOf": [one, {"type": "string"}, {"type": "null"}]},
    "items of a variant": lambda one: {"anyOf": [{"type": "array", "items": one}, OTHER]},
    "a union in a union": lambda one: {
        "anyOf": [{"type": "integer"}, {"oneOf": [{"type": "string"}, one]}]
    },
    "a map in a field of a variant": lambda one: {
        "oneOf": [
            {
                "type": "object",
                "properties": {
                    "by_name": {
                        "type": "object",
                        "additionalProperties": {"anyOf": [one, {"type": "string"}]},
                    }
                },
            },
            {"type": "string"},
        ]
    },
}
TEXT: dict[str, Any] = {"type": "string"}
CHANGES: dict[str, tuple[Any, Any, Use, str]] = {
    "another kind": (inline(TEXT), inline({"type": "integer"}), READ, "was string, is integer"),
    "field gone": (
        {**inline(TEXT), "properties": {"url": TEXT, "size": TEXT}},
        inline(TEXT),
        READ,
        "size: is gone",
    ),
    "must be sent": (inline(TEXT), inline(TEXT, "url"), SENT, "url: must be sent now"),
    "value gone": (
        inline({"type": "string", "enum": ["a", "b"]}),
        inline({"type": "string", "enum": ["a"]}),
        SENT,
        "the value b is gone",
    ),
    "tighter": (
        inline({"type": "string", "maxLength": 9}),
        inline({"type": "string", "maxLength": 3}),
        SENT,
        "maxLength was 9, is 3",
    ),
    "null": (
        inline(TEXT),
        inline({"anyOf": [TEXT, {"type": "null"}]}),
        READ,
        "url: may be null now",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("wrap", WRAPS)
def test_a_change_inside_a_variant_is_told_once(wrap: str, change: str) -> None:
    old, new, use, what = CHANGES[change]
    old, new = WRAPS[wrap](copy.deepcopy(old)), WRAPS[wrap](copy.deepcopy(new))
    found = [one for one in schema_changes(old, new, use, "Run.output") if what in str(one)]
    assert [one.weight for one in found] == [Weight.BREAKING], found
    assert found[0].where.startswith("Run.output")
    assert [*schema_changes(old, copy.deepcopy(old), use, "Run.output")] == []


@pytest.mark.parametrize("word", ["anyOf", "oneOf"])
def test_a_variant_of_a_kind_that_is_there_already_comes_or_goes(word: str) -> None:
    one: dict[str, Any] = {word: [inline(TEXT), TEXT]}
    two: dict[str, Any] = {word: [OTHER, inline(TEXT), TEXT]}
    (came,) = schema_changes(one, two, READ, "Run.output")
    assert (str(came), came.weight) == (
        "Run.output(object): the variant {text} is new",
        Weight.BREAKING,
    )
    (went,) = schema_changes(two, one, SENT, "RunCreate.input")
    assert went.weight is Weight.BREAKING
    assert [change.weight for change in schema_changes(one, two, SENT, "x")] == [Weight.ADDITION]
    assert [change.weight for change in schema_changes(two, one, READ, "x")] == [Weight.ADDITION]


def test_a_plain_schema_that_became_a_variant_is_compared_with_it() -> None:
    old = inline(TEXT)
    new: dict[str, Any] = {"anyOf": [inline({"type": "integer"}), TEXT]}
    found = [str(one) for one in schema_changes(old, new, READ, "Run.output")]
    assert found == [
        "Run.output: was object, is object or string",
        "Run.output(object).url: was string, is integer",
    ]


def test_the_order_of_variants_is_no_change() -> None:
    one: dict[str, Any] = {"anyOf": [inline(TEXT), OTHER, TEXT]}
    other: dict[str, Any] = {"anyOf": [TEXT, OTHER, inline(TEXT)]}
    assert [*schema_changes(one, other, READ, "x")] == []
