"""What a handler returns (a reply) or raises (a refusal in the API's error envelope)."""

from collections.abc import Iterable
from http import HTTPStatus
from xml.sax.saxutils import escape

from attrs import field, frozen

from .json_types import JsonObject

# The error codes of the API by status. A refusal may have a more precise one.
CODES = {
    400: "BAD_REQUEST",
    401: "UNAUTHORIZED",
    402: "INSUFFICIENT_CREDIT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    422: "VALIDATION_ERROR",
    429: "RATE_LIMITED",
    500: "INTERNAL_ERROR",
    503: "SERVICE_UNAVAILABLE",
}


@frozen
class Reply:
    """An answer.

    `status` None is the documented status. `body` is a JSON value, bytes as they are, or None.
    """

    body: object = None
    status: int | None = None
    headers: dict[str, str] = field(factory=dict[str, str])
    media_type: str = "application/json"


class Refusal(Exception):
    """The request is refused, with the API's error envelope as the answer."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        errors: list[JsonObject] | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code if code is not None else default_code(status)
        self.message = message
        self.errors = errors
        self.headers = headers if headers is not None else {}

    def reply(self) -> Reply:
        """Return the answer in the error envelope."""
        body = {"code": self.code, "message": self.message, "errors": self.errors}
        return Reply(body, self.status, self.headers)


def default_code(status: int) -> str:
    """Return the error code of a status for which no more precise one is given."""
    if status in CODES:
        return CODES[status]
    try:
        return HTTPStatus(status).name
    except ValueError:
        return f"HTTP_{status}"


def not_allowed(method: str, allowed: Iterable[str]) -> Refusal:
    """Return a 405 that names the methods that are allowed."""
    headers = {"Allow": ", ".join(allowed)}
    return Refusal(405, f"{method} is not allowed here", headers=headers)


def invalid(location: list[str | int], message: str, kind: str) -> Refusal:
    """Return a 422 with one entry in `errors`: `loc`, `msg` and `type`."""
    return Refusal(422, message, errors=[{"loc": location, "msg": message, "type": kind}])


def not_found(what: str, identifier: str, code: str | None = None) -> Refusal:
    """Return a 404 that names the missing thing."""
    return Refusal(404, f"{what} {identifier} does not exist", code=code)


def storage_error(status: int, code: str, message: str) -> Reply:
    """Return an error in the XML of an object storage."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    )
    return Reply(body.encode(errors="replace"), status, media_type="application/xml")
