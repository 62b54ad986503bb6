"""The largest numbers that a document allows in query parameters."""

import math
from collections.abc import Iterator

from .json_tree import JSONObject, object_at, objects_at, operations, text_at


def least_maximums(document: JSONObject) -> dict[str, int]:
    """Return the largest whole number of each query parameter by name.

    It is the least one where operations allow different ones.
    """
    found: dict[str, int] = {}
    for operation in operations(document):
        for parameter in objects_at(operation.data, "parameters"):
            if parameter.get("in") != "query":
                continue
            schema, name = object_at(parameter, "schema"), text_at(parameter, "name")
            for part in (schema, *objects_at(schema, "anyOf")):
                for most in _maximums(part):
                    found[name] = min(most, found.get(name, most))
    return dict(sorted(found.items()))


def _maximums(schema: JSONObject) -> Iterator[int]:
    most, beyond = schema.get("maximum"), schema.get("exclusiveMaximum")
    if isinstance(most, int | float) and not isinstance(most, bool):
        yield math.floor(most)
    if isinstance(beyond, int | float) and not isinstance(beyond, bool):
        yield math.ceil(beyond) - 1
