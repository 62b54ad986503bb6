"""Settle bodies of every content type: JSON keeps its schema, text is a string, the rest bytes."""

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from ..document.content_types import JSON, MULTIPART, TEXT_JSON, essence_of, has_fields, is_json
from ..document.json_tree import JSONObject, JSONValue, canonical_bytes, copy_document, object_at
from ..document.module_operations import module_operations

BYTES: Final = "application/octet-stream"
# Any text/ type but one that a request may have: the generator's overrides do not tell requests
# from responses.
TEXT_RESPONSE: Final = "text/x-response"

SeveralContentTypes = Mapping[str, set[str]]
"""For each module (tag/name) the statuses that have JSON and other content types, too."""


@frozen
class Settled:
    """A document whose bodies the generator can read, and what it must be told about them."""

    document: JSONObject
    content_type_overrides: dict[str, str]
    several: SeveralContentTypes


def settle_bodies(document: JSONObject) -> Settled:
    """Return a copy in which the generator can read the content type and schema of every body."""
    settled = copy_document(document)
    overrides: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for operation in module_operations(settled):
        responses = object_at(operation.data, "responses")
        for status in responses:
            response = object_at(responses, status)
            content = object_at(response, "content")
            if content:
                response["content"] = _response_content(content)
                if JSON in object_at(response, "content") and not all(map(is_json, content)):
                    several.setdefault(operation.module, set()).add(status)
        body = object_at(operation.data, "requestBody")
        if body:
            body["content"] = _request_content(object_at(body, "content"), overrides)
    return Settled(settled, overrides, several)


def _response_content(content: JSONObject) -> JSONObject:
    schemas: list[JSONValue] = []
    for content_type in content:
        if is_json(content_type) and (schema := _schema(content, content_type)) not in schemas:
            schemas.append(schema)
    if schemas:
        return {JSON: {"schema": schemas[0] if len(schemas) == 1 else {"anyOf": schemas}}}
    if all(essence_of(content_type).startswith("text/") for content_type in content):
        return {TEXT_RESPONSE: {"schema": {"type": "string"}}}
    return {BYTES: {"schema": {"type": "string", "format": "binary"}}}


def _request_content(content: JSONObject, overrides: dict[str, str]) -> JSONObject:
    settled: JSONObject = {}
    for content_type in _chosen(content):
        essence = essence_of(content_type)
        if has_fields(content_type):
            # No request can say "any type", and the generator knows JSON below text/ only when
            # told.
            name = JSON if is_json(content_type) and "*" in essence else content_type
            settled[name] = {"schema": _schema(content, content_type)}
            if essence == TEXT_JSON:
                overrides[name] = JSON
        elif _is_text(content_type):
            settled[content_type] = {"schema": {"type": "string"}}
            overrides[content_type] = BYTES
        else:
            name = BYTES if "*" in essence else content_type
            settled[name] = {"schema": {"type": "string", "format": "binary"}}
            overrides[name] = BYTES
    return settled


def _chosen(content: JSONObject) -> list[str]:
    """Choose, among content types that take the same value, the one that is sent.

    The value alone must say which is meant.
    """
    best: dict[bytes, str] = {}
    for content_type in sorted(content, key=_rank):
        if has_fields(content_type):
            taken = canonical_bytes(_schema(content, content_type))
        else:
            taken = b"text" if _is_text(content_type) else b"bytes"
        best.setdefault(taken, content_type)
    return [content_type for content_type in content if content_type in best.values()]


def _rank(content_type: str) -> tuple[bool, bool, bool, str]:
    essence = essence_of(content_type)
    return (
        "*" in essence,
        not is_json(content_type),
        essence not in (JSON, "text/plain", MULTIPART),
        content_type,
    )


def _is_text(content_type: str) -> bool:
    essence = essence_of(content_type)
    return essence.startswith("text/") and "*" not in essence and not is_json(content_type)


def _schema(content: JSONObject, content_type: str) -> JSONValue:
    schema = object_at(content, content_type).get("schema")
    return {} if schema is None or schema is True else schema
