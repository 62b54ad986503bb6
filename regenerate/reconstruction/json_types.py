"""The shape of the document while it is being built, and the marks that its parts share."""

from collections.abc import Mapping
from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]


def any_object() -> JsonObject:
    """Return the schema of a free-form object."""
    return {"type": "object", "additionalProperties": True}


def reference(name: str) -> JsonObject:
    """Return a reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: JsonObject) -> JsonObject:
    """Return the schema, or null, spelled as FastAPI spells it."""
    return {"anyOf": [schema, {"type": "null"}]}


def inferred_mark(facts: Mapping[str, object]) -> JsonObject:
    """Return `x-inferred` with its reason where facts are not documented, else nothing."""
    if not facts.get("inferred"):
        return {}
    mark: JsonObject = {"x-inferred": True}
    if "because" in facts:
        mark["x-inferred-because"] = facts["because"]
    return mark
