"""Strict matching: what a request contains although the document does not describe it."""

from collections.abc import Iterator
from typing import cast

from .document import Document
from .json_types import JsonObject

BRANCHES = ("allOf", "anyOf", "oneOf")


def undescribed_fields(
    document: Document, schema: JsonObject, value: object, place: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """Yield the place of each field of the value that no branch of the schema describes.

    An object that the document leaves open may have any field.
    """
    parts = list(_parts(document, schema))
    if isinstance(value, dict):
        described: JsonObject = {}
        for part in parts:
            described.update(part.get("properties", {}))
        is_open = not described or any(part.get("additionalProperties") for part in parts)
        for name, inner in cast(JsonObject, value).items():
            if name in described:
                yield from undescribed_fields(document, described[name], inner, (*place, name))
            elif not is_open:
                yield (*place, name)
    elif isinstance(value, list):
        items: list[JsonObject] = [part["items"] for part in parts if "items" in part]
        for index, inner in enumerate(cast("list[object]", value) if items else []):
            yield from undescribed_fields(document, {"anyOf": items}, inner, (*place, index))


def _parts(document: Document, schema: JsonObject) -> Iterator[JsonObject]:
    """Yield the schema and the branches of which it is composed, with references resolved."""
    resolved = document.resolve(schema)
    yield resolved
    for keyword in BRANCHES:
        for branch in resolved.get(keyword, ()):
            yield from _parts(document, branch)
