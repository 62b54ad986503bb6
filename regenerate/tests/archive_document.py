"""A sound OpenAPI document of 300 operations, as the archive of a library would publish it."""

from typing import Any, Final

from ..document.json_tree import JSONObject, JSONValue

_WORDS: Final = (
    "albums atlases autographs banners bequests bindings blueprints broadsides calendars "
    "cartoons catalogues charters "
    "clippings codices coins comics contracts diaries drawings engravings etchings fragments "
    "gazettes globes herbaria "
    "inscriptions interviews journals ledgers leaflets letters librettos lithographs manuals "
    "manuscripts maps medals "
    "minutes negatives newspapers notebooks pamphlets papyri photographs plates portraits "
    "posters recordings scrolls "
    "sketches"
)
COLLECTIONS: Final = _WORDS.split()
TEXT: Final[JSONObject] = {"type": "string"}


def document() -> JSONObject:
    """Return the document: each collection has list, create, read, replace, update and delete."""
    paths: JSONObject = {}
    schemas: JSONObject = {**_SHARED}
    for number, collection in enumerate(COLLECTIONS):
        name = collection.title()
        schemas |= _schemas(name, COLLECTIONS[number ^ 1].title())
        identity: JSONObject = {
            "name": "id",
            "in": "path",
            "required": True,
            "schema": {**TEXT, "format": "uuid"},
        }
        paths[f"/v1/{collection}"] = {
            "get": _operation(
                f"{name}_list_v1_get",
                collection,
                {
                    "200": _json(
                        {
                            "type": "object",
                            "required": ["items"],
                            "properties": {
                                "items": {"type": "array", "items": _ref(name)},
                                "next": {**TEXT, "nullable": True},
                            },
                        }
                    )
                },
                parameters=[
                    {"name": "after", "in": "query", "schema": {**TEXT, "format": "date-time"}},
                    {
                        "name": "state",
                        "in": "query",
                        "schema": {"type": "array", "items": _ref("State")},
                    },
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}},
                ],
            ),
            "post": _operation(
                f"{name}_create_v1_post",
                collection,
                {"201": _json(_ref(name))},
                body=_ref(f"New{name}"),
            ),
        }
        paths[f"/v1/{collection}/{{id}}"] = {
            "parameters": [identity],
            "get": _operation(
                f"{name}_get",
                collection,
                {"200": _json(_ref(name)), "304": {"description": "Known."}},
            ),
            "put": _operation(
                f"{name}_put", collection, {"200": _json(_ref(name))}, body=_ref(f"New{name}")
            ),
            "patch": _operation(
                f"{name}_patch", collection, {"200": _json(_ref(name))}, body=_patch(name)
            ),
            "delete": _operation(f"{name}_delete", collection, {"204": {"description": "Gone."}}),
        }
    return {
        "openapi": "3.0.3",
        "info": {"title": "Archive", "version": "1.0.0"},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _ref(name: str) -> JSONObject:
    return {"$ref": f"#/components/schemas/{name}"}


def _json(schema: JSONValue) -> JSONObject:
    return {"description": "JSON.", "content": {"application/json": {"schema": schema}}}


def _patch(name: str) -> JSONObject:
    return {"type": "object", "minProperties": 1, "properties": {"title": TEXT, "item": _ref(name)}}


def _operation(
    name: str, tag: str, responses: JSONObject, body: JSONValue = None, **more: Any
) -> JSONObject:
    result: JSONObject = {
        "operationId": name,
        "tags": [tag],
        "responses": {**responses, "default": _json(_ref("Error"))},
    }
    if body is not None:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    return {**result, **more}


def _schemas(name: str, other: str) -> JSONObject:
    """Return the schemas of a collection's items and of a new item.

    Items refer to those of another collection and back.
    """
    new: JSONObject = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": TEXT,
            "year": {"type": "integer", "nullable": True},
            "shelf": _ref("Shelf"),
        },
    }
    own: JSONObject = {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": {**TEXT, "format": "uuid"},
            "state": _ref("State"),
            "found": {"type": "array", "items": {"oneOf": [_ref("Scan"), _ref("Copy")]}},
            "beside": {"allOf": [_ref(other)], "nullable": True},
        },
    }
    return {f"New{name}": new, name: {"allOf": [_ref(f"New{name}"), own]}}


def _tagged(kind: str, **properties: JSONValue) -> JSONObject:
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {**TEXT, "enum": [kind]}, **properties},
    }


_SHARED: Final[JSONObject] = {
    "State": {**TEXT, "enum": ["open", "lent", "lost"]},
    "Shelf": {
        "type": "object",
        "properties": {"room": TEXT, "row": {"type": "integer", "enum": [1, 2, 3]}},
    },
    "Scan": _tagged("scan", pages={"type": "integer"}),
    "Copy": _tagged("copy", made_by=TEXT, of={"type": "array", "items": _ref("Scan")}),
    "Error": {
        "type": "object",
        "properties": {"code": TEXT, "errors": {"type": "array", "items": _ref("Error")}},
    },
}
