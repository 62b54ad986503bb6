"""Headers of types that the generator refuses: it takes them as cookies, the templates send them.

The generator knows the types of the other places, and what is sent is written by our templates.
"""

from typing import Final

from ..document.json_tree import JSONObject, objects_at, operations, text_at
from ..document.schemas import variants

HEADER: Final = "x-header"
"""Marks a cookie that is a header in the document."""

_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "null"})
_REFUSED_FORMATS: Final = frozenset({"date", "date-time"})


def settle_headers(document: JSONObject) -> None:
    """Write, in place, headers that the generator refuses as cookies with the mark."""
    for operation in operations(document):
        for parameter in objects_at(operation.data, "parameters"):
            if parameter.get("in") == "header" and _is_refused(document, parameter):
                parameter |= {"in": "cookie", HEADER: True}


def _is_refused(document: JSONObject, parameter: JSONObject) -> bool:
    return any(
        text_at(schema, "type") not in _TYPES
        or schema.get("format") in _REFUSED_FORMATS
        or "const" in schema
        for schema in variants(document, parameter.get("schema"))
    )
