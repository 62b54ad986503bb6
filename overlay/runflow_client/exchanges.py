"""One call to the API as a flow: sent with retries, errors turned into ours, the answer read into its type."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from runflow_api.errors import ApiError as GeneratedError
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .deadlines import Deadline
from .errors import (
    ApiError,
    ConnectFailed,
    ConnectionLost,
    RedirectRefused,
    RequestTimeout,
    ServerError,
    TransportError,
    UnreadableAnswer,
    api_error_type,
)
from .flows import Context, Flow, send, sleep
from .headers import ANSWER_REQUEST_IDS, IDEMPOTENCY_KEY
from .json_shapes import as_object, as_text, objects_in
from .logs import log
from .redaction import redact, redact_all, redact_url
from .retries import RATE_LIMITED, REPEATABLE_METHODS, UNDELIVERED, is_retryable_status, retry_after

T = TypeVar("T")

_ENVELOPE: Final = frozenset({"code", "message", "errors", "detail"})

SHOWN_BODY = 500
"""Bytes of an unreadable body that an error shows."""


def call(
    context: Context,
    arguments: RequestArguments,
    parse: Callable[[httpx.Response], T],
    *,
    deadline: Deadline | None = None,
) -> Flow[T]:
    """Send the request, repeat it where that is safe, and read the answer with the operation's own `parse_response`.

    Raises ApiError for an error status, TransportError where no readable answer came.
    """
    response = yield from deliver(context, arguments, deadline=deadline)
    return read(response, parse)


def create(context: Context, arguments: RequestArguments, parse: Callable[[httpx.Response], T], kind: str) -> Flow[T]:
    """Send a create whose idempotency key makes every retry safe, and read what was created.

    An error that leaves open whether it was created says in a note with which key to make the call again.
    """
    try:
        return parse((yield from deliver(context, arguments)))
    except BaseException as error:
        if is_ambiguous(error):
            key = arguments.get("headers", {})[IDEMPOTENCY_KEY]
            error.add_note(
                f"The {kind} may have been created: make the same call again with idempotency_key={key!r}, "
                "which creates nothing twice."
            )
        raise


def is_ambiguous(error: BaseException) -> bool:
    """Whether the server may have acted although a request ended with this."""
    if isinstance(error, ApiError):
        return isinstance(error, ServerError)
    if isinstance(error, TransportError):
        return not isinstance(error, ConnectFailed | RedirectRefused)
    return not isinstance(error, Exception | GeneratorExit)


def deliver(
    context: Context,
    arguments: RequestArguments,
    *,
    deadline: Deadline | None = None,
    repeatable: bool | None = None,
) -> Flow[httpx.Response]:
    """Send the request until it succeeds, must not be repeated, or the attempts or the deadline are used up.

    `repeatable` says whether an attempt that may have been acted upon can be repeated; by default the method decides, and
    a POST can be when it carries an idempotency key. Attempts that cannot have been acted upon
    (no connection, 429) are repeated always.
    """
    if repeatable is None:
        repeatable = arguments["method"] in REPEATABLE_METHODS or IDEMPOTENCY_KEY in arguments.get("headers", {})
    policy = context.retries
    for attempt in range(1, policy.attempts + 1):
        last = attempt == policy.attempts or (deadline is not None and deadline.has_passed())
        try:
            response = yield from send(arguments, None if deadline is None else deadline.remaining())
        except httpx.TransportError as error:
            if last or not (repeatable or isinstance(error, UNDELIVERED)):
                raise transport_error(arguments, error) from error
            trouble, asked = type(error).__name__, None
        else:
            log.debug("%s %s was answered %d", arguments["method"], arguments["url"], response.status_code)
            if response.is_success:
                return response
            trouble = f"answered {response.status_code}"
            refused = response.status_code == RATE_LIMITED
            if last or not (refused or (repeatable and is_retryable_status(response.status_code))):
                return check(response)
            asked = retry_after(response)
            if asked is not None and asked > policy.longest_retry_after:
                return check(response)
        pause = policy.backoff(attempt, context.random()) if asked is None else asked
        if deadline is not None and (left := deadline.remaining()) is not None:
            pause = min(pause, left)
        log.info("%s %s is sent again in %.2f s: %s", arguments["method"], arguments["url"], pause, trouble)
        yield from sleep(pause)
    raise AssertionError("the last attempt returns or raises")


def check(response: httpx.Response) -> httpx.Response:
    """The response itself, if it is a success. Raises ApiError for an error status, UnreadableAnswer for a redirect."""
    if response.is_success:
        return response
    method, path = response.request.method, response.request.url.path
    if response.has_redirect_location:
        where = redact_url(response.headers["Location"])
        raise RedirectRefused(
            f"redirects are not followed, for the key would go along: the answer points to {where}",
            method=method,
            path=path,
            status=response.status_code,
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
    )


def read(response: httpx.Response, parse: Callable[[httpx.Response], T]) -> T:
    """The answer in its type. Raises UnreadableAnswer for whatever is not as the document has it."""
    try:
        return parse(response)
    except GeneratedError as error:
        raise unreadable(response, str(error)) from error


def unreadable(response: httpx.Response, reason: str) -> UnreadableAnswer:
    """The error for this answer, with the beginning of its body."""
    return UnreadableAnswer(
        redact(reason),
        method=response.request.method,
        path=response.request.url.path,
        status=response.status_code,
        body=redact(response.content[:SHOWN_BODY].decode("utf-8", "replace")),
        request_id=_request_id(response),
    )


def _request_id(response: httpx.Response) -> str | None:
    return next((response.headers[name] for name in ANSWER_REQUEST_IDS if name in response.headers), None)


def transport_error(arguments: RequestArguments, error: httpx.TransportError) -> TransportError:
    """Our error for one of the HTTP library's."""
    kind: type[TransportError] = ConnectionLost
    if isinstance(error, UNDELIVERED):
        kind = ConnectFailed
    elif isinstance(error, httpx.TimeoutException):
        kind = RequestTimeout
    text = redact(str(error)) or "no further word"
    return kind(f"{type(error).__name__}: {text}", method=arguments["method"], path=arguments["url"])


def _envelope(response: httpx.Response) -> tuple[str | None, str, list[Mapping[str, Any]]]:
    """Code, message and details of an error body: the documented envelope, the older `detail`, or the bare text."""
    try:
        body = as_object(json.loads(response.content))
    except (ValueError, RecursionError):
        body = None
    if body is not None and (inner := as_object(body.get("detail"))) is not None:
        body = inner
    if body is None or not _ENVELOPE & body.keys():
        return None, redact(response.content[:SHOWN_BODY].decode("utf-8", "replace")).strip(), []
    details = body.get("errors") or body.get("detail")
    code, message = body.get("code"), body.get("message") or as_text(details) or ""
    single = as_object(details)
    return (
        (None if code is None else redact(str(code))),
        redact(str(message)),
        objects_in(details) if single is None else [single],
    )


__all__ = ["ApiError", "call", "check", "deliver", "read", "transport_error", "unreadable"]
