"""What the overlay relies on: one list, and what a document lacks of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from attrs import frozen

from ..document.json_tree import (
    DocumentError,
    JSONObject,
    object_at,
    objects_at,
    operations,
    strings_at,
    text_at,
)
from ..document.yaml_files import read_yaml
from ..project.paths import NEEDS


@frozen
class Need:
    """What a feature of the overlay needs.

    These are operations with the parameters that it gives, and schemas with their fields.
    """

    feature: str
    operations: Mapping[str, tuple[str, ...]]
    schemas: Mapping[str, tuple[str, ...]]
    slashes: tuple[str, ...] = ()
    """Operations with a path parameter whose slashes must arrive as they are."""


@frozen(order=True)
class Missing:
    """Something that a feature needs and a document does not have."""

    feature: str
    what: str

    def __str__(self) -> str:
        return f"{self.feature}: {self.what}"


def read_needs(path: Path = NEEDS) -> tuple[Need, ...]:
    """Return the list of a YAML file.

    Raises:
        DocumentError: the file holds no such list.
    """
    value = read_yaml(path)
    entries = objects_at(value, "features")
    if not entries:
        raise DocumentError(f"{path.name}: holds no list under features")
    return tuple(
        Need(
            text_at(entry, "feature"),
            _lists(entry, "operations"),
            _lists(entry, "schemas"),
            tuple(strings_at(entry, "slashes")),
        )
        for entry in entries
    )


def _lists(entry: JSONObject, key: str) -> dict[str, tuple[str, ...]]:
    return {name: tuple(strings_at(object_at(entry, key), name)) for name in object_at(entry, key)}


def find_missing(document: JSONObject, needs: tuple[Need, ...]) -> tuple[Missing, ...]:
    """Return what a corrected document lacks of what the features need, by feature."""
    return tuple(
        sorted({Missing(need.feature, what) for need in needs for what in _missing(document, need)})
    )


def _missing(document: JSONObject, need: Need) -> Iterator[str]:
    there = {
        f"{tag}.{text_at(operation.data, 'operationId')}": operation
        for operation in operations(document)
        for tag in strings_at(operation.data, "tags")[:1]
    }
    for name, parameters in need.operations.items():
        if name not in there:
            yield f"the operation {name} is not there"
            continue
        known = {text_at(one, "name") for one in objects_at(there[name].data, "parameters")}
        yield from (
            f"the operation {name} does not take {one}" for one in parameters if one not in known
        )
    for name in need.slashes:
        parameters_there = objects_at(there[name].data, "parameters") if name in there else []
        if not any(one.get("x-many-segments") is True for one in parameters_there):
            yield f"no path parameter of {name} keeps slashes: a model id with slashes is not sent"
    named = object_at(object_at(document, "components"), "schemas")
    for name, fields in need.schemas.items():
        if name not in named:
            yield f"the schema {name} is not there"
            continue
        known = set(object_at(object_at(named, name), "properties"))
        yield from (f"{name} has no field {one}" for one in fields if one not in known)
