"""Mirrors a document: every response and callback body becomes a request body.

A generator of requests then draws responses. Locations with the same schema share an operation.
"""

import json
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from ..document import ConformanceDocument, Schema


@frozen
class BodyLocation:
    """Where a body is documented: a response of an operation, or (status None) its callback."""

    label: str
    status: int | None


@frozen
class Mirror:
    """The mirrored document, and the locations that each of its paths stands for."""

    content: dict[str, Any]
    places: dict[str, list[BodyLocation]]
    schemas: dict[str, Schema]


def mirror(document: ConformanceDocument) -> Mirror:
    """Return the mirrored document."""
    paths: dict[str, str] = {}
    places: dict[str, list[BodyLocation]] = {}
    schemas: dict[str, Schema] = {}
    for place, schema in _bodies(document):
        path = paths.setdefault(json.dumps(schema, sort_keys=True), f"/bodies/{len(paths)}")
        places.setdefault(path, []).append(place)
        schemas[path] = schema
    content = {
        "openapi": document.content["openapi"],
        "info": {"title": "The mirror", "version": "1"},
        "paths": {path: {"post": _posting(schema)} for path, schema in schemas.items()},
        "components": {"schemas": document.content.get("components", {}).get("schemas", {})},
    }
    return Mirror(content, places, schemas)


def _bodies(document: ConformanceDocument) -> Iterator[tuple[BodyLocation, Schema]]:
    for label, operation in document.operations.items():
        for status in operation.responses:
            schema = document.response_schema(label, int(status)) if status.isdigit() else None
            if schema is not None:
                yield BodyLocation(label, int(status)), schema
        schema = document.callback_schema(label)
        if schema is not None:
            yield BodyLocation(label, None), schema


def _posting(schema: Schema) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    return {"requestBody": body, "responses": {"204": {"description": "taken"}}}
