"""The parameters of an operation: its own, the organization header and the list query set."""

from typing import Final

from .facts import OperationFacts, OperationTable, ParameterFacts
from .json_types import JsonObject, inferred_mark, or_null

_TEXTS: Final = {
    "owner": "First segment of the model id.",
    "slug": "The rest of the model id. Model ids have 2 to 5 segments, so it may hold slashes "
    "and dots: keep them.",
    "X-Organization-Id": "The organization to act for. Without it: the organization of the key.",
    "Idempotency-Key": "Same key and same body: the first answer again. Same key and another "
    "body: 409.",
    "q": "Filter expression, such as client_ref.EQ:'my-reference'.",
    "limit": "Items on a page.",
    "sort_by": "Order, such as created_at:desc. Several are separated by commas.",
    "fields": "Properties to return, separated by commas. Without it: all.",
    "pq": "Cursor of the page, taken from the page before.",
    "from_prev": "Read backward from the cursor.",
    "add_signature": "Sign the URLs of the output.",
    "code": "Code of the event type.",
}
_ORDER: Final = ("path", "query", "header")
_EXAMPLES: Final = {"owner": "google", "slug": "nano-banana-pro"}


def build_parameters(operation: OperationFacts, table: OperationTable) -> list[JsonObject]:
    """Return the parameters in the order path, query, header."""
    facts = list(operation["parameters"])
    if "list_query" in operation:
        assumed = operation["list_query"] == "inferred"
        facts += [_assumed(shared) if assumed else shared for shared in table["list_query"]]
    if operation["organization"]:
        facts.append(table["organization"])
    facts.sort(key=lambda parameter: _ORDER.index(parameter["location"]))
    return [_parameter(parameter, operation["path"]) for parameter in facts]


def _assumed(facts: ParameterFacts) -> ParameterFacts:
    assumed = facts.copy()
    assumed["inferred"] = True
    return assumed


def _parameter(facts: ParameterFacts, path: str) -> JsonObject:
    value: JsonObject = {"type": facts["type"]}
    if "format" in facts:
        value["format"] = facts["format"]
    if "minimum" in facts:
        value["minimum"] = facts["minimum"]
    if "maximum" in facts:
        value["maximum"] = facts["maximum"]
    schema = or_null(value) if facts["nullable"] else value
    if "default" in facts:
        schema["default"] = facts["default"]
    # GET /v1/models/{owner}/{id} calls its slug "id".
    meaning = "slug" if facts["name"] == "id" and "{owner}" in path else facts["name"]
    parameter: JsonObject = {
        "name": facts["name"],
        "in": facts["location"],
        "required": facts["required"],
        "description": _text(facts, meaning),
        "schema": schema,
    }
    if meaning in _EXAMPLES:
        parameter["example"] = _EXAMPLES[meaning]
    if "allowed" in facts:
        parameter["x-allowed-values"] = facts["allowed"]
    return parameter | inferred_mark(facts)


def _text(facts: ParameterFacts, meaning: str) -> str:
    if "allowed" in facts:
        return f"Relations to include, separated by commas: {', '.join(facts['allowed'])}."
    owner = "resource" if meaning == "id" else meaning.removesuffix("_id").replace("_", " ")
    if "wildcard" in facts:
        return f"Id of the {owner}, or the word {facts['wildcard']} for all of them."
    return _TEXTS.get(meaning) or f"Id of the {owner}."
