"""The component schemas.

One object schema for each schema of the facts, one enum for each closed list.
"""

from collections.abc import Mapping
from typing import Final, cast

from .facts import FieldFacts, SchemaFacts, SchemaTable
from .field_texts import field_text
from .json_types import JsonObject, any_object, inferred_mark, or_null, reference
from .schema_texts import ENUM_TEXTS, SCHEMA_TEXTS

_JSON_TYPES: Final = frozenset({"string", "integer", "number", "boolean"})
_LIMITS: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "minimum_length": "minLength",
    "maximum_length": "maxLength",
    "minimum_items": "minItems",
    "maximum_items": "maxItems",
}


def build_schemas(table: SchemaTable) -> JsonObject:
    """Return every component schema by name, sorted.

    Raises:
        KeyError: a schema or an enum has no description.
    """
    schemas: JsonObject = {
        name: {"type": "string", "enum": members, "description": ENUM_TEXTS[name]}
        for name, members in table["enums"].items()
    }
    for name, facts in table["schemas"].items():
        schemas[name] = _object_schema(name, facts, table)
    return dict(sorted(schemas.items()))


def _object_schema(name: str, facts: SchemaFacts, table: SchemaTable) -> JsonObject:
    schema: JsonObject = {"type": "object", "description": SCHEMA_TEXTS[name]}
    if facts["fields"]:
        schema["properties"] = {
            field_name: _field_schema(name, field_name, field, table)
            for field_name, field in facts["fields"].items()
        }
    required = [field_name for field_name, field in facts["fields"].items() if field["required"]]
    if required:
        schema["required"] = required
    if facts.get("open"):
        schema["additionalProperties"] = True
    return schema | inferred_mark(facts)


def _field_schema(
    schema_name: str, field_name: str, field: FieldFacts, table: SchemaTable
) -> JsonObject:
    value = _value_schema(field, table)
    schema = or_null(value) if field["nullable"] else value
    text = field_text(schema_name, field_name)
    if text:
        schema["description"] = text
    if "default" in field:
        schema["default"] = field["default"]
    return schema | inferred_mark(field)


def _value_schema(field: FieldFacts, table: SchemaTable) -> JsonObject:
    if field["type"] == "array":
        schema: JsonObject = {"type": "array", "items": _type_schema(field.get("items", "any"))}
    else:
        schema = _type_schema(field["type"])
    if "format" in field:
        schema["format"] = field["format"]
    if "pattern" in field:
        schema["pattern"] = table["patterns"][field["pattern"]]
    if "enum" in field:
        schema["enum"] = field["enum"]
    if "known" in field:
        schema["x-extensible-enum"] = field["known"]
    limits = cast("Mapping[str, object]", field)
    return schema | {keyword: limits[fact] for fact, keyword in _LIMITS.items() if fact in limits}


def _type_schema(type_name: str) -> JsonObject:
    if type_name in _JSON_TYPES:
        return {"type": type_name}
    if type_name == "object":
        return any_object()
    if type_name == "any":
        return {}
    if type_name == "string or integer":
        return {"anyOf": [{"type": "string"}, {"type": "integer"}]}
    return reference(type_name)
