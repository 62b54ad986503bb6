"""The answers of an operation.

Its success statuses with their bodies and links, and the error envelope.
"""

from http import HTTPStatus
from typing import Final

from .facts import ErrorFacts, OperationFacts, ResponseFacts
from .json_types import JsonObject, any_object, inferred_mark, reference
from .links import LINKS

_ERROR_TEXTS: Final = {
    "400": "The request has the wrong shape.",
    "401": "The key is missing or not valid.",
    "402": "There is not enough credit.",
    "403": "The key may not do this.",
    "404": "There is no such resource, or it belongs to another organization.",
    "409": "The idempotency key was used with another body.",
    "422": "A value is not valid: the details are in errors.",
    "429": "Too many requests.",
    "503": "The service is not available.",
}


def build_responses(operation: OperationFacts, error: ErrorFacts) -> JsonObject:
    """Return all answers by status, sorted."""
    responses: JsonObject = {
        status: _response(operation["operation"], status, facts)
        for status, facts in operation["responses"].items()
    }
    for status in operation["errors"]:
        responses[status] = {
            "description": _ERROR_TEXTS[status],
            "content": _content(error["body"]),
        } | inferred_mark(error)
    return dict(sorted(responses.items()))


def _response(operation_name: str, status: str, facts: ResponseFacts) -> JsonObject:
    response: JsonObject = {
        "description": _ERROR_TEXTS.get(status) or f"{HTTPStatus(int(status)).phrase}."
    }
    if facts["body"] is not None:
        response["content"] = _content(facts["body"])
    # Links are for the answers that exist: a created resource.
    if operation_name in LINKS and status.startswith("2"):
        response["links"] = LINKS[operation_name]
    return response | inferred_mark(facts)


def _content(body: str) -> JsonObject:
    return {"application/json": {"schema": _body_schema(body)}}


def _body_schema(body: str) -> JsonObject:
    if body == "unknown":
        return {"anyOf": [any_object(), {"type": "array", "items": any_object()}]}
    parts = [_part_schema(part) for part in body.split(" or ")]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _part_schema(part: str) -> JsonObject:
    if part.endswith("[]"):
        return {"type": "array", "items": reference(part.removesuffix("[]"))}
    return reference(part)
