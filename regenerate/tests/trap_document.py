"""A small document that holds, one after another, what the generator as it comes gets wrong."""

from copy import deepcopy
from typing import Any

JSONObject = dict[str, Any]


def reference(name: str) -> JSONObject:
    """Refer to a schema of the components."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: JSONObject) -> JSONObject:
    """Let null in, as the corrected document writes it."""
    return {"anyOf": [schema, {"type": "null"}]}


def json_response(schema: JSONObject) -> JSONObject:
    """Describe a JSON response."""
    return {"description": "JSON.", "content": {"application/json": {"schema": schema}}}


def operation(
    name: str,
    responses: JSONObject,
    *,
    parameters: list[JSONObject] | None = None,
    content: JSONObject | None = None,
    body_required: bool = True,
    **more: Any,
) -> JSONObject:
    """Describe an operation."""
    result: JSONObject = {
        "operationId": name,
        "tags": ["Things"],
        "summary": f"Call {name}",
        "responses": responses,
    }
    if parameters is not None:
        result["parameters"] = parameters
    if content is not None:
        result["requestBody"] = {"required": body_required, "content": content}
    return {**result, **more}


def parameter(
    place: str, name: str, schema: JSONObject, *, required: bool = False, **more: Any
) -> JSONObject:
    """Describe a parameter. One in a path is always required."""
    return {
        "name": name,
        "in": place,
        "required": required or place == "path",
        "schema": schema,
        **more,
    }


TEXT: JSONObject = {"type": "string"}
UUID: JSONObject = {"type": "string", "format": "uuid"}
DATE_TIME: JSONObject = {"type": "string", "format": "date-time"}
BYTES: JSONObject = {"type": "string", "format": "binary"}
STATUS: JSONObject = {"type": "string", "enum": ["queued", "running", "done"]}

SCHEMAS: JSONObject = {
    "JsonObject": {"type": "object", "additionalProperties": True},
    "Status": STATUS,
    "Color": {"type": "string", "enum": ["red", "green"]},
    "Level": {"type": "integer", "enum": [1, 2, 3]},
    "Part": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": TEXT, "size": {"type": "integer"}},
    },
    "Thing": {
        "type": "object",
        "required": ["id", "name"],
        "properties": {
            "id": UUID,
            "name": TEXT,
            "count": {"type": "integer"},
            "ratio": {"type": "number"},
            "active": {"type": "boolean"},
            "status": reference("Status"),
            "status_or_null": nullable(reference("Status")),
            "status_or_color": {"anyOf": [reference("Status"), reference("Color")]},
            "level": reference("Level"),
            "created_at": DATE_TIME,
            "created_or_null": nullable(DATE_TIME),
            "day": {"type": "string", "format": "date"},
            "tags": {"type": "array", "items": TEXT},
            "part": reference("Part"),
            "parts": {"type": "array", "items": reference("Part")},
            "metadata": nullable(reference("JsonObject")),
            "other": reference("Thing"),
            "anything": {},
            "kind": {"const": "thing"},
            "plain_secret": TEXT,
            "in": TEXT,
            "strange name\n\"'{{": TEXT,
        },
    },
    "ThingCreate": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": TEXT,
            "size": {"type": "integer", "default": 7},
            "when": DATE_TIME,
            "note": nullable(TEXT),
            "status": {**STATUS, "default": "queued"},
            "parts": {"type": "array", "items": reference("Part")},
        },
    },
    "Error": {
        "type": "object",
        "required": ["code"],
        "properties": {"code": TEXT, "message": TEXT},
    },
    "Cat": {
        "type": "object",
        "required": ["pet", "lives"],
        "properties": {"pet": {"const": "cat"}, "lives": {"type": "integer"}},
    },
    "Dog": {
        "type": "object",
        "required": ["pet"],
        "properties": {"pet": {"const": "dog"}, "name": TEXT},
    },
    "Closed": {"type": "object", "properties": {"a": TEXT}, "additionalProperties": False},
    "Counts": {"type": "object", "additionalProperties": {"type": "integer"}},
    "Upload": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": BYTES,
            "note": TEXT,
            "flag": {"type": "boolean"},
            "tags": {"type": "array", "items": TEXT},
            "part": reference("Part"),
        },
    },
}

ERROR = json_response(reference("Error"))
THING = json_response(reference("Thing"))
NOTHING: JSONObject = {"description": "Nothing."}

PATHS: JSONObject = {
    "/v1/models/{owner}/{slug}": {
        "get": operation(
            "get_model",
            {"200": THING},
            parameters=[
                parameter("path", "owner", TEXT),
                parameter("path", "slug", TEXT, **{"x-many-segments": True}),
            ],
        )
    },
    "/v1/things": {
        "get": operation(
            "list_things",
            {"200": json_response({"type": "array", "items": reference("Thing")}), "404": ERROR},
            parameters=[
                parameter("query", "limit", {"type": "integer", "default": 20}),
                parameter("query", "from_prev", {"type": "boolean", "default": False}),
                parameter("query", "id", UUID),
                parameter("query", "since", DATE_TIME),
                parameter("query", "status", reference("Status")),
                parameter("query", "tags", {"type": "array", "items": TEXT}),
                parameter("query", "q", nullable(TEXT), description="A filter."),
                parameter("header", "X-Request-Id", UUID),
                parameter("header", "X-Status", reference("Status")),
                parameter("header", "X-Flag", {"type": "boolean"}),
                parameter("header", "X-Organization-Id", nullable(TEXT)),
                parameter("cookie", "session", TEXT),
            ],
        ),
        "post": operation(
            "create_thing",
            {"201": THING, "422": ERROR, "5XX": ERROR},
            content={"application/json": {"schema": reference("ThingCreate")}},
        ),
    },
    "/v1/things/{id}": {
        "get": operation(
            "get_thing", {"200": THING, "404": ERROR}, parameters=[parameter("path", "id", UUID)]
        ),
        "delete": operation(
            "delete_thing",
            {"204": NOTHING, "404": ERROR},
            parameters=[parameter("path", "id", UUID)],
        ),
    },
    "/v1/pets": {
        "get": operation(
            "list_pets",
            {
                "200": json_response(
                    {"type": "array", "items": {"oneOf": [reference("Cat"), reference("Dog")]}}
                )
            },
        )
    },
    "/v1/uploads": {
        "post": operation(
            "upload",
            {"200": NOTHING},
            content={"multipart/form-data": {"schema": reference("Upload")}},
        )
    },
    "/v1/raw": {
        "post": operation("send_raw", {"200": NOTHING}, content={"image/png": {"schema": BYTES}})
    },
    "/v1/text": {
        "get": operation(
            "get_text", {"200": {"description": "Text.", "content": {"text/plain": {}}}}
        ),
        "post": operation("send_text", {"200": NOTHING}, content={"text/plain": {"schema": TEXT}}),
    },
    "/v1/form": {
        "post": operation(
            "send_form",
            {"200": NOTHING},
            content={"application/x-www-form-urlencoded": {"schema": reference("Part")}},
        )
    },
    "/v1/two-bodies": {
        "post": operation(
            "send_either",
            {"200": NOTHING},
            content={
                "application/json": {"schema": reference("Part")},
                "multipart/form-data": {"schema": reference("Upload")},
            },
        )
    },
    "/v1/maybe": {
        "put": operation(
            "send_maybe",
            {"200": NOTHING},
            content={"application/json": {"schema": nullable(reference("Part"))}},
            body_required=False,
        )
    },
    "/v1/picture": {
        "get": operation(
            "get_picture",
            {
                "200": {"description": "A picture.", "content": {"image/png": {"schema": BYTES}}},
                "404": ERROR,
            },
        )
    },
    "/v1/report": {
        "get": operation(
            "get_report",
            {
                "200": {
                    "description": "A report.",
                    "content": {
                        "application/json": {"schema": reference("Part")},
                        "application/pdf": {},
                    },
                }
            },
        )
    },
    "/v1/default": {"get": {**operation("get_default", {"default": THING}), "x-inferred": True}},
    "/v1/mixed": {
        "get": operation(
            "get_mixed",
            {
                "200": json_response(nullable(reference("Part"))),
                "404": ERROR,
                "4XX": THING,
                "default": ERROR,
            },
        )
    },
    "/v1/counts": {"get": operation("get_counts", {"200": json_response(reference("Counts"))})},
    "/v1/closed": {"get": operation("get_closed", {"200": json_response(reference("Closed"))})},
}


def document(paths: JSONObject | None = None, schemas: JSONObject | None = None) -> JSONObject:
    """Put a document together; without arguments the one with all the traps."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Traps", "version": "1"},
        "paths": deepcopy(PATHS if paths is None else paths),
        "components": {"schemas": deepcopy(SCHEMAS if schemas is None else schemas)},
    }
