"""What hooks and transports of the caller's HTTP client raise besides the errors of the network."""

from contextlib import suppress
from typing import Final, cast

from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._errors import RunflowError
from .._redaction import show_address
from .._responses import UNDELIVERED, send_failed

_MISTAKABLE: Final = (*UNDELIVERED, httpx.HTTPStatusError, RunflowError)
"""Errors that say of a request whether it was carried out."""

OF_TRANSFERS: Final = (httpx.TransportError, httpx.InvalidURL, RunflowError)
"""Errors of a transfer that its flow knows."""


class FileError(Exception):
    """The file that is sent cannot be read, or the caller's progress function raised."""

    def __init__(self, reason: Exception) -> None:
        self.reason = reason
        super().__init__(str(reason))


def answer_in(
    error: Exception, request: httpx.Request, arguments: RequestArguments
) -> httpx.Response:
    """Return the answer to this request that a hook has refused with `raise_for_status()`.

    Raises SendFailed for an error that is not about this request: a hook that makes another one may
    raise anything, after this one was carried out. Raises the error itself if it is about this one,
    or says nothing of what was carried out.
    """
    if not isinstance(error, _MISTAKABLE):
        raise error
    if not _is_about(error, request):
        raise send_failed(arguments, error) from error
    if not isinstance(error, httpx.HTTPStatusError):
        raise error
    return _reread(error.response)


def transfer_answer_in(error: Exception, request: httpx.Request) -> httpx.Response:
    """Return the storage's answer that a hook has refused.

    Raises the error itself if the flow of the transfer knows it, SendFailed for anything else.
    """
    if isinstance(error, OF_TRANSFERS):
        raise error
    if isinstance(error, FileError):
        raise error.reason
    if isinstance(error, httpx.HTTPStatusError) and _is_about(error, request):
        return _reread(error.response)
    shown: RequestArguments = {"method": request.method, "url": show_address(str(request.url))}
    raise send_failed(shown, error) from error


def _is_about(error: Exception, request: httpx.Request) -> bool:
    if isinstance(error, RunflowError):
        return False
    with suppress(RuntimeError):  # raised without a request
        return cast("httpx.RequestError | httpx.HTTPStatusError", error).request is request
    return False


def _reread(response: httpx.Response) -> httpx.Response:
    """Return the answer that `raise_for_status()` has closed."""
    try:
        content = response.content
    except httpx.ResponseNotRead:
        content = b""
    return httpx.Response(
        response.status_code,
        headers=[(k, v) for k, v in response.headers.multi_items() if k != "content-encoding"],
        content=content,
        request=response.request,
    )
