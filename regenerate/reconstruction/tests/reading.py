"""Read parsed JSON whose shape the type checker does not know; complaints name the place."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias, cast

from attrs import frozen

ROOT: Final = Path(__file__).resolve().parents[3]
METHODS: Final = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

JsonObject: TypeAlias = dict[str, object]


def read_json(path: str) -> JsonObject:
    """Return the JSON object in a file of the repository."""
    return as_object(json.loads((ROOT / path).read_text(encoding="utf-8")), path)


def as_object(value: object, place: str) -> JsonObject:
    """Return the value as an object.

    Raises:
        AssertionError: it is something else; the text names the place.
    """
    assert isinstance(value, dict), f"{place}: an object is expected, this is {value!r}"
    return cast(JsonObject, value)


def as_list(value: object, place: str) -> list[object]:
    """Return the value as an array.

    Raises:
        AssertionError: it is something else; the text names the place.
    """
    assert isinstance(value, list), f"{place}: an array is expected, this is {value!r}"
    return cast("list[object]", value)


def objects(value: object, place: str) -> list[JsonObject]:
    """Return the value as an array of objects.

    Raises:
        AssertionError: it is something else; the text names the place.
    """
    return [as_object(item, place) for item in as_list(value, place)]


def inside(value: object, *keys: str) -> JsonObject:
    """Return the object below these keys; an empty one where a key is missing."""
    for key in keys:
        value = as_object(value, " / ".join(keys)).get(key, {})
    return as_object(value, " / ".join(keys))


@frozen
class Operation:
    """One operation of the document and where it stands."""

    name: str
    method: str
    path: str
    body: JsonObject

    def parameters(self) -> list[JsonObject]:
        """Return its own parameters."""
        return objects(self.body.get("parameters", []), self.name)

    def response_bodies(self) -> Iterator[tuple[str, JsonObject]]:
        """Yield each status with its response."""
        for status in inside(self.body, "responses"):
            yield status, inside(self.body, "responses", status)


def operations_of(document: JsonObject) -> list[Operation]:
    """Return every operation of the document, callbacks left out."""
    return [
        Operation(
            str(inside(item, method).get("operationId")), method.upper(), path, inside(item, method)
        )
        for path, item in inside(document, "paths").items()
        for method in as_object(item, path)
        if method in METHODS
    ]
