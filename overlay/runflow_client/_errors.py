"""The exceptions that carry no run, batch or evaluation. They need neither httpx nor attrs, and
survive pickling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ._json import as_list
from ._redaction import redact, redact_url


class RunflowError(Exception):
    """The root: `except RunflowError` catches whatever this client raises on purpose.

    An error that ended a create after it was sent names it: `client_ref` (of a run) and
    `idempotency_key`.
    """

    client_ref: str | None = None
    idempotency_key: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Restore by state: constructors take keywords, which pickle's default for exceptions
        cannot give back.
        """
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    kind: type[RunflowError], arguments: tuple[object, ...], state: dict[str, object]
) -> RunflowError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(state)
    return error


def show_reason(*said: str | None) -> str:
    """What the server said, fit to be shown: it may quote signed URLs."""
    return redact(": ".join(part for part in said if part)) or "no reason given"


class InvalidArgument(RunflowError, ValueError):
    """An argument that cannot be right. Nothing was sent and nothing was paid."""


class ApiError(RunflowError):
    """The API answered with an error status.

    `status` is the HTTP status, `code` and `message` are the server's own (`code` is None where the
    body had none), `errors` its list of details, `request_id` the id to quote to Runflow's support
    if the answer carried one. `method` and `path` say which call it was. `retry_after` is how many
    seconds the server asked to wait, None where it asked for nothing.
    """

    remedy = ""

    def __init__(
        self,
        *,
        status: int,
        method: str,
        path: str,
        code: str | None = None,
        message: str = "",
        errors: Sequence[Mapping[str, Any]] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.code = code
        self.message = message
        self.errors = [dict(error) for error in errors]
        self.request_id = request_id
        self.retry_after = retry_after
        details = "".join(f"; {place}: {text}" for place, text in self.fields.items())
        identity = f" [request {request_id}]" if request_id else ""
        super().__init__(
            f"{method} {path} was answered {status} {show_reason(code, message)}{details}{identity}"
        )
        if self.remedy:
            self.add_note(self.remedy)

    @property
    def fields(self) -> dict[str, str]:
        """The server's complaints by place (`body.input.prompt`), from `errors[]` with its `loc`
        and `msg`.
        """
        found: dict[str, str] = {}
        for error in self.errors:
            location: object = error.get("loc")
            parts = as_list(location)
            place = str(location) if parts is None else ".".join(str(part) for part in parts)
            found[place] = str(error.get("msg") or error)
        return found


class BadRequest(ApiError):
    """400: the request is malformed."""


class Unauthorized(ApiError):
    """401: the key is missing, wrong or revoked."""

    remedy = (
        "Check RUNFLOW_API_KEY (or the api_key argument): keys are made at "
        "https://app.runflow.io and start with rf_."
    )


class InsufficientCredit(ApiError):
    """402: the balance does not cover the run. Nothing was created and nothing was charged."""

    remedy = "Top up at https://app.runflow.io. Nothing was charged."
    balance: Decimal | None = None
    """US dollars, where it could be read after a run was refused."""


class PermissionDenied(ApiError):
    """403: the key is right but may not do this; `code` says why."""

    remedy = (
        "The key lacks a scope or the organization is another: read the code, and check "
        "organization_id."
    )


class NotFound(ApiError):
    """404: no such thing, or it belongs to another organization."""


class Conflict(ApiError):
    """409: it exists already, or an idempotency key was used again with another body."""


class ValidationFailed(ApiError):
    """422: the input was refused; `fields` says which field and why. Nothing was charged."""


class RateLimited(ApiError):
    """429, after the retries. Runflow promises no Retry-After."""

    remedy = "Send less at once, or allow more attempts with RetryPolicy(attempts=...)."


class ServerError(ApiError):
    """5xx, after the retries that were safe."""


_BY_STATUS: Final[dict[int, type[ApiError]]] = {
    400: BadRequest,
    401: Unauthorized,
    402: InsufficientCredit,
    403: PermissionDenied,
    404: NotFound,
    409: Conflict,
    422: ValidationFailed,
    429: RateLimited,
}


def api_error_type(status: int) -> type[ApiError]:
    """The class for an error status; ApiError itself for those that have none of their own."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)


class TransportError(RunflowError):
    """No answer, or none that can be read. `method` and `path` say which call it was."""

    def __init__(self, reason: str, *, method: str, path: str) -> None:
        self.method = method
        self.path = path
        self.reason = reason
        super().__init__(f"{method} {path}: {reason}")


class ConnectFailed(TransportError):
    """The connection was never made: the request did not reach the server."""


class RequestTimeout(TransportError):
    """No answer in time. The server may or may not have acted."""


class ConnectionLost(TransportError):
    """The connection broke. The server may or may not have acted."""


class SendFailed(TransportError):
    """The HTTP client failed on its own account: it was closed, belongs to another event loop, or
    one of its hooks raised. Whether the request was sent is not known; `__cause__` is what was
    raised.
    """


class UnreadableAnswer(TransportError):
    """An answer that is not what the document promises: HTML, a cut body, a wrong type, an unknown
    status.

    `status` is its HTTP status, `body` its first 500 bytes, redacted, and `request_id` the id to
    quote to Runflow's support if the answer carried one.
    """

    def __init__(
        self,
        reason: str,
        *,
        method: str,
        path: str,
        status: int,
        body: str = "",
        request_id: str | None = None,
    ) -> None:
        self.status = status
        self.body = body
        self.request_id = request_id
        beginning = f"; the body begins {body!r}" if body else ""
        identity = f" [request {request_id}]" if request_id else ""
        super().__init__(
            f"{reason} (status {status}){beginning}{identity}", method=method, path=path
        )


class RedirectRefused(UnreadableAnswer):
    """A redirect. None is followed, since the key would go along: give the API's own base URL."""


class OutcomeUnknown(RunflowError):
    """A create whose answer was lost: whether a run exists (and is paid for) is not known.

    `client_ref` finds it later: `client.runs.list(q="client_ref.EQ:'…'")`. Sending again with the
    same `idempotency_key` is right where the server honours it. `__cause__` is the last failure.
    """

    def __init__(self, *, model: str, client_ref: str, idempotency_key: str, reason: str) -> None:
        self.model = model
        # always there, unlike on other errors
        self.client_ref: str = client_ref  # pyright: ignore[reportIncompatibleVariableOverride]
        self.idempotency_key: str = idempotency_key  # pyright: ignore[reportIncompatibleVariableOverride]
        self.reason = reason
        super().__init__(
            f"It is not known whether the run of {model} was created: {reason}. "
            f"Look for it before you send again: q=client_ref.EQ:'{client_ref}' "
            f"(idempotency key {idempotency_key})."
        )


class CallbackError(RunflowError):
    """A callback that must not be trusted or cannot be read. The subclass is the reason."""


_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9._-]{1,60})</Code>")


class AddressRefused(RunflowError):
    """A URL from an answer that this client does not contact: another scheme, a private address,
    plain http.

    `address` is the URL without its query, `reason` what is wrong with it. Nothing was sent there.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.address = show_address(url)
        self.reason = reason
        super().__init__(f"refusing to contact {self.address}: {reason}")


class StorageRefused(UnreadableAnswer):
    """The storage answered an upload or a download with an error status. `code` is its own word for
    it, if there is one.
    """

    def __init__(
        self, reason: str, *, method: str, path: str, status: int, code: str | None = None
    ) -> None:
        self.code = code
        super().__init__(
            f"{reason}{f': {code}' if code else ''}", method=method, path=path, status=status
        )


class WrongContent(UnreadableAnswer):
    """What the storage gave is not what it should be: an error page where a picture should be, or
    nothing at all.
    """


class DownloadTooLarge(UnreadableAnswer):
    """The file is larger than the `max_bytes` of the call."""


class FileChanged(RunflowError):
    """A file changed while it was uploaded. No asset was made of it: upload it again when nobody
    writes to it.
    """


def show_address(url: str) -> str:
    """The URL as an error may show it: without query, and of a data URI only its type."""
    if url[:5].lower() == "data:":
        return f"{url[:60].partition(',')[0]},... ({len(url)} characters)"
    return redact_url(url)


def redirects_nowhere(url: str) -> AddressRefused:
    """The error for an answer of the storage that points to what is no URL."""
    return AddressRefused(url, "it redirects to what is no URL")


def storage_refusal(method: str, url: str, status: int, body: bytes, hint: str) -> StorageRefused:
    """The error for an answer of the storage, with the code that storages write into their XML."""
    found = _CODE.search(body)
    return StorageRefused(
        f"the storage refused the {'download' if method == 'GET' else 'upload'} ({hint})",
        method=method,
        path=show_address(url),
        status=status,
        code=None if found is None else found[1].decode("ascii"),
    )
