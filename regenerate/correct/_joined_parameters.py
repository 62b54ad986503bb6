"""One path parameter where we know two: `models/{model_id}/runs` for `models/{owner}/{slug}/runs`.

What is sent is the same, for an id such as `google/nano-banana-pro` keeps its slashes.
"""

from typing import Final

from ..document.json_tree import (
    HTTP_METHODS,
    JSONObject,
    JSONValue,
    copy_json,
    object_at,
    objects_at,
    operations,
    path_parameters,
    text_at,
)
from ..document.path_templates import shape
from ..naming.operation_names import NamingTable, table_spelling

_TWO: Final = "/{}/{}"
_FIRST: Final = "owner"


def split_joined_parameters(document: JSONObject, table: NamingTable) -> tuple[str, ...]:
    """Write operations that take a whole id as those of the naming table that take it in two parts.

    Done in place. Only an operation that the table does not know, with a string for the id, is
    taken for a known one that the document lacks.

    Returns:
        The operations as the document has them, each with its new path.
    """
    spelling = table_spelling(document, table)
    paths = object_at(document, "paths")
    found = [(one.path, one.method) for one in operations(document)]
    there = {_key(method, spelling.as_known(path)) for path, method in found}
    joined = {
        key.replace(_TWO, "/{}", 1): key
        for key in table.operations
        if key.count(_TWO) == 1 and key not in there
    }
    told: list[str] = []
    for path, method in found:
        key = _key(method, spelling.moved_back(path))
        if key in table.operations or key not in joined:
            continue
        before = shape(joined[key].split()[1]).split(_TWO)[0].count("{}")
        name = path_parameters(path)[before]
        if not _is_text(paths[path], method, name) or _FIRST in path_parameters(path):
            continue
        split = path.replace(f"{{{name}}}", f"{{{_FIRST}}}/{{{name}}}")
        _move(paths, path, method, name, split)
        told.append(f"{method.upper()} {path}, as {split}")
    return tuple(told)


def _key(method: str, path: str) -> str:
    return f"{method.upper()} {shape(path).rstrip('/')}"


def _parameters(item: JSONValue, method: str) -> list[JSONObject]:
    found: JSONObject = item if isinstance(item, dict) else {}
    return [*objects_at(object_at(found, method), "parameters"), *objects_at(found, "parameters")]


def _is_text(item: JSONValue, method: str, name: str) -> bool:
    """Whether the parameter may hold any text: an id that is a UUID has no owner."""
    schemas = [
        object_at(one, "schema")
        for one in _parameters(item, method)
        if text_at(one, "name") == name
    ]
    return all(text_at(one, "type") == "string" and "format" not in one for one in schemas)


def _move(paths: JSONObject, path: str, method: str, name: str, split: str) -> None:
    item = object_at(paths, path)
    operation = object_at(item, method)
    owner: JSONObject = {
        "name": _FIRST,
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    # As everywhere, what the operation says itself comes after what its path says.
    written = [*objects_at(item, "parameters"), *objects_at(operation, "parameters")]
    operation["parameters"] = [owner, *(copy_json(one) for one in written)]
    if item.get("servers") and not operation.get("servers"):
        operation["servers"] = copy_json(item["servers"])
    del item[method]
    new = paths.setdefault(split, {})
    if isinstance(new, dict):
        new[method] = operation
    if not any(word in item for word in HTTP_METHODS):
        del paths[path]
