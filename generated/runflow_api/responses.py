"""From responses to what they hold: JSON, text or bytes, as the document says."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any, NoReturn, TypeVar

from .errors import DecodingError, InvalidResponse
from .http_library import httpx
from .types import File, Operation, Response

T = TypeVar("T")


def detailed(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> Response[T]:
    """Give a response with its parsed body."""
    return Response(
        status_code=response.status_code,
        content=response.content,
        headers=response.headers,
        parsed=parse(response),
    )


def json_body(operation: Operation, response: httpx.Response, read: Callable[[Any], T]) -> T:
    """Read a JSON body.

    Raises:
        InvalidResponse: the body is not JSON, or not what the document says.
    """
    try:
        text = response.content.decode(json.detect_encoding(response.content), "surrogatepass")
        value = _STRICT.decode(text)
    except (ValueError, RecursionError) as error:
        reason = "is empty" if not response.content else f"is not JSON ({type(error).__name__})"
        raise InvalidResponse(operation, response, reason) from None
    try:
        return read(value)
    except DecodingError as error:
        raise InvalidResponse(operation, response, error.reason, error.path) from None


def json_or_file_body(operation: Operation, response: httpx.Response, read: Callable[[Any], T]) -> T | File:
    """Read a JSON body, or take a body of another Content-Type as bytes: the document names several.

    Raises:
        InvalidResponse: the body says that it is JSON and is not, or is not what the document says.
    """
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if content_type == "application/json" or content_type.endswith("+json"):
        return json_body(operation, response, read)
    return file_body(response)


def text_body(operation: Operation, response: httpx.Response, read: Callable[[Any], T]) -> T:
    """Read a text body.

    Raises:
        InvalidResponse: the text is not what the document says.
    """
    try:
        return read(response.text)
    except DecodingError as error:
        raise InvalidResponse(operation, response, error.reason, error.path) from None


def file_body(response: httpx.Response) -> File:
    """Take the body as bytes, with its Content-Type."""
    return File(payload=BytesIO(response.content), mime_type=response.headers.get("Content-Type"))


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# json.loads would make one for each response.
_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)
