"""A document and a package to change, and what tests of the comparison need of both."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..correct.corrected import correct
from ..document.json_tree import JSONObject
from ..naming.operation_names import parse_table

Edit = Callable[[dict[str, Any]], object]

NAMES = parse_table(
    {
        "schemas": {
            "Run": ["GET /runs 200", "POST /runs 201", "GET /runs/{id} 200"],
            "RunCreate": ["POST /runs body"],
        }
    }
)
TEXT = {"type": "string"}
NULLABLE = {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def document() -> dict[str, Any]:
    """Return a document with what changes are made to.

    Parameters, a body, an answer, and schemas on both ways.
    """
    run = {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "string"},
            "cost": {"type": "string", "maxLength": 20},
            "status": {"type": "string", "enum": ["queued", "running"]},
            "nodes": {
                "type": "array",
                "items": {"type": "object", "properties": {"name": TEXT, "kind": TEXT}},
            },
        },
    }
    create = {
        "type": "object",
        "required": ["input"],
        "properties": {
            "input": {"type": "object", "additionalProperties": True},
            "mode": {"type": "string", "enum": ["fast", "good"]},
            "count": {"type": "integer", "maximum": 4, "default": 1},
        },
    }
    ok = {
        "description": "Fine.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Run"}}},
    }
    refused = {
        "description": "No.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 20}}
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/RunCreate"}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Small", "version": "1"},
        "servers": [{"url": "https://example.com"}],
        "paths": {
            "/runs": {
                "get": {
                    "tags": ["runs"],
                    "parameters": [limit],
                    "responses": {"200": ok, "404": refused},
                },
                "post": {"tags": ["runs"], "requestBody": body, "responses": {"201": ok}},
            },
            "/runs/{id}": {
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "get": {"tags": ["runs"], "responses": {"200": ok}},
            },
        },
        "components": {"schemas": {"Run": run, "RunCreate": create}},
    }


def corrected(value: dict[str, Any]) -> JSONObject:
    """Return the document as it is compared."""
    return correct(value, None, NAMES).document


def get(value: dict[str, Any]) -> dict[str, Any]:
    """Return GET /runs of the document."""
    found: dict[str, Any] = value["paths"]["/runs"]["get"]
    return found


def post(value: dict[str, Any]) -> dict[str, Any]:
    """Return POST /runs of the document."""
    found: dict[str, Any] = value["paths"]["/runs"]["post"]
    return found


def schema(value: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a schema of the document."""
    found: dict[str, Any] = value["components"]["schemas"][name]
    return found


def field(value: dict[str, Any], name: str, field: str) -> dict[str, Any]:
    """Return a field of a schema of the document."""
    found: dict[str, Any] = schema(value, name)["properties"][field]
    return found


OLD_MODULE = """
class Run:
    id: str
    cost: "str | None"

def build_request(run_id: str, *, limit: int = 20) -> "dict[str, str]": ...
def sync(run_id: str, *, limit: int = 20) -> Run: ...
"""


def package(folder: Path, text: str) -> Path:
    """Return a package of one operation."""
    operation = folder / "client" / "api" / "runs"
    operation.mkdir(parents=True)
    for place in (operation.parent.parent, operation.parent, operation):
        (place / "__init__.py").write_text("")
    (operation / "get_run.py").write_text(text)
    (operation.parent.parent / "decoding.py").write_text(
        "def number(value: object) -> int: ...\n" if text == OLD_MODULE else ""
    )
    return folder / "client"
