"""Bodies of every content type: what is JSON keeps its schema, text is a string, all the rest is bytes.

The generator knows few content types and drops the others. Here each body gets a type that it knows.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, cast

from attrs import frozen

from regenerate.operations import Document, document_operations, mapping, resolve

JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
# Any text/ type but one that a request may have: the generator's overrides do not tell requests from responses.
TEXT_RESPONSE: Final = "text/x-response"
FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")

SeveralContentTypes = Mapping[str, set[str]]
"""For each operation ("GET /path") the statuses that have JSON and other content types, too."""


@frozen
class Settled:
    """A document whose bodies the generator can read, and what it must be told about them."""

    document: dict[str, Any]
    content_type_overrides: dict[str, str]
    several: SeveralContentTypes


def settle_bodies(document: Document) -> Settled:
    """Give a copy of the document in which every body has a content type and a schema that the generator reads."""
    settled: dict[str, Any] = deepcopy(dict(document))
    overrides: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for operation in document_operations(settled):
        content = cast(dict[str, Any], operation.content)
        responses: dict[str, Any] = {}
        for status, response in mapping(content.get("responses")).items():
            own = deepcopy(dict(resolve(settled, response)))
            if own.get("content"):
                own["content"], has_others = _response_content(mapping(own["content"]))
                if has_others:
                    several.setdefault(operation.place, set()).add(status)
            responses[status] = own
        content["responses"] = responses
        if "requestBody" in content:
            body = deepcopy(dict(resolve(settled, content["requestBody"])))
            body["content"] = _request_content(mapping(body.get("content")), overrides)
            content["requestBody"] = body
    return Settled(settled, overrides, several)


def is_json(content_type: str) -> bool:
    """Whether a content type says JSON."""
    essence = _essence(content_type)
    return essence == JSON or essence.endswith("+json")


def _response_content(content: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    as_json = [_schema(media) for content_type, media in content.items() if is_json(content_type)]
    if as_json:
        distinct = [schema for index, schema in enumerate(as_json) if schema not in as_json[:index]]
        schema = distinct[0] if len(distinct) == 1 else {"anyOf": distinct}
        return {JSON: {"schema": schema}}, len(as_json) < len(content)
    if all(_essence(content_type).startswith("text/") for content_type in content):
        return {TEXT_RESPONSE: {"schema": {"type": "string"}}}, False
    return {BYTES: {"schema": {"type": "string", "format": "binary"}}}, False


def _request_content(content: Mapping[str, Any], overrides: dict[str, str]) -> dict[str, Any]:
    settled: dict[str, Any] = {}
    for content_type, media in content.items():
        essence = _essence(content_type)
        if is_json(content_type) or essence in FORMS:
            settled[content_type] = {**mapping(media), "schema": _schema(media)}
        elif essence.startswith("text/") and "*" not in essence:
            settled[content_type] = {"schema": {"type": "string"}}
            overrides[content_type] = BYTES
        else:
            # No request can say "any type".
            name = BYTES if "*" in essence else content_type
            settled[name] = {"schema": {"type": "string", "format": "binary"}}
            overrides[name] = BYTES
    return settled


def _schema(media: object) -> Any:
    schema = mapping(media).get("schema")
    return {} if schema is None or schema is True else schema


def _essence(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()
