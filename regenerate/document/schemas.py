"""What a JSON schema is made of.

These are its keywords by kind and its subschemas, and the places of schemas in a document.
"""

from collections.abc import Callable, Iterator

from .json_tree import (
    HTTP_METHODS,
    JSONObject,
    JSONValue,
    at_pointer,
    local_pointer,
    object_at,
    objects_at,
    pointer,
    text_at,
)

_MAX_VARIANTS = 100

ANNOTATIONS = ("description", "deprecated", "readOnly", "writeOnly", "x-inferred")

NOT_SENT, NOT_READ = "x-not-sent", "x-not-read"
"""The properties of an object that travel one way only, between two steps of the correction."""

_NUMBER_KEYWORDS = (
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
)
KEYWORDS_OF_TYPE = {
    "string": (
        "format",
        "minLength",
        "maxLength",
        "pattern",
        "contentMediaType",
        "contentEncoding",
    ),
    "integer": _NUMBER_KEYWORDS,
    "number": _NUMBER_KEYWORDS,
    "boolean": (),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
    "object": (
        "properties",
        "required",
        "additionalProperties",
        "minProperties",
        "maxProperties",
        NOT_SENT,
        NOT_READ,
    ),
    "null": (),
}
COMBINING = ("allOf", "anyOf", "oneOf")
_LISTS = ("prefixItems", *COMBINING)
"""The keywords whose value is a list of schemas."""

# Everything that the generator, a template or a rule of the lint reads; the rest of a schema is
# left out.
KNOWN_KEYWORDS = frozenset(
    {"$ref", "type", "enum", "const", "default", "discriminator", *ANNOTATIONS, *COMBINING}.union(
        *KEYWORDS_OF_TYPE.values()
    )
)

COMPONENTS = "#/components/schemas/"

Visit = Callable[[tuple[str | int, ...], JSONObject], JSONObject]


def reference(name: str) -> JSONObject:
    """Return a reference to the component schema of that name."""
    return {"$ref": COMPONENTS + pointer(name)[1:]}


def as_schema(value: JSONValue) -> JSONObject:
    """Return the schema as an object.

    `true` and everything that is not a schema become the schema that allows any value.
    """
    return value if isinstance(value, dict) else {}


def resolved(document: JSONObject, value: JSONValue) -> JSONObject:
    """Return the object that the value is or refers to.

    It is empty when the reference leads nowhere or in a circle.
    """
    found, seen = as_schema(value), set[str]()
    while "$ref" in found:
        where = local_pointer(text_at(found, "$ref"))
        if where is None or where in seen:
            return {}
        seen.add(where)
        try:
            found = as_schema(at_pointer(document, where))
        except KeyError:
            return {}
    return found


def variants(document: JSONObject, schema: JSONValue) -> Iterator[JSONObject]:
    """Yield the schema behind a reference; for a union, its variants."""
    waiting = [resolved(document, schema)]
    for found in waiting:
        inner = [*objects_at(found, "anyOf"), *objects_at(found, "oneOf")]
        if inner and len(waiting) < _MAX_VARIANTS:
            waiting += [resolved(document, variant) for variant in inner]
        else:
            yield found


def is_raw(schema: JSONObject) -> bool:
    """Return whether a schema says bytes as OpenAPI 3.1 does.

    It has a media type that is not text, and no encoding.
    """
    kind = text_at(schema, "contentMediaType")
    is_text = kind.startswith("text/") or kind.endswith(("json", "xml"))
    return (
        bool(kind)
        and not is_text
        and "contentEncoding" not in schema
        and schema.get("type", "string") == "string"
    )


def subschemas(schema: JSONObject) -> Iterator[tuple[tuple[str | int, ...], JSONObject]]:
    """Yield the schemas directly inside a schema, each with its way from there.

    A way is `("properties", "id")` or `("items",)`.
    """
    properties = object_at(schema, "properties")
    for name in sorted(properties):
        yield ("properties", name), as_schema(properties[name])
    for key in ("items", "additionalProperties"):
        value = schema.get(key)
        if isinstance(value, dict):
            yield (key,), value
    for key in _LISTS:
        if key in schema:
            for index, value in enumerate(objects_at(schema, key)):
                yield (key, index), value


def map_subschemas(schema: JSONObject, visit: Visit) -> JSONObject:
    """Return a copy with every schema directly inside it replaced by `visit(way, schema)`."""
    result = dict(schema)
    if isinstance(schema.get("properties"), dict):
        properties = object_at(schema, "properties")
        result["properties"] = {
            name: visit(("properties", name), as_schema(properties[name]))
            for name in sorted(properties)
        }
    for key in ("items", "additionalProperties"):
        value = schema.get(key)
        if isinstance(value, dict):
            result[key] = visit((key,), value)
    for key in _LISTS:
        value = schema.get(key)
        if isinstance(value, list):
            result[key] = [visit((key, index), as_schema(item)) for index, item in enumerate(value)]
    return result


def contents(operation: JSONObject) -> Iterator[tuple[tuple[str, ...], JSONObject]]:
    """Yield the `content` objects of an operation's parameters, body and answers.

    Each comes with its way from the operation.
    """
    for index, parameter in enumerate(objects_at(operation, "parameters")):
        if isinstance(parameter.get("content"), dict):
            yield ("parameters", str(index), "content"), object_at(parameter, "content")
    body = object_at(operation, "requestBody")
    if isinstance(body.get("content"), dict):
        yield ("requestBody", "content"), object_at(body, "content")
    responses = object_at(operation, "responses")
    for status in sorted(responses):
        answer = object_at(responses, status)
        if isinstance(answer.get("content"), dict):
            yield ("responses", status, "content"), object_at(answer, "content")


def schema_holders(operation: JSONObject) -> Iterator[tuple[tuple[str, ...], JSONObject]]:
    """Yield every object of an operation that holds a `schema`, without its callbacks.

    Each comes with its way from the operation.
    """
    for index, parameter in enumerate(objects_at(operation, "parameters")):
        if "schema" in parameter:
            yield ("parameters", str(index)), parameter
    for way, content in contents(operation):
        for kind in sorted(content):
            media = object_at(content, kind)
            if "schema" in media:
                yield (*way, kind), media


def path_item_operations(item: JSONObject) -> Iterator[tuple[str, JSONObject]]:
    """Yield the operations of a path item with their methods, in the order of `HTTP_METHODS`."""
    for method in HTTP_METHODS:
        operation = item.get(method)
        if isinstance(operation, dict):
            yield method, operation


def all_operations(document: JSONObject) -> Iterator[tuple[tuple[str, ...], JSONObject]]:
    """Yield every operation with its way: those of paths, their callbacks, and the webhooks."""
    for section in ("paths", "webhooks"):
        items = object_at(document, section)
        for path in sorted(items):
            for method, operation in path_item_operations(object_at(items, path)):
                yield (section, path, method), operation
                for way, called in _callback_operations(operation):
                    yield (section, path, method, *way), called


def _callback_operations(operation: JSONObject) -> Iterator[tuple[tuple[str, ...], JSONObject]]:
    callbacks = object_at(operation, "callbacks")
    for name in sorted(callbacks):
        expressions = object_at(callbacks, name)
        for expression in sorted(expressions):
            for method, called in path_item_operations(object_at(expressions, expression)):
                yield ("callbacks", name, expression, method), called


def map_schemas(document: JSONObject, change: Callable[[JSONObject], JSONObject]) -> None:
    """Replace every outermost schema of an expanded document, in place, by `change(schema)`."""
    for _, operation in all_operations(document):
        for _, holder in schema_holders(operation):
            holder["schema"] = change(as_schema(holder["schema"]))
    schemas = object_at(object_at(document, "components"), "schemas")
    for name in sorted(schemas):
        schemas[name] = change(as_schema(schemas[name]))


def every_schema(document: JSONObject) -> list[JSONObject]:
    """Return every schema of an expanded document, the ones inside others too.

    They are the objects themselves, not copies.
    """
    found = [
        as_schema(holder["schema"])
        for _, operation in all_operations(document)
        for _, holder in schema_holders(operation)
    ]
    schemas = object_at(object_at(document, "components"), "schemas")
    found += [as_schema(schemas[name]) for name in sorted(schemas)]
    for schema in found:
        found.extend(inner for _, inner in subschemas(schema))
    return found
