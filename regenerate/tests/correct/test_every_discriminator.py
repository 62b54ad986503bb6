"""Unions that a property decides, in every form: what is made of each variant and its property."""

import json
from collections.abc import Iterator
from typing import Any, Final

from suites.snapshot import check_snapshot

from ...document.json_tree import DocumentError, JSONObject, JSONValue
from ..every_word import SNAPSHOTS
from ..small_documents import answering, corrected, reference

TEXT: Final[JSONObject] = {"type": "string"}
NULL: Final[JSONObject] = {"type": "null"}
CAT, DOG, INNER = map(reference, ("Cat", "Dog", "Inner"))


def having(kind: JSONValue, **more: JSONValue) -> JSONObject:
    """Return a variant whose property `kind` has this schema."""
    return {"type": "object", "properties": {"kind": kind}, **more}


def union(*variants: JSONValue, name: str = "kind", **more: JSONValue) -> JSONObject:
    """Return a union that a property decides."""
    return {"oneOf": [*variants], "discriminator": {"propertyName": name, **more}}


KINDS: Final[dict[str, JSONValue]] = {
    "none": {},
    "text": {**TEXT, "description": "Kind.", "maxLength": 9},
    "described": {**TEXT, "description": "Kind."},
    "its constant": {"const": "cat"},
    "another constant": {"const": "lion"},
    "its name": {"const": "Cat"},
    "two values": {"enum": ["cat", "tom"]},
    "values of both": {"enum": ["cat", "dog"]},
    "a default": {**TEXT, "default": "cat"},
    "another default": {**TEXT, "default": "lion"},
    "a constant that is the default": {"const": "cat", "default": "cat"},
    "null or a constant": {"anyOf": [{"const": "cat"}, NULL]},
    "null or two": {"anyOf": [{"const": "cat"}, {"const": "tom"}, NULL]},
    "a reference": reference("Kind"),
    "a number": {"type": "integer"},
    "a constant number": {"const": 1},
    "a pattern": {**TEXT, "pattern": "^c"},
    "an object": {"type": "object"},
}
MAPPINGS: Final[dict[str, JSONObject]] = {
    "none": {},
    "by name": {"cat": "Cat", "dog": "Dog"},
    "by reference": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    "two to one": {"tom": "Cat", "cat": "#/components/schemas/Cat", "dog": "Dog"},
    "one alone": {"dog": "Dog"},
    "to others": {"a": "Lion", "b": "https://a.test/Cat", "c": 5},
    "one for both": {"cat": "Cat", "dog": "Cat"},
}
DOG_CLASS: Final = having({"const": "dog"}, required=["kind"])
BIRD: Final = having({"const": "bird"}, properties={"size": TEXT, "kind": {"const": "bird"}})
NAMES: Final[dict[str, JSONValue]] = {
    f"R{number}": reference(f"R{number + 1}") for number in range(9)
}
UNIONS: Final[dict[str, tuple[JSONObject, dict[str, JSONValue]]]] = {
    "or null": (union(CAT, NULL, DOG), {}),
    "written in it": (union(having({"const": "a"}), having({"enum": ["b"]}), DOG), {}),
    "written in it without a constant": (union(having(TEXT), DOG), {}),
    "the same twice": (union(CAT, CAT), {}),
    "the same constant in both": (union(CAT, INNER), {"Inner": having({"const": "cat"})}),
    "the same values in both": (
        union(CAT, INNER),
        {"Cat": having({"enum": ["a", "b"]}), "Inner": having({"enum": ["b", "a"]})},
    ),
    "values that overlap": (
        union(CAT, INNER, DOG),
        {"Cat": having({"enum": ["a", "b"]}), "Inner": having({"enum": ["b", "c"]})},
    ),
    "a union in it": (union(DOG, INNER), {"Inner": union(CAT, reference("Bird")), "Bird": BIRD}),
    "a union in it by another property": (
        union(DOG, INNER),
        {"Inner": union(CAT, reference("Bird"), name="size"), "Bird": BIRD},
    ),
    "a union in it, with mappings": (
        union(DOG, INNER, mapping={"d": "Dog", "i": "Inner"}),
        {"Inner": union(CAT, mapping={"c": "Cat"}), "Cat": having({})},
    ),
    "a union in it or null": (union(DOG, INNER), {"Inner": union(CAT, NULL)}),
    "itself in it": (union(DOG, INNER), {"Inner": union(CAT, INNER)}),
    "each in the other": (
        union(INNER, DOG),
        {
            "Inner": union(CAT, reference("Other")),
            "Other": union(INNER, reference("Bird")),
            "Bird": BIRD,
        },
    ),
    "behind two names": (
        union(reference("R0"), DOG),
        {"R0": reference("R1"), "R1": CAT},
    ),
    "an escaped name": (
        union({"$ref": "#/components/schemas/A%20B"}, mapping={"a": "#/components/schemas/A B"}),
        {"A B": having({})},
    ),
    "behind many names": (
        union(reference("R0"), DOG),
        {**NAMES, "R9": CAT},
    ),
    "behind nothing": (union(reference("None"), DOG), {}),
    "text in it": (union(TEXT, DOG), {}),
    "a list in it": (union({"type": "array", "items": CAT}, DOG), {}),
    "a part in it": (union({"allOf": [CAT, {"properties": {"x": TEXT}}]}, DOG), {}),
    "inside another": (
        union({"$ref": "#/components/schemas/Inner/$defs/A"}, DOG),
        {"Inner": {"$defs": {"A": having({}), "B": having({"const": "b"})}}},
    ),
    "inside another with a constant": (
        union({"$ref": "#/components/schemas/Inner/$defs/B"}, DOG),
        {"Inner": {"$defs": {"B": having({"const": "b"})}}},
    ),
    "no property name": ({"oneOf": [CAT, DOG], "discriminator": {"mapping": {"a": "Cat"}}}, {}),
    "text for it": ({"oneOf": [CAT, DOG], "discriminator": "kind"}, {}),
    "no union": (having(TEXT, discriminator={"propertyName": "kind"}), {}),
    "one variant": (union(CAT), {}),
    "no variant": (union(), {}),
}


def told(pet: JSONObject, **components: JSONValue) -> str:
    """Return what becomes of a property with this schema, and of the classes behind it."""
    thing: JSONObject = {"type": "object", "properties": {"pet": pet}}
    classes: dict[str, JSONValue] = {
        "Cat": having({"const": "cat"}),
        "Dog": DOG_CLASS,
        "Kind": {**TEXT, "enum": ["cat"]},
        **components,
    }
    try:
        document: Any = corrected(answering(thing, **classes))
    except DocumentError as error:
        return f"refused: {error}"
    schemas = document["components"]["schemas"]
    schemas["pet"] = schemas.pop("GetThingResponse")["properties"]["pet"]
    line = json.dumps(schemas, sort_keys=True).replace("#/components/schemas/", "#")
    return line.replace("GetThingResponse", "").replace('"type": "object"', "OBJECT")


def discriminators() -> Iterator[str]:
    for name, kind in KINDS.items():
        for word, mapping in MAPPINGS.items():
            if word in ("by name", "two to one") or name in ("none", "two values"):
                found = told(union(CAT, DOG, mapping=mapping), Cat=having(kind))
                yield f"{name}, mapping {word}: {found}"
    for name, (pet, components) in UNIONS.items():
        yield f"{name}: {told(pet, **components)}"


def test_variants_are_told_apart_as_before() -> None:
    check_snapshot(SNAPSHOTS / "discriminators.txt", "\n".join(discriminators()) + "\n")
