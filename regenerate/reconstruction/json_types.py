"""The shape of the document while it is being built, and the two marks that every part of it shares."""

from collections.abc import Mapping
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]


def any_object() -> JsonObject:
    """The schema of a free-form object."""
    return {"type": "object", "additionalProperties": True}


def reference(name: str) -> JsonObject:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: JsonObject) -> JsonObject:
    """The schema, or null, spelled as FastAPI spells it."""
    return {"anyOf": [schema, {"type": "null"}]}


def inferred_mark(facts: Mapping[str, object]) -> JsonObject:
    """`x-inferred` with its reason where the facts are not documented; nothing where they are."""
    if not facts.get("inferred"):
        return {}
    mark: JsonObject = {"x-inferred": True}
    if "because" in facts:
        mark["x-inferred-because"] = facts["because"]
    return mark
