"""The whole document: its head, its tags, its paths and its components."""

from typing import Final

from .callbacks import CALLBACKS
from .examples import EXAMPLES
from .facts import OperationFacts, OperationTable, RequestFacts, SchemaTable
from .json_types import JsonObject, inferred_mark, reference
from .operation_texts import OPERATION_TEXTS, TAG_TEXTS
from .parameters import build_parameters
from .responses import build_responses
from .schemas import build_schemas

RECONSTRUCTED_ON: Final = "2026-11-29"
RECONSTRUCTED_BECAUSE: Final = (
    "The published document could not be fetched when this project started. This one is rebuilt "
    "from public pages and "
    "public clients of the API. What they do not say carries x-inferred."
)

DESCRIPTION: Final = (
    "Run image, video and audio models, manage media, read the history of runs and configure "
    "webhooks. A request carries an API key as bearer token.\n\n"
    "This is the surface for integrations of customers. Operations for administrators and those "
    "that list reference data are left out. Where this reconstruction has one of the latter, it "
    "is marked x-inferred."
)

_BASIS_TEXTS: Final = {
    "older page": "An older reference page shows it; that it is still there is assumed.",
    "prose": "Mentioned in prose, its reference page was not visible.",
    "client code": "Called by a public client, not seen in the reference.",
    "inferred": "Assumed from the operations beside it.",
}


def build_document(operations: OperationTable, schemas: SchemaTable) -> JsonObject:
    """Return the OpenAPI document.

    Raises:
        KeyError: an operation, schema or request body has no text or no example.
    """
    paths: dict[str, JsonObject] = {}
    for operation in operations["operations"]:
        path_item = paths.setdefault(operation["path"], {})
        path_item[operation["method"].lower()] = _operation(operation, operations)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Runflow API",
            "version": "0.1.0",
            "description": DESCRIPTION,
            "x-reconstructed": True,
            "x-reconstructed-on": RECONSTRUCTED_ON,
            "x-reconstructed-because": RECONSTRUCTED_BECAUSE,
        },
        "servers": [{"url": "https://api.runflow.io", "description": "Production"}],
        "security": [{"HTTPBearer": []}],
        "tags": [{"name": name, "description": text} for name, text in TAG_TEXTS.items()],
        "paths": paths,
        "components": {
            "schemas": build_schemas(schemas),
            "securitySchemes": {"HTTPBearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(facts: OperationFacts, table: OperationTable) -> JsonObject:
    name = facts["operation"]
    summary, description = OPERATION_TEXTS[name]
    operation: JsonObject = {"operationId": name, "tags": [facts["tag"]], "summary": summary}
    if description:
        operation["description"] = description
    parameters = build_parameters(facts, table)
    if parameters:
        operation["parameters"] = parameters
    if facts["request"] is not None:
        operation["requestBody"] = _request_body(facts["request"])
    operation["responses"] = build_responses(facts, table["errors"])
    if name in CALLBACKS:
        operation["callbacks"] = CALLBACKS[name]
    if not facts["key"]:
        operation["security"] = []
    if facts["basis"] != "documented":
        operation |= inferred_mark({"inferred": True, "because": _BASIS_TEXTS[facts["basis"]]})
    return operation


def _request_body(facts: RequestFacts) -> JsonObject:
    name = facts["schema"]
    content = {"application/json": {"schema": reference(name), "example": EXAMPLES[name]}}
    return {"required": facts["required"], "content": content, **inferred_mark(facts)}
