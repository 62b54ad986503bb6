"""Errors: a value that cannot be read, and responses that are not what the document promises."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from .http_library import httpx
from .kinds import is_object
from .representation import without_secrets
from .types import Operation

_LONGEST_MESSAGE = 300
_CODE = r"[A-Za-z0-9_.:-]{1,80}"


class DecodingError(ValueError):
    """A JSON value is not what the document says.

    `path` names the place ("items[3].created_at", empty for the whole value), `reason` says what is wrong there.
    The value itself is never part of the text: it may be a secret. A `decisive` error is one of a variant that the
    value itself names: no other variant of the union is tried.
    """

    def __init__(self, reason: str, path: str = "", *, decisive: bool = False) -> None:
        self.reason = reason
        self.path = path
        self.decisive = decisive
        super().__init__(reason, path)

    def within(self, place: str | int) -> DecodingError:
        """Give the same error as seen from the object (name) or the list (index) that holds the value."""
        step = f"[{place}]" if isinstance(place, int) else place
        joint = "." if self.path and not self.path.startswith("[") else ""
        return DecodingError(self.reason, f"{step}{joint}{self.path}")

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason


class ApiError(Exception):
    """The server answered, but not as the caller hoped.

    `operation` says which call, `response` is the whole httpx.Response, `status_code` and `content` are taken from it.
    """

    def __init__(self, operation: Operation, response: httpx.Response, finding: str) -> None:
        self.operation = operation
        self.response = response
        self.finding = finding
        super().__init__(f"{operation.name}: {_place(operation, response)} {finding}")

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def content(self) -> bytes:
        """The body as it came."""
        return self.response.content

    def _arguments(self) -> tuple[Any, ...]:
        return self.operation, self.response

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return type(self), self._arguments()


class UnexpectedStatus(ApiError):
    """The server answered with a status that the document does not name for this operation."""

    def __init__(self, operation: Operation, response: httpx.Response) -> None:
        finding = f"answered {response.status_code}, which the document does not name ({_body(response)})"
        super().__init__(operation, response, finding)


class ErrorStatus(ApiError):
    """The server answered with a documented status outside 200 to 299. `parsed` is the documented body."""

    def __init__(self, operation: Operation, response: httpx.Response, parsed: Any) -> None:
        self.parsed = parsed
        super().__init__(operation, response, f"answered {response.status_code} ({_body(response)})")

    def _arguments(self) -> tuple[Any, ...]:
        return self.operation, self.response, self.parsed


class InvalidResponse(ApiError):
    """The status is documented, but the body cannot be read as documented.

    `path` names the place in the body (empty for the whole body), `reason` says what is wrong there.
    """

    def __init__(self, operation: Operation, response: httpx.Response, reason: str, path: str = "") -> None:
        self.reason = reason
        self.path = path
        where = f"at {path}: " if path else ""
        finding = f"answered {response.status_code} with an unreadable body: {where}{reason} ({_size(response)})"
        super().__init__(operation, response, finding)

    def _arguments(self) -> tuple[Any, ...]:
        return self.operation, self.response, self.reason, self.path


def _place(operation: Operation, response: httpx.Response) -> str:
    try:
        url = response.request.url
    except RuntimeError:  # a response that no request belongs to, as tests make them
        return f"{operation.method} {operation.path}"
    return f"{operation.method} {url.scheme}://{url.host}{url.path}"


def _size(response: httpx.Response) -> str:
    return f"{response.headers.get('Content-Type', 'no Content-Type')}, {len(response.content)} bytes"


def _body(response: httpx.Response) -> str:
    """Say the size of the body and, of a JSON error, its code and message. Query strings may be signed: left out."""
    try:
        said = json.loads(response.content)
    except (ValueError, RecursionError):
        return _size(response)
    if not is_object(said):
        return _size(response)
    code = said.get("code")
    message = said.get("message")
    parts = [_size(response)]
    if isinstance(code, str) and re.fullmatch(_CODE, code):
        parts.append(code)
    if isinstance(message, str):
        parts.append(without_secrets(" ".join(message.split()))[:_LONGEST_MESSAGE])
    return ": ".join(parts)


__all__ = ("ApiError", "DecodingError", "ErrorStatus", "InvalidResponse", "UnexpectedStatus")
