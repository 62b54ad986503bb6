"""Write the document in the words of the tables of facts, so that both can be compared."""

from typing import Final

from .reading import JsonObject, Operation, as_list, as_object, inside, objects

_WORDS: Final = {
    "type": "type",
    "format": "format",
    "pattern": "pattern",
    "enum": "enum",
    "x-extensible-enum": "known",
    "default": "default",
    "minimum": "minimum",
    "maximum": "maximum",
    "minLength": "minimum_length",
    "maxLength": "maximum_length",
    "minItems": "minimum_items",
    "maxItems": "maximum_items",
}
_ANY_OBJECT: Final = {"type": "object", "additionalProperties": True}
_UNKNOWN: Final = {"anyOf": [_ANY_OBJECT, {"type": "array", "items": _ANY_OBJECT}]}
_SAYS_NOTHING: Final = frozenset({"description", "x-inferred", "x-inferred-because"})


def observed_operation(operation: Operation) -> JsonObject:
    """Return the operation in the words of operations.json, its parameters by location and name."""
    request = operation.body.get("requestBody")
    return {
        "tag": operation.body.get("tags"),
        "method": operation.method,
        "path": operation.path,
        "key": operation.body.get("security") != [],
        "inferred": is_inferred(operation.body),
        "parameters": {
            f"{item['in']} {item['name']}": _parameter(item) for item in operation.parameters()
        },
        "request": None if request is None else _request(as_object(request, operation.name)),
        "responses": {
            status: _response(response) for status, response in operation.response_bodies()
        },
    }


def observed_schema(schema: JsonObject) -> JsonObject:
    """Return the component schema in the words of schemas.json."""
    required = as_list(schema.get("required", []), "required")
    assert schema.get("type") == "object"
    return {
        "open": schema.get("additionalProperties") is True,
        "inferred": is_inferred(schema),
        "fields": {
            name: {
                **observed_value(as_object(field, name)),
                "required": name in required,
                "inferred": is_inferred(as_object(field, name)),
            }
            for name, field in inside(schema, "properties").items()
        },
    }


def observed_value(schema: JsonObject) -> JsonObject:
    """Return type, format, limits and nullability of one schema.

    `unexplained` holds keywords that the tables cannot say.
    """
    outer = {key: value for key, value in schema.items() if key not in _SAYS_NOTHING}
    nullable = False
    choices = objects(outer.get("anyOf", []), "anyOf")
    if len(choices) == 2 and choices[1] == {"type": "null"}:
        nullable = True
        del outer["anyOf"]
        outer |= choices[0]
    value: JsonObject = {"nullable": nullable}
    if outer.keys() & {"$ref", "anyOf"} or outer in ({}, _ANY_OBJECT):
        return value | {"type": _type_name(outer)}
    items = outer.pop("items", None)
    if items is not None:
        value["items"] = _type_name(as_object(items, "items"))
    value |= {word: outer.pop(keyword) for keyword, word in _WORDS.items() if keyword in outer}
    return value | ({"unexplained": outer} if outer else {})


def is_inferred(part: JsonObject) -> bool:
    """Return whether this part of the document is marked as an assumption."""
    return part.get("x-inferred") is True


def _parameter(parameter: JsonObject) -> JsonObject:
    observed = observed_value(inside(parameter, "schema")) | {
        "required": parameter.get("required", False),
        "inferred": is_inferred(parameter),
    }
    if "x-allowed-values" in parameter:
        observed["allowed"] = parameter["x-allowed-values"]
    return observed


def _request(request: JsonObject) -> JsonObject:
    return {
        "schema": _body(request),
        "required": request.get("required", False),
        "inferred": is_inferred(request),
    }


def _response(response: JsonObject) -> JsonObject:
    return {"body": _body(response), "inferred": is_inferred(response)}


def _body(part: JsonObject) -> str | None:
    content = inside(part, "content")
    if not content:
        return None
    assert list(content) == ["application/json"]
    schema = inside(content, "application/json", "schema")
    if schema == _UNKNOWN:
        return "unknown"
    parts = objects(schema.get("anyOf", [schema]), "anyOf")
    return " or ".join(
        f"{_type_name(inside(part, 'items'))}[]"
        if part.get("type") == "array"
        else _type_name(part)
        for part in parts
    )


def _type_name(schema: JsonObject) -> str:
    if schema == _ANY_OBJECT:
        return "object"
    if schema == {}:
        return "any"
    if list(schema) == ["$ref"]:
        return str(schema["$ref"]).removeprefix("#/components/schemas/")
    if list(schema) == ["anyOf"]:
        return " or ".join(_type_name(choice) for choice in objects(schema["anyOf"], "anyOf"))
    # Anything more than a type is a rule that the tables do not know: it must show up as a
    # difference.
    return str(schema["type"]) if list(schema) == ["type"] else f"unexplained {schema}"
