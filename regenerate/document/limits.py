"""The largest numbers that a document allows in query parameters."""

from .json_tree import JSONObject, object_at, objects_at, operations, text_at


def least_maximums(document: JSONObject) -> dict[str, int]:
    """Return the maximum of each query parameter by name; the least one of several operations."""
    found: dict[str, int] = {}
    for operation in operations(document):
        for parameter in objects_at(operation.data, "parameters"):
            schema, name = object_at(parameter, "schema"), text_at(parameter, "name")
            for part in (schema, *objects_at(schema, "anyOf")):
                most = part.get("maximum")
                if parameter.get("in") == "query" and type(most) is int:
                    found[name] = min(most, found.get(name, most))
    return dict(sorted(found.items()))
