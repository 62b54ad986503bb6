"""The JSON shapes that the mock server keeps and sends."""

import json
from typing import Any, TypeAlias, cast

# A row is the JSON body of one resource as the API returns it, which may contain any value.
# Keys that begin with an underscore are private to the server and never sent.
JsonObject: TypeAlias = dict[str, Any]


def public(row: JsonObject) -> JsonObject:
    """Return a copy of the row without its private keys."""
    return {name: value for name, value in row.items() if not name.startswith("_")}


def as_object(value: object) -> JsonObject:
    """Return the value if it is a JSON object, else an empty one."""
    return cast(JsonObject, value) if isinstance(value, dict) else {}


def json_text(value: object) -> str:
    """Return the value as compact JSON that can always be encoded: lone surrogates stay escaped."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if text.isascii() or encodable(text) else json.dumps(value, separators=(",", ":"))


def encodable(text: str) -> bool:
    """Return whether the text can be written as UTF-8.

    JSON may hold lone surrogates, which cannot.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
