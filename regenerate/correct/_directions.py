"""readOnly and writeOnly: a property is required only where it travels.

A property that the server alone sets may be required in an answer, and is not there in a request; a
password the other way round. One class serves both ways, so what is required in one of them only is
optional in a class that is used in both.
"""

from typing import Final

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    strings_at,
    text_at,
)
from ..document.schemas import (
    NOT_READ,
    NOT_SENT,
    all_operations,
    as_schema,
    every_schema,
    schema_holders,
    subschemas,
)

_MARKS: Final = (("readOnly", NOT_SENT), ("writeOnly", NOT_READ))
_MAX_REFERENCES: Final = 10


def mark_directions(document: JSONObject) -> None:
    """Write into every object which of its properties travel one way only, in place.

    The document is expanded. It must come before schemas are normalised: what stands beside a
    reference is dropped there.
    """
    for schema in every_schema(document):
        properties = object_at(schema, "properties")
        for word, mark in _MARKS:
            names = [name for name in properties if _says(document, properties[name], word)]
            if names:
                schema[mark] = [*sorted(names)]


def _says(document: JSONObject, value: JSONValue, word: str) -> bool:
    schema = as_schema(value)
    for _ in range(_MAX_REFERENCES):
        if schema.get(word) is True:
            return True
        parts = objects_at(schema, "allOf")
        if len(parts) == 1:
            schema = parts[0]
            continue
        where = local_pointer(text_at(schema, "$ref"))
        if where is None:
            return False
        try:
            schema = as_schema(at_pointer(document, where))
        except KeyError:
            return False
    return False


def settle_directions(document: JSONObject) -> None:
    """Make optional what does not travel one of the ways that its object is used, in place.

    The document is normalised, and the parts of each allOf are merged.
    """
    sent, read = _schemas_by_direction(document)
    for mark, used in ((NOT_SENT, sent), (NOT_READ, read)):
        for schema in used:
            left = set(strings_at(schema, mark))
            required = [name for name in strings_at(schema, "required") if name not in left]
            if left and required:
                schema["required"] = [*required]
            elif left:
                schema.pop("required", None)
    for schema in every_schema(document):
        for _, mark in _MARKS:
            schema.pop(mark, None)


def _schemas_by_direction(document: JSONObject) -> tuple[list[JSONObject], list[JSONObject]]:
    sent: list[JSONObject] = []
    read: list[JSONObject] = []
    for way, operation in all_operations(document):
        is_incoming = way[0] != "paths" or len(way) > 3
        for inner, holder in schema_holders(operation):
            is_answer = inner[0] == "responses"
            used = read if is_answer != is_incoming else sent
            used.append(as_schema(holder["schema"]))
    return _reached(document, sent), _reached(document, read)


def _reached(document: JSONObject, schemas: list[JSONObject]) -> list[JSONObject]:
    seen: set[str] = set()
    for schema in schemas:
        where = local_pointer(text_at(schema, "$ref"))
        if where is not None and where not in seen:
            seen.add(where)
            try:
                schemas.append(as_schema(at_pointer(document, where)))
            except KeyError:
                continue
        schemas.extend(inner for _, inner in subschemas(schema))
    return schemas
