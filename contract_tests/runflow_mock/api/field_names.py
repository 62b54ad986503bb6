"""The fields that a list request names in `q`, `sort_by` and `fields`."""

import re
from collections.abc import Iterator

from ..contract.answers import Refusal, Reply
from ..contract.document import Document, Operation
from ..contract.json_types import JsonObject
from ..state.settings import REFUSE
from .filters import filter_terms
from .lists import parse_sort, text_of

WARNING_HEADER = "Runflow-Mock-Warning"
# Fields that items have although they cannot be filtered by.
UNFILTERABLE = {("GET", "/v1/runs"): frozenset({"metadata"})}
# Fields that are compared by equality only.
EXACT = {("GET", "/v1/runs"): frozenset({"client_ref"})}
# Lists that refuse a field they do not show, whatever the server's setting says.
CHECKED = frozenset({("GET", "/v1/public/models")})


def check_field_names(
    document: Document, operation: Operation, query: JsonObject, policy: str
) -> str | None:
    """Return a warning about the fields that the items of the list do not have, None if all exist.

    With the policy `refuse`, raise the 422 that lists them instead.
    """
    known = document.item_fields(operation)
    if not known:
        return None
    errors: list[JsonObject] = [
        {"loc": ["query", parameter], "msg": message, "type": "unknown_field"}
        for parameter, message in _problems(operation, query, known)
    ]
    if errors and (policy == REFUSE or operation.signature in CHECKED):
        raise Refusal(422, "the list has no such fields: see errors", errors=errors)
    return "; ".join(str(entry["msg"]) for entry in errors) or None


def with_warning(reply: Reply, warning: str | None) -> Reply:
    """Return the reply with the warning as a header."""
    if warning is None:
        return reply
    # No header holds line breaks, or ends with a blank.
    text = re.sub(r"[^ -~]", "?", warning)[:500].rstrip()
    headers = {**reply.headers, WARNING_HEADER: text}
    return Reply(reply.body, reply.status, headers, reply.media_type)


def _problems(
    operation: Operation, query: JsonObject, known: frozenset[str]
) -> Iterator[tuple[str, str]]:
    wanted, order, fields = (text_of(query, name) for name in ("q", "sort_by", "fields"))
    unfilterable = UNFILTERABLE.get(operation.signature, frozenset[str]())
    exact = EXACT.get(operation.signature, frozenset[str]())
    for name, operator in sorted(filter_terms(wanted) if wanted else ()):
        if name not in known:
            yield "q", f"there is no field {name[:100]}"
        elif name in unfilterable:
            yield "q", f"cannot filter by {name}"
        elif name in exact and operator != "eq":
            yield "q", f"{name} is compared by EQ only, not by {operator.upper()}"
    for key in parse_sort(order) if order else ():
        if key.field not in known:
            yield "sort_by", f"there is no field {key.field[:100]}"
    for name in fields.split(",") if fields else ():
        if name.strip() and name.strip() not in known:
            yield "fields", f"there is no field {name.strip()[:100]}"
