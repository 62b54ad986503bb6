"""Parts that must all hold, in rare company: what they add up to, and which of them cannot."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from suites.snapshot import check_snapshot

from ...correct import all_of as merging
from ...document.json_tree import DocumentError, JSONObject, JSONValue
from ..every_word import SNAPSHOTS
from ..small_documents import answering, corrected, reference, taking

TEXT: Final[JSONObject] = {"type": "string"}
NULL: Final[JSONObject] = {"type": "null"}
CAT, DOG, LOOP, NONE = map(reference, ("Cat", "Dog", "Loop", "None"))
HEN, EGG = map(reference, ("Hen", "Egg"))
KIND: Final[JSONObject] = {"propertyName": "kind"}


def fields(*required: JSONValue, **properties: JSONValue) -> JSONObject:
    """Return an object with these fields, of which some are required."""
    return {"type": "object", "properties": properties, "required": [*required]}


def all_of(*parts: JSONValue, **beside: JSONValue) -> JSONObject:
    return {"allOf": [*parts], **beside}


CLASSES: Final[dict[str, JSONValue]] = {
    "Cat": fields(kind={"const": "cat"}, a=TEXT),
    "Dog": fields(kind={"const": "dog"}, b=TEXT),
    "Loop": {"anyOf": [all_of(LOOP, fields(x=TEXT)), TEXT]},
    "Hen": all_of(EGG, fields(h=TEXT)),
    "Egg": all_of(HEN, fields(e=TEXT)),
}
LIMITS: Final[dict[str, str]] = {
    **dict.fromkeys(("minLength", "maxLength"), "string"),
    **dict.fromkeys(("minItems", "maxItems"), "array"),
    **dict.fromkeys(("minProperties", "maxProperties"), "object"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), "integer"),
}
MADE: Final[JSONObject] = {**TEXT, "readOnly": True}
SECRET: Final[JSONObject] = {**TEXT, "writeOnly": True}
PETS: Final[JSONObject] = {"oneOf": [CAT, DOG], "discriminator": KIND}
SUMS: Final[dict[str, JSONObject]] = {
    "required in both": all_of(fields("b", "a", a=TEXT, b=TEXT), fields("c", "a", c=TEXT)),
    "read in one": all_of(fields("made", made=MADE), fields("id", id=TEXT)),
    "read in both": all_of(fields("made", made=MADE), fields("at", "made", at=MADE)),
    "sent in both": all_of(fields("key", key=SECRET), fields("word", word=SECRET)),
    "read in one and sent in the other": all_of(fields("x", x=MADE), fields("x", x=SECRET)),
    "another format": all_of({**TEXT, "format": "uuid"}, {**TEXT, "format": "uri"}),
    "one format": all_of({**TEXT, "format": "uuid"}, TEXT),
    "another pattern": all_of({**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "b$"}),
    "other limits": all_of(
        {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2},
        {"type": "number", "minimum": 3, "maximum": 5, "multipleOf": 3},
    ),
    "a limit of no number": all_of({**TEXT, "maxLength": 3}, {**TEXT, "maxLength": "4"}),
    "another constant": all_of({"const": "a"}, {"const": "b"}),
    "a constant among values": all_of({"enum": ["a", "b"]}, {"const": "a"}),
    "a constant of no value": all_of({"enum": ["a", "b"]}, {"const": "c"}),
    "values in another order": all_of({"enum": ["a", "b", "c"]}, {"enum": ["c", "b"]}),
    "lists": all_of(
        {"type": "array", "items": fields(a=TEXT), "minItems": 1},
        {"type": "array", "items": fields(b=TEXT), "minItems": 2},
    ),
    "lists of unlike items": all_of(
        {"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "integer"}}
    ),
    "maps": all_of(
        {"type": "object", "additionalProperties": {**TEXT, "maxLength": 3}},
        {"type": "object", "additionalProperties": {**TEXT, "maxLength": 2}},
    ),
    "first items": all_of({"prefixItems": [TEXT]}, {"prefixItems": [TEXT, TEXT]}),
    "described twice": all_of({**TEXT, "description": "A."}, {"description": "B."}),
    "described beside": all_of(CAT, fields(c=TEXT), description="Beside."),
    "a field described twice": all_of(
        fields(a={**TEXT, "description": "A."}),
        fields(a={"maxLength": 3, "description": "B."}),
    ),
    "a field described alone": all_of(fields(a={"description": "A."}), fields(a=CAT)),
    "behind nothing": all_of(NONE, fields(a=TEXT)),
    "behind another document": all_of({"$ref": "a.json#/A"}, fields(a=TEXT)),
    "itself": all_of(LOOP, fields(a=TEXT)),
    "each other": all_of(HEN, fields(a=TEXT)),
    "parts of parts": all_of(all_of(CAT, fields(c=TEXT)), all_of(fields(d=TEXT))),
    "a union": all_of(PETS, fields("c", c=TEXT)),
    "a union first and last": all_of(fields(c=TEXT), PETS, fields(d=TEXT)),
    "a union and values": all_of({"anyOf": [TEXT, {"type": "integer"}]}, {"enum": ["a", "b"]}),
    "two unions": all_of(PETS, {"oneOf": [CAT, fields(c=TEXT)]}),
    "two unions that would go together": all_of(
        {"anyOf": [fields(a=TEXT), fields(b=TEXT)]}, {"anyOf": [fields(c=TEXT), fields(d=TEXT)]}
    ),
    "a union or null": all_of({"anyOf": [CAT, DOG, NULL]}, fields(c=TEXT)),
    "both or null": all_of({"anyOf": [CAT, NULL]}, {"anyOf": [fields(c=TEXT), NULL]}),
    "several or null": all_of({"anyOf": [CAT, DOG, NULL]}, {"anyOf": [fields(c=TEXT), NULL]}),
    "a union described": all_of(PETS, {"description": "Pets."}),
    "fields beside a union": {**PETS, **fields("c", c=TEXT), "description": "Pets."},
    "fields beside a union or null": {"anyOf": [CAT, NULL], **fields(c=TEXT)},
    "fields beside parts and a union": {**PETS, **fields(c=TEXT), "allOf": [fields(d=TEXT)]},
    **{
        f"{word} {one} and {other}": all_of({"type": kind, word: one}, {"type": kind, word: other})
        for word, kind in LIMITS.items()
        for one, other in ((2, 5), (5, 2))
    },
}


def told(document: JSONObject) -> str:
    """Return the classes of a corrected document, those of its field in its own place."""
    try:
        found: Any = corrected(document)
    except DocumentError as error:
        return f"refused: {error}"
    line = json.dumps(found["components"]["schemas"], sort_keys=True)
    for word in ("GetThingResponse", "CreateThingBody"):
        line = line.replace(f"#/components/schemas/{word}", "#").replace(word, "")
    return line.replace('"type": "string"', "TEXT").replace('"type": "object"', "OBJECT")


def sums() -> Iterator[str]:
    for name, schema in SUMS.items():
        holder: JSONObject = {"type": "object", "properties": {"it": schema}}
        read, sent = told(answering(holder, **CLASSES)), told(taking(holder, **CLASSES))
        yield f"{name}: {read}"
        if sent != read:
            yield f"    sent: {sent}"


def test_so_many_parts_of_parts_are_added_up_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of parts that each have two parts there are soon more than any memory holds."""
    parts: dict[str, JSONValue] = {
        f"a{level}": all_of(*[reference(f"a{level + 1}")] * 2) for level in range(9)
    }
    document = answering(reference("a0"), **parts, a9=fields(x=TEXT))
    assert "refused" not in told(document)
    monkeypatch.setattr(merging, "MAX_JOINS", 1000)
    assert told(document) == "refused: the document holds more than 1000 parts of allOf to merge"


def test_parts_add_up_as_before() -> None:
    check_snapshot(SNAPSHOTS / "sums.txt", "\n".join(sums()) + "\n")
