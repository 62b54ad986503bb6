"""Where another document and the server differ, and what becomes of a query, as stored lists."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from runflow_mock.api.following import differences, own_query
from runflow_mock.api.handlers import HANDLERS
from runflow_mock.contract.document import Document, find_document
from runflow_mock.contract.validation import Contract

from ..snapshot import check_snapshot

SNAPSHOTS: Final = Path(__file__).with_name("tables")
LIMITS: Final[dict[str, dict[str, Any]]] = {
    "default": {"default": 7, "maximum": 5},
    "default 0": {"default": 0},
    "maximum": {"maximum": 20},
    "maximum of a branch": {"anyOf": [{"maximum": 30}, {"type": "null"}, {"maximum": 25}]},
    "default null": {"default": None, "maximum": 900},
    "none": {"type": "integer"},
}
QUERIES: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"limit": 3, "other": "x"},
    {"limit": None},
    {"fields": "name,price"},
    {"fields": ["name", "id"]},
    {"fields": ""},
    {"q": "status_code:completed"},
    {"q": ["status_code:completed"]},
)


def changed() -> dict[str, Any]:
    """Return the document with a change of every kind that the server has a line for."""
    content: dict[str, Any] = json.loads(find_document().read_text(encoding="utf-8"))
    paths, schemas = content["paths"], content["components"]["schemas"]
    schemes = content["components"]["securitySchemes"]
    schemes |= {"Certificate": {"type": "mutualTLS"}, "Basic": {"type": "http", "scheme": "basic"}}
    paths["/v1/readiness"]["get"]["security"] = [{"Certificate": []}]
    paths["/v1/assets"]["get"]["security"] = [{"Basic": []}, {"Certificate": []}]
    del paths["/v1/health"], paths["/v1/batches"]["get"]
    paths["/v1/new/{id}"] = {"get": {"responses": {"200": {"description": "new"}}}}
    del paths["/v1/billing/balance"]["get"]["responses"]["200"]["content"]
    for path, names in (("/v1/webhooks", ("limit", "pq")), ("/v1/assets", ("pq",))):
        listing = paths[path]["get"]
        listing["parameters"] = [one for one in listing["parameters"] if one["name"] not in names]
    run = schemas["Run"]["properties"]
    run["output"] = {"type": "integer", "minimum": 7}
    run["input"] = {"type": "boolean"}
    for name in ("duration_ms", "nodes_total", "nodes_completed"):
        run[name] = {"type": ["string", "null"]}
    for name in ("created_at", "started_at", "completed_at"):
        run[name] = {"type": ["integer", "null"]}
    asset = schemas["Asset"]["properties"]
    for name in ("name", "mime_type", "size_bytes", "asset_type", "source_type"):
        asset[name] = {"type": "boolean"}
    created = schemas["CallbackSecretCreate"]
    created |= {"required": ["reason"], "properties": {"label": {"type": "integer"}}}
    schemas["Readiness"]["pattern"] = "(?<"
    wrong = {"content": {"application/json": {"schema": {"type": 7}}}}
    paths["/v1/runs/{id}"]["get"]["responses"]["418"] = {"description": "wrong", **wrong}
    return content


def test_every_difference_is_told() -> None:
    contract = Contract(Document(changed(), frozenset(HANDLERS)))
    check_snapshot(SNAPSHOTS / "differences.txt", "\n".join(differences(contract)) + "\n")


def small(limit: dict[str, Any]) -> Document:
    """Return a document of three lists, whose rows have a status and required fields."""
    row = {"required": ["id", "name"], "properties": {"status_code": {"enum": ["completed"]}}}
    page = {"properties": {"items": {"items": row}}}
    answer = {"content": {"application/json": {"schema": page}}}
    parameter = {"name": "limit", "in": "query", "schema": {"$ref": "#/components/schemas/Limit"}}
    listing = {"get": {"parameters": [parameter], "responses": {"200": answer}}}
    no_page = {"get": {"responses": {"200": {"content": {"application/json": {"schema": row}}}}}}
    return Document(
        {
            "paths": {
                **dict.fromkeys(("/v1/runs", "/v1/batches", "/v1/webhooks"), listing),
                "/v1/billing/balance": no_page,
            },
            "components": {"schemas": {"Limit": limit}},
        },
        frozenset(HANDLERS),
    )


def queries() -> Iterator[str]:
    """What the handlers are asked for instead of what was asked for."""
    for name, limit in LIMITS.items():
        [listing, *_] = small(limit).operations
        found = [own_query(small(limit), listing, query).get("limit", "none") for query in QUERIES]
        yield f"limit, {name}: {found[:3]}"
    document = small({"maximum": 20})
    for query in QUERIES:
        yield f"{query}"
        for operation in document.operations:
            yield f"    {operation}: {own_query(document, operation, query)}"


def test_a_query_is_read_as_the_document_describes_it() -> None:
    check_snapshot(SNAPSHOTS / "own-queries.txt", "\n".join(queries()) + "\n")
