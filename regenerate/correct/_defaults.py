"""Defaults of the server: told in descriptions, and not part of a corrected schema."""

import json
from typing import Final

from ..document.json_tree import JSONObject, JSONValue, object_at, objects_at, text_at

_MAX_LENGTH: Final = 80


def told_default(schema: JSONObject) -> JSONObject:
    """Turn a default into a sentence of the description.

    Sent by the client it would freeze the server's choice of the day.
    """
    value = schema.get("default")
    if isinstance(value, str) and value == schema.get("const"):
        return schema  # The only value that there is: nothing is frozen.
    schema = {key: schema[key] for key in schema if key != "default"}
    if not _is_told(value):
        return schema
    told = f"{text_at(schema, 'description')} {default_sentence(value)}".strip()
    return {**schema, "description": told}


def _is_told(default: JSONValue) -> bool:
    is_plain = default is not None and not isinstance(default, (dict, list))
    return is_plain and len(json.dumps(default, ensure_ascii=False)) <= _MAX_LENGTH


def default_sentence(value: JSONValue, field: str = "") -> str:
    """Return the sentence of a description that says what the server's default is.

    `field` is the one that it is for, empty for the value that is described itself.
    """
    whose = f" of {field}" if field else ""
    return f"Default of the server{whose}: {json.dumps(value, ensure_ascii=False)}."


def with_defaults_of_references(schema: JSONObject) -> JSONObject:
    """Tell the defaults of properties that are references in the description of their object.

    Beside a reference nothing is kept.
    """
    properties = object_at(schema, "properties")
    if not properties:
        return schema
    sentences = [default_of_reference(object_at(properties, name), name) for name in properties]
    told = " ".join((text_at(schema, "description"), *sorted(filter(None, sentences)))).strip()
    return {**schema, "description": told} if any(sentences) else schema


def default_of_reference(schema: JSONObject, field: str = "") -> str:
    """Return the sentence for a default beside a reference, empty for anything else."""
    parts = objects_at(schema, "allOf")
    is_reference = "$ref" in schema or (len(parts) == 1 and "$ref" in parts[0])
    default = schema.get("default")
    return default_sentence(default, field) if is_reference and _is_told(default) else ""
