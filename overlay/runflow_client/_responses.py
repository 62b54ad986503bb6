"""Read an answer into a model or an error, without losing what does not keep to the document."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, Protocol, Self, TypeVar
from uuid import UUID

from attrs import field, frozen
from runflow_api.encoding import json_value
from runflow_api.errors import ApiError as GeneratedError, DecodingError
from runflow_api.http_library import httpx
from runflow_api.types import UNSET, RequestArguments, Unset

from ._errors import (
    ConnectFailed,
    ConnectionLost,
    RedirectRefused,
    RequestTimeout,
    SendFailed,
    StorageRefused,
    TransportError,
    UnreadableAnswer,
    api_error_type,
)
from ._http import ANSWER_REQUEST_IDS, retry_after
from ._json import as_list, as_object, as_text, objects_in
from ._redaction import MAX_READ, redact, redact_all, redact_url
from ._validation import with_article

T = TypeVar("T")


_ENVELOPE: Final = frozenset({"code", "message", "errors", "detail"})


UNDELIVERED: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""Errors of requests that never reached the server. Sending those again is safe."""


MAX_SHOWN_BODY = 500
"""Characters of a body that an error shows."""

_ATTEMPTS: Final = "runflow_attempts"
"""The extension of a response that says how often its request was sent."""

_HIDES_BODY: Final = "runflow_hides_body"
"""The extension of a response that says that no error may show its body."""


def check(response: httpx.Response, attempts: int = 1) -> httpx.Response:
    """Return the response if it is a success.

    `attempts` is how often the request was sent. Raises ApiError for an error status, and
    RedirectRefused or UnreadableAnswer for the others.
    """
    response.extensions[_ATTEMPTS] = attempts
    if response.is_success:
        return response
    method, path = response.request.method, response.request.url.path
    if response.has_redirect_location:
        where = redact_url(response.headers["Location"])
        raise RedirectRefused(
            "redirects are not followed, because the key would go along: the answer points to "
            f"{where}",
            method=method,
            path=path,
            status=response.status_code,
            host=response.request.url.host,
            request_id=_request_id(response),
            attempts=attempts,
        )
    if response.status_code < 400:
        raise unreadable(response, "an answer that is neither a success nor an error")
    code, message, errors = _envelope(response)
    raise api_error_type(response.status_code)(
        status=response.status_code,
        method=method,
        path=path,
        code=code,
        message=message,
        errors=redact_all(errors),
        request_id=_request_id(response),
        retry_after=retry_after(response),
        host=response.request.url.host,
        attempts=attempts,
    )


def read(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> T:
    """Parse the answer. Raises UnreadableAnswer if it differs from the document."""
    try:
        return parse(response)
    except GeneratedError as error:
        raise unreadable(response, str(error)) from error


def unreadable(response: httpx.Response, reason: str) -> UnreadableAnswer:
    """Make the error for this answer, with the beginning of its body unless that is hidden."""
    return UnreadableAnswer(
        redact(reason),
        method=response.request.method,
        path=response.request.url.path,
        status=response.status_code,
        host=response.request.url.host,
        body="" if _HIDES_BODY in response.extensions else _beginning(response),
        request_id=_request_id(response),
        attempts=response.extensions.get(_ATTEMPTS, 1),
    )


def hide_body(response: httpx.Response) -> None:
    """Let no error show the body of this answer: it may hold a secret, or was not read whole."""
    response.extensions[_HIDES_BODY] = True


def _beginning(response: httpx.Response) -> str:
    """Return the beginning of the body, redacted before it is cut: a password is known by the `@`
    behind it.
    """
    return redact(response.content[:MAX_READ].decode("utf-8", "replace"))[:MAX_SHOWN_BODY]


def _request_id(response: httpx.Response) -> str | None:
    given = (response.headers.get(name) for name in ANSWER_REQUEST_IDS)
    return next((found for found in given if found), None)


def transport_error(
    arguments: RequestArguments, error: httpx.TransportError, attempts: int = 1
) -> TransportError:
    """Turn an error of the HTTP library into one of this client."""
    kind: type[TransportError] = ConnectionLost
    if isinstance(error, UNDELIVERED):
        kind = ConnectFailed
    elif isinstance(error, httpx.TimeoutException):
        kind = RequestTimeout
    return kind(
        _FAILURES[kind].format(host=_host(error), cause=show_cause(error)),
        method=arguments["method"],
        path=arguments["url"],
        attempts=attempts,
    )


def show_cause(error: Exception) -> str:
    """Say what the HTTP library raised, and why."""
    text = redact(str(error))
    return type(error).__name__ + (f": {text}" if text else "")


def send_failed(arguments: RequestArguments, error: Exception, attempts: int = 1) -> SendFailed:
    """Return the SendFailed for what a hook, a transport or the HTTP client itself raised."""
    text = redact(str(error)) or "without a reason"
    return SendFailed(
        f"the HTTP client raised {type(error).__name__}: {text}",
        method=arguments["method"],
        path=arguments["url"],
        attempts=attempts,
    )


_FAILURES: Final[dict[type[TransportError], str]] = {
    ConnectFailed: "could not connect to {host} ({cause})",
    RequestTimeout: "{host} did not answer in time ({cause})",
    ConnectionLost: "the connection to {host} broke ({cause})",
}


def _host(error: httpx.TransportError) -> str:
    try:
        return error.request.url.host
    except RuntimeError:  # the library raised it without a request
        return "the server"


_STORAGE_CODE: Final = rb"<Code>([A-Za-z0-9._-]{1,60})</Code>"


def storage_refused(
    method: str, url: str, response: httpx.Response, beginning: bytes
) -> StorageRefused:
    """Make the error for this answer of a storage, with the code that storages write into their
    XML error bodies; `beginning` is that of the body.
    """
    found = re.search(_STORAGE_CODE, beginning)
    error = StorageRefused(
        method=method,
        url=url,
        status=response.status_code,
        code=None if found is None else found[1].decode("ascii"),
    )
    error.retry_after = retry_after(response)
    return error


def _envelope(response: httpx.Response) -> tuple[str | None, str, list[Mapping[str, Any]]]:
    """Read code, message and details of an error body.

    It is the documented envelope, the older `detail`, or plain text.
    """
    try:
        body = as_object(json.loads(response.content))
    except (ValueError, RecursionError):
        body = None
    if body is not None and (inner := as_object(body.get("detail"))) is not None:
        body = inner
    if body is None or not _ENVELOPE & body.keys():
        return None, _beginning(response).strip(), []
    details = body.get("errors") or body.get("detail")
    code, message = body.get("code"), body.get("message") or as_text(details) or ""
    single = as_object(details)
    return (
        (None if code is None else redact(str(code))),
        redact(str(message)),
        objects_in(details) if single is None else [single],
    )


@frozen
class Page(Generic[T]):
    """One page: its items, and the cursors of the pages beside it, None at an end."""

    items: list[T] = field(hash=False)
    next: str | None
    previous: str | None


def read_page(
    response: httpx.Response,
    read_item: Callable[[Mapping[str, Any]], T],
    *,
    backward: bool = False,
) -> Page[T]:
    """Read the page in this answer, and leave out items that are not objects.

    Raises UnreadableAnswer if it is not a page, if the cursor of the page that follows (`backward`:
    of the previous one) cannot be read, for that page would be missing, or if `read_item` raises
    ValueError for an item.
    """
    body = read_object(response)
    items = body.get("items")
    if as_list(items) is None:
        raise unreadable(response, "a page without a list of items")
    try:
        found = [read_item(item) for item in objects_in(items)]
    except ValueError as error:
        raise unreadable(response, f"an item of the list cannot be used: {error}") from None
    cursors = [_cursor(body, "next", "next_pq"), _cursor(body, "previous", "prev_pq")]
    if cursors[backward] is UNSET:
        raise unreadable(response, "a page with a cursor that is no text")
    following, previous = (None if isinstance(cursor, Unset) else cursor for cursor in cursors)
    return Page(found, following, previous)


def _cursor(body: Mapping[str, Any], *names: str) -> str | Unset | None:
    """Return the first cursor of these names; None where there is none, UNSET for another type."""
    for value in map(body.get, names):
        if isinstance(value, str | int) and not isinstance(value, bool):
            if value != "":
                return str(value)
        elif value is not None:
            return UNSET
    return None


class Model(Protocol):
    """A generated model of an object."""

    additional_properties: dict[str, Any]

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read the model from a JSON object."""
        ...

    @classmethod
    def from_part(cls, source: Mapping[str, Any]) -> Self:
        """Read what can be read of a JSON object."""
        ...


M = TypeVar("M", bound=Model)


def read_model(
    response: httpx.Response, parse: Callable[[httpx.Response], object], model: type[M]
) -> M:
    """Read the answer with the operation's own `parse`, and leniently if that fails.

    Raises UnreadableAnswer if the answer is not an object.
    """
    try:
        answer = parse(response)
    except GeneratedError:
        return parse_leniently(model, read_object(response))
    if not isinstance(answer, model):
        raise unreadable(response, f"expected a {model.__name__}, not a {type(answer).__name__}")
    return answer


def check_deleted(response: httpx.Response) -> None:
    """Raise UnreadableAnswer for a body that is not JSON: a proxy's page says nothing of a delete.

    An empty body is fine.
    """
    if response.content.strip():
        _read_json(response)


def read_object(response: httpx.Response) -> dict[str, Any]:
    """Read the answer's JSON object. Raises UnreadableAnswer for anything else."""
    body = as_object(_read_json(response))
    if body is None:
        raise unreadable(response, "the body is not a JSON object")
    return body


def _read_json(response: httpx.Response) -> object:
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        raise unreadable(response, "the body is not JSON") from None


def parse_leniently(model: type[M], body: Mapping[str, Any]) -> M:
    """Read each field that can be read, and keep the others in `additional_properties`.

    A run must not be lost because the server sends one of its fields in a new form.
    """
    try:
        return model.from_dict(body)
    except DecodingError:
        return model.from_part(body)


def lenient(model: type[M]) -> Callable[[httpx.Response], M]:
    """Return a function that reads an answer leniently into this model."""
    return lambda response: parse_leniently(model, read_object(response))


def value_or_none(value: T | Unset | None) -> T | None:
    """Return the value, or None if it is absent or null."""
    return None if isinstance(value, Unset) else value


def plain(model: Model, field_name: str) -> Any:
    """Return a field as plain JSON, whatever class the document gives it; None where it is absent.

    A value in a form that the document does not know is among the additional properties.
    """
    found = value_or_none(getattr(model, field_name, None))
    if found is None:
        found = model.additional_properties.get(field_name.rstrip("_"))
    return json_value(found)


def identified(kind: str, subject_id: UUID | None) -> str:
    """Return the id as text. Raises ValueError if it is None."""
    if subject_id is None:
        raise ValueError(f"expected {with_article(kind)} with an id")
    return str(subject_id)


class HasId(Protocol):
    """A generated model with an id, which the server may have left out."""

    @property
    def id(self) -> UUID | Unset | None:
        """Its id."""
        ...


I = TypeVar("I", bound=HasId)  # noqa: E741


def require_id(response: httpx.Response, kind: str, model: I, expected: UUID | None = None) -> I:
    """Return the model that was read from this answer.

    Raises:
        UnreadableAnswer: it has no id, or another one than `expected`: a proxy may have sent an
            answer twice.
    """
    found = value_or_none(model.id)
    if found is None:
        raise unreadable(response, f"expected {with_article(kind)} with an id")
    if expected is not None and found != expected:
        raise unreadable(response, f"the answer shows another {kind}, {found}")
    return model
