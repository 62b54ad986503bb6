"""Give schemas that references find inside something else a place under `components`.

The steps after this one rewrite schemas and drop what is not a schema, so that a reference to
`.../properties/id`, to `.../$defs/Rate` or to the schema of an answer would lead nowhere.
"""

import re
from collections.abc import Iterator
from typing import Final

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    pointer,
    text_at,
    values_in,
)
from ..document.schemas import reference

_COMPONENT: Final = re.compile(r"/components/schemas/[^/]+")


def with_named_targets(expanded: JSONObject, source: JSONObject) -> JSONObject:
    """Return the document with every schema that a reference finds elsewhere as a component.

    It is named by its pointer. `source` is the document before, in which the references still lead
    somewhere. One that leads nowhere stays.
    """
    found: dict[str, JSONObject] = {}
    todo: list[JSONValue] = [expanded]
    while todo:
        for where in _targets(todo.pop()):
            try:
                target = at_pointer(source, where)
            except KeyError:
                continue
            if where not in found and isinstance(target, dict):
                found[where] = target
                todo.append(target)
    if not found:
        return expanded
    result = {key: _rewritten(expanded[key], pointer(key), found) for key in expanded}
    components = object_at(result, "components")
    schemas = object_at(components, "schemas")
    inside = {where: _members(target, where, found) for where, target in found.items()}
    return {**result, "components": {**components, "schemas": {**schemas, **inside}}}


def _targets(value: JSONValue) -> Iterator[str]:
    for inner in values_in(value):
        where = local_pointer(text_at(inner, "$ref")) if isinstance(inner, dict) else None
        if where is not None and not _COMPONENT.fullmatch(where):
            yield where


def _rewritten(value: JSONValue, place: str, found: dict[str, JSONObject]) -> JSONValue:
    if place in found:
        return reference(place)  # What stands there and what refers to it stay one schema.
    if isinstance(value, dict):
        return _members(value, place, found)
    if isinstance(value, list):
        return [
            _rewritten(inner, place + pointer(index), found) for index, inner in enumerate(value)
        ]
    return value


def _members(value: JSONObject, place: str, found: dict[str, JSONObject]) -> JSONObject:
    result: JSONObject = {key: _rewritten(value[key], place + pointer(key), found) for key in value}
    if local_pointer(text_at(value, "$ref")) in found:
        result["$ref"] = _new(text_at(value, "$ref"), found)
    mapping = object_at(object_at(result, "discriminator"), "mapping")
    mapping.update(
        {key: _new(text_at(mapping, key), found) for key in mapping if text_at(mapping, key)}
    )
    return result


def _new(old: str, found: dict[str, JSONObject]) -> str:
    where = local_pointer(old)
    return text_at(reference(where), "$ref") if where is not None and where in found else old
