"""Follow a document that the handlers were not written for, and say where that does not work.

Requests are read as the document describes them, and handed to the handlers as they know them;
answers are made to fit. What no handler can answer is answered from its schema.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, cast

from attrs import evolve

from ..contract.answers import Reply
from ..contract.document import (
    JSON_MEDIA_TYPE,
    Document,
    Operation,
    json_media_type,
    json_schema,
    other_media_type,
    outside_paths,
)
from ..contract.fitting import Fitting
from ..contract.json_types import JsonObject
from ..contract.recognition import nameless
from ..contract.validation import Contract, place_in
from ..contract.vocabulary import with_own_statuses
from ..simulation.runs import STATUSES
from .handlers import HANDLERS
from .lists import DEFAULT_LIMIT
from .samples import samples

MAX_PLACES = 5
_LISTS_OF_RUNS = frozenset({("GET", "/v1/runs"), ("GET", "/v1/batches")})
_READ_BY_LISTS = ("limit", "pq")


def own_query(document: Document, operation: Operation, query: JsonObject) -> JsonObject:
    """Return the query as the handlers know it.

    A page is no longer than the document allows, required fields are among `fields`, and statuses
    in `q` are in the server's words.
    """
    found = dict(query)
    limit = next((one.schema for one in operation.parameters if one.name == "limit"), None)
    if limit is not None and "limit" not in query:
        found["limit"] = _default_limit(document.resolve(limit))
    if query.get("fields"):
        required = document.row_schema(operation).get("required", ())
        asked: object = query["fields"]
        names = cast("list[object]", asked) if isinstance(asked, list) else [asked]
        found["fields"] = ",".join(map(str, (*names, *required)))
    if isinstance(query.get("q"), str) and operation.signature in _LISTS_OF_RUNS:
        found["q"] = with_own_statuses(query["q"], document.statuses_of(operation), STATUSES)
    return found


def _default_limit(schema: JsonObject) -> int:
    stated = schema.get("default")
    if isinstance(stated, int):
        return stated
    most = [part["maximum"] for part in (schema, *schema.get("anyOf", ())) if "maximum" in part]
    return int(min((DEFAULT_LIMIT, *most)))


def fitting_reply(
    contract: Contract, operation: Operation | None, status: int, reply: Reply
) -> Reply:
    """Return the reply of this status with a status, body and media type of the document."""
    response = None if operation is None else operation.response(status)
    if operation is not None and response is None and status < 400:
        status = operation.success_status
        response = operation.response(status)
    schema = contract.error_schema if response is None else json_schema(response)
    if isinstance(reply.body, bytes) and response and other_media_type(response) is not None:
        return evolve(reply, status=status)
    if schema is None:
        return evolve(reply, status=status, body=None if response is not None else reply.body)
    body = Fitting(contract).fit(schema, reply.body)
    media_type = None if response is None else json_media_type(response)
    return evolve(reply, status=status, body=body, media_type=media_type or JSON_MEDIA_TYPE)


@lru_cache(maxsize=8)
def differences(contract: Contract) -> tuple[str, ...]:
    """Return where the document and the server differ, a line each; none if it is the server's own.

    A line says which operation, and whether the server follows.
    """
    return tuple(_differences(contract)) if contract.follows else ()


def _differences(contract: Contract) -> Iterator[str]:
    document = contract.document
    for name in sorted({name for one in document.operations for name in one.unread_schemes}):
        yield (
            f"security scheme {name}: its key is not read; the key is taken as "
            "Authorization: Bearer"
        )
    there = {operation.signature: operation for operation in document.operations}
    outside = {nameless(path) for path in outside_paths()}
    for signature, handler in sorted(HANDLERS.items(), key=lambda one: one[1].name):
        if signature not in there and signature[1] not in outside:
            yield f"{handler.name}: the document has no {signature[0]} {handler.path}"
    for signature, operation in there.items():
        if signature not in HANDLERS:
            yield f"{operation}: new; every answer is made from its schema"
    for signature, operation in there.items():
        if signature in HANDLERS:
            yield from _differences_of(contract, operation)
    for operation in document.operations:
        for status, response in operation.responses.items():
            schema = json_schema(response)
            if schema is None or schema == contract.error_schema:
                continue
            contract.problems(schema, None)  # what is wrong with a schema shows once it is used
            if reason := contract.unusable.get(id(schema)):
                yield f"{operation}, answer {status}: not checked, its schema is wrong: {reason}"


def _differences_of(contract: Contract, operation: Operation) -> Iterator[str]:
    fitting, wrong = Fitting(contract), dict[str, None]()
    schema = json_schema(operation.response(operation.success_status) or {})
    own = [sample for sample in samples() if sample.signature == operation.signature]
    for sample in own:
        if schema is not None:
            fitting.fit(schema, sample.answer)
        if operation.body_schema is not None:
            problems = contract.problems(operation.body_schema, sample.body)
            wrong |= dict.fromkeys(f"at {place_in(one)}: {one.message[:100]}" for one in problems)
    if schema is None and any(sample.answer is not None for sample in own):
        yield f"{operation}: the document has no JSON body for its success; none is sent"
    yield from _lines(f"{operation}: cannot be followed", fitting.made_up)
    yield from _lines(f"{operation}: followed", fitting.followed)
    for reason in wrong:
        yield f"{operation}: the body is not the one that the server reads: {reason}"
    yield from _not_taken(contract.document, operation)


def _not_taken(document: Document, operation: Operation) -> Iterator[str]:
    """Yield the parameters that the server reads of a list and the document does not have."""
    if operation.method != "GET" or not document.item_schema(operation):
        return
    there = {parameter.name for parameter in operation.parameters}
    missing = [name for name in _READ_BY_LISTS if name not in there]
    if missing:
        yield f"{operation}: the document has no {' and '.join(missing)}, by which pages are read"


def _lines(head: str, places: dict[str, Any]) -> Iterator[str]:
    if not places:
        return
    shown = [f"{place or 'the answer'} ({what})" for place, what in places.items()]
    more = [f"and {len(shown) - MAX_PLACES} more"] if len(shown) > MAX_PLACES else []
    yield f"{head}: {'; '.join((*shown[:MAX_PLACES], *more))}"
