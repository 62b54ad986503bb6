"""What a rule of the lint finds, and the places of a document that rules look at."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

from attrs import frozen

from ..document.json_tree import (
    JSONObject,
    object_at,
    objects_at,
    pointer,
)
from ..document.schemas import all_operations, as_schema, path_item_operations, subschemas

Place: TypeAlias = str

# A rule yields the place as a JSON pointer, what is wrong there, and what to do about it.
Complaint: TypeAlias = tuple[Place, str, str]
Rule: TypeAlias = Callable[[JSONObject], Iterator[Complaint]]


@frozen(order=True)
class Finding:
    """One thing that the generator would drop, break or misread.

    It has the place (a JSON pointer), the defect, and the remedy.
    """

    place: Place
    rule: str
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.place or '/'}: {self.what} ({self.rule}). {self.remedy}"


def operations(document: JSONObject) -> Iterator[tuple[Place, JSONObject]]:
    """Yield every operation with its pointer: of paths, their callbacks, and webhooks."""
    for way, operation in all_operations(document):
        yield pointer(*way), operation


def path_operations(document: JSONObject) -> Iterator[tuple[str, str, JSONObject]]:
    """Yield every operation under `paths`: its path, its method and what is written there."""
    paths = object_at(document, "paths")
    for path in paths:
        for method, operation in path_item_operations(object_at(paths, path)):
            yield path, method, operation


def parameters(document: JSONObject) -> Iterator[tuple[Place, JSONObject]]:
    """Yield every parameter that is written out somewhere, with its pointer."""
    for place, operation in operations(document):
        for index, parameter in enumerate(objects_at(operation, "parameters")):
            yield f"{place}/parameters/{index}", parameter
    paths = object_at(document, "paths")
    for path in paths:
        for index, parameter in enumerate(objects_at(object_at(paths, path), "parameters")):
            yield pointer("paths", path, "parameters", index), parameter
    shared = object_at(object_at(document, "components"), "parameters")
    for name in shared:
        yield pointer("components", "parameters", name), object_at(shared, name)


def contents(document: JSONObject) -> Iterator[tuple[Place, str, JSONObject]]:
    """Yield every body by content type.

    Each is its pointer, the content type, and what is written there.
    """
    holders: list[tuple[Place, JSONObject]] = []
    for place, operation in operations(document):
        holders.append((f"{place}/requestBody", object_at(operation, "requestBody")))
        responses = object_at(operation, "responses")
        holders += [
            (place + pointer("responses", status), object_at(responses, status))
            for status in responses
        ]
    components = object_at(document, "components")
    for section in ("requestBodies", "responses"):
        shared = object_at(components, section)
        holders += [
            (pointer("components", section, name), object_at(shared, name)) for name in shared
        ]
    for place, holder in holders:
        content = object_at(holder, "content")
        for kind in content:
            yield place + pointer("content", kind), kind, object_at(content, kind)


def component_schemas(document: JSONObject) -> JSONObject:
    """Return the schemas under `components`, by name."""
    return object_at(object_at(document, "components"), "schemas")


def schemas(document: JSONObject) -> Iterator[tuple[Place, JSONObject]]:
    """Yield every schema that is written out somewhere, nested ones too, with its pointer."""
    outermost: list[tuple[Place, JSONObject]] = []
    for holders in (
        parameters(document),
        ((place, media) for place, _, media in contents(document)),
    ):
        outermost += [
            (f"{place}/schema", as_schema(holder["schema"]))
            for place, holder in holders
            if "schema" in holder
        ]
    named = component_schemas(document)
    outermost += [
        (pointer("components", "schemas", name), as_schema(named[name])) for name in named
    ]
    for place, schema in outermost:
        yield place, schema
        for way, inner in subschemas(schema):
            outermost.append((place + pointer(*way), inner))
