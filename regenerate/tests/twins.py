"""Twins of a document.

They say the same and differ in everything that must not reach the client.
"""

import re

from ..document.json_tree import (
    JSONObject,
    JSONValue,
    copy_document,
    object_at,
    objects_at,
    text_at,
)
from ..document.schemas import all_operations, every_schema

_TITLE = "FullValidator"
_REFERENCE = "#/components/schemas/"


def fastapi_twin(document: JSONObject) -> JSONObject:
    """Return the document as FastAPI would name and spell it.

    Keys stand in another order, with extras that mean nothing.
    """
    twin = copy_document(document)
    _rename_operations(twin)
    for schema in every_schema(twin):
        _respell(schema)
    _add_extras(twin)
    _share_parameters(twin)
    renamed = _rename_schemas(twin)
    return {key: _reordered(renamed[key]) for key in reversed(list(renamed))}


def _rename_operations(document: JSONObject) -> None:
    names: dict[str, str] = {}
    for way, operation in all_operations(document):
        if "operationId" not in operation:
            continue
        words = re.sub(
            r"[^a-z0-9]+", "_", f"{text_at(operation, 'summary')} {' '.join(way)}".lower()
        )
        names[text_at(operation, "operationId")] = words
        operation["operationId"] = words
    for _, operation in all_operations(document):
        for answer in object_at(operation, "responses").values():
            for link in object_at(answer, "links").values() if isinstance(answer, dict) else ():
                if isinstance(link, dict):
                    link["operationId"] = names[text_at(link, "operationId")]


def _respell(schema: JSONObject) -> None:
    variants = objects_at(schema, "anyOf")
    if (
        len(variants) == 2
        and variants[1] == {"type": "null"}
        and isinstance(variants[0].get("type"), str)
    ):
        del schema["anyOf"]
        schema.update(variants[0])
        schema["type"] = ["null", text_at(variants[0], "type")]
    elif len(variants) == 2 and variants[1] == {"type": "null"}:
        schema["oneOf"] = [{"type": "null"}, {"allOf": [variants[0]]}]
        del schema["anyOf"]
    elif text_at(schema, "$ref"):
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]
    if schema.get("additionalProperties") is True:
        schema["additionalProperties"] = {}
    elif schema.get("type") == "object":
        schema["additionalProperties"] = True
        schema.setdefault("required", [])
    schema["title"] = _TITLE
    schema["x-internal"] = {"table": "runs"}


def _add_extras(document: JSONObject) -> None:
    document["x-generator"] = "FastAPI"
    document["x-groups"] = [{"name": "everything"}]
    security = document.pop("security", None)
    for way, operation in all_operations(document):
        operation["x-handler"] = "routers.public"
        if way[0] == "paths" and len(way) == 3:
            responses = object_at(operation, "responses")
            if "422" in responses:
                responses["default"] = {
                    "description": "Anything else.",
                    "content": object_at(responses, "422")["content"],
                }
            operation.setdefault("security", security)
        for parameter in objects_at(operation, "parameters"):
            parameter["x-source"] = "query"
            parameter.setdefault("required", False)
    schemas = object_at(object_at(document, "components"), "schemas")
    schemas["HTTPValidationError"] = {
        "type": "object",
        "title": _TITLE,
        "properties": {"detail": {"type": "string"}},
    }


def _share_parameters(document: JSONObject) -> None:
    shared: JSONObject = {}
    for way, operation in all_operations(document):
        parameters = objects_at(operation, "parameters")
        if way[0] != "paths" or len(way) > 3 or not parameters:
            continue
        written: list[JSONValue] = []
        for parameter in reversed(parameters):
            if parameter["in"] == "path":
                written.append(parameter)
                continue
            name = f"{operation['operationId']}_{parameter['name']}"
            shared[name] = parameter
            written.append({"$ref": f"#/components/parameters/{name}"})
        operation["parameters"] = written
    object_at(document, "components")["parameters"] = shared


def _rename_schemas(document: JSONObject) -> JSONObject:
    components = object_at(document, "components")
    schemas = object_at(components, "schemas")
    # Sorting by the new names gives another order than sorting by the old ones.
    names = {name: f"models__{name[::-1].lower()}__{name}__{_TITLE}" for name in schemas}
    components["schemas"] = {names[name]: schemas[name] for name in schemas}

    def renamed(value: JSONValue) -> JSONValue:
        if isinstance(value, dict):
            return {key: renamed(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [renamed(inner) for inner in value]
        if isinstance(value, str) and value.startswith(_REFERENCE):
            return _REFERENCE + names[value.removeprefix(_REFERENCE)]
        return value

    return {key: renamed(value) for key, value in document.items()}


def _reordered(value: JSONValue) -> JSONValue:
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(list(value))}
    return [_reordered(item) for item in value] if isinstance(value, list) else value
