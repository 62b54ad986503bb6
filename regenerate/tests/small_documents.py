"""Small OpenAPI documents for tests: one sound operation, and whatever a test puts into it."""

from ..correct.corrected import CorrectedDocument, correct
from ..document.json_tree import JSONObject, JSONValue, object_at
from ..naming.operation_names import NamingTable

THING: JSONObject = {"type": "object", "properties": {"id": {"type": "string"}}}


def corrected(document: JSONObject) -> JSONObject:
    """Return the document corrected without overlays or table."""
    return corrected_with(document, NamingTable()).document


def corrected_with(document: JSONObject, table: NamingTable) -> CorrectedDocument:
    """Return the document corrected without overlays, and how it came about."""
    return correct(document, None, table)


def only_operation(document: JSONObject) -> JSONObject:
    """Return the operation of a corrected document that has one."""
    paths = object_at(document, "paths")
    (item,) = (object_at(paths, path) for path in paths)
    (operation,) = (object_at(item, method) for method in item)
    return operation


def answering(schema: JSONValue, **components: JSONValue) -> JSONObject:
    """Return a document whose one operation, `GET /v1/things/{id}`, answers with the schema."""
    return with_operation({"responses": {"200": json_answer(schema)}}, **components)


def taking(schema: JSONValue, **components: JSONValue) -> JSONObject:
    """Return a document whose one operation, `POST /v1/things`, takes the schema as its body."""
    body: JSONObject = {"required": True, "content": {"application/json": {"schema": schema}}}
    operation: JSONObject = {"requestBody": body, "responses": {"204": {"description": "Done."}}}
    return with_paths({"/v1/things": {"post": operation}}, **components)


def with_operation(operation: JSONObject, **components: JSONValue) -> JSONObject:
    """Return a document with one operation, `GET /v1/things/{id}`, and component schemas.

    Its path parameter is added.
    """
    parameters = operation.get("parameters")
    given = parameters if isinstance(parameters, list) else []
    in_path: JSONObject = {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string"},
    }
    full: JSONObject = {
        "responses": {"200": {"description": "OK."}},
        **operation,
        "parameters": [in_path, *given],
    }
    return with_paths({"/v1/things/{id}": {"get": full}}, **components)


def with_paths(paths: JSONObject, **components: JSONValue) -> JSONObject:
    """Return a document with these paths and component schemas."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1.0.0"},
        "paths": paths,
        "components": {"schemas": {**components}},
    }


def json_answer(schema: JSONValue) -> JSONObject:
    """Return an answer whose JSON body has the schema."""
    return {"description": "OK.", "content": {"application/json": {"schema": schema}}}


def reference(name: str) -> JSONObject:
    """Return a reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}
