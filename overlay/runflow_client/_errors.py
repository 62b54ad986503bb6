"""The exceptions that carry no run, batch or evaluation.

They load neither httpx nor attrs, and survive pickling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from ._json import as_list
from ._redaction import redact, safe_parts, show_address


class RunflowError(Exception):
    """Base of every exception that this client raises on purpose.

    An error that ended a create after it was sent names it: `client_ref` (of a run) and
    `idempotency_key`.
    """

    client_ref: str | None = None
    idempotency_key: str | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickle's own way gives back no keywords of a constructor, and leaves the cause out.
        cause = _plain(self.__cause__)
        return _restore, (type(self), self.args, self.__dict__, cause, self.__suppress_context__)


_Kept = tuple[Any, ...]
_Cause = BaseException | _Kept | None


def _restore(
    kind: type[BaseException], arguments: _Kept, state: dict[str, Any], cause: _Cause, is_only: bool
) -> BaseException:
    error = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(state)
    error.__cause__ = cause if isinstance(cause, BaseException | None) else _restore(*cause)
    error.__suppress_context__ = is_only
    return error


def _plain(error: BaseException | None) -> _Cause:
    """Return what a pickle keeps of a cause: all of our errors, and what is safe of others."""
    if error is None or isinstance(error, RunflowError):
        return error
    return *safe_parts(error), _plain(error.__cause__), error.__suppress_context__


def show_reason(*parts: str | None) -> str:
    """Join what the server gave as its reason, redacted: it may quote signed URLs."""
    return redact(": ".join(part for part in parts if part)) or "no reason given"


def _show_attempts(attempts: int) -> str:
    return f" (after {attempts} attempts)" if attempts > 1 else ""


class InvalidArgument(RunflowError, ValueError):
    """An argument is invalid. Nothing was sent and nothing was paid."""


class ApiError(RunflowError):
    """The API answered with an error status.

    Attributes:
        status: the HTTP status.
        code: the server's own code for the error, None if the body has none.
        message: the server's own message.
        errors: the server's list of details.
        request_id: the id to quote to Runflow's support, None if the answer carries none.
        method: the HTTP method of the request.
        path: the path of the request.
        host: the host that answered.
        attempts: how often the request was sent.
        retry_after: seconds that the server asked to wait, None if it did not ask.
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
        host: str = "",
        attempts: int = 1,
    ) -> None:
        self.status = status
        self.method = method
        self.path = path
        self.host = host
        self.attempts = attempts
        self.code = code
        self.message = message
        self.errors = [dict(error) for error in errors]
        self.request_id = request_id
        self.retry_after = retry_after
        details = "".join(f"; {': '.join(filter(None, one))}" for one in self.fields.items())
        identity = f" [request {request_id}]" if request_id else ""
        super().__init__(
            f"{method} {path} was answered {status} {show_reason(code, message)}{details}"
            f"{self._where()}{_show_attempts(attempts)}{identity}"
        )
        if self.remedy:
            self.add_note(self.remedy)

    def _where(self) -> str:
        """What the text says of the address that was asked."""
        return _base_url_remedy(self.path)

    @property
    def fields(self) -> dict[str, str]:
        """Return the server's messages by place (`body.input.prompt`), read from `errors`."""
        found: dict[str, str] = {}
        for error in self.errors:
            location: object = error.get("loc") or ""
            parts = as_list(location)
            place = str(location) if parts is None else ".".join(str(part) for part in parts)
            text = str(error.get("msg") or error)
            found[place] = f"{found[place]}; {text}" if place in found else text
        return found


def _base_url_remedy(path: str) -> str:
    remedy = "; the path has /v1 twice: leave /v1 out of base_url (RUNFLOW_BASE_URL)"
    return remedy if "/v1/v1/" in path else ""


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
    """US dollars, if the balance could be read after the run was refused."""


class PermissionDenied(ApiError):
    """403: the key is right but may not do this; `code` says why."""

    remedy = (
        "The key lacks a scope or the organization is another: read the code, and check "
        "organization_id."
    )


class NotFound(ApiError):
    """404: there is no such thing, or it belongs to another organization."""

    def _where(self) -> str:
        return (f"; the host is {self.host}" if self.host else "") + super()._where()


class Conflict(ApiError):
    """409: it exists already, or an idempotency key was used before with another body."""


class ValidationFailed(ApiError):
    """422: the input was refused; `fields` says which field and why. Nothing was charged."""


class RateLimited(ApiError):
    """429, after the retries: the request was refused, nothing was created and nothing is charged.

    `retry_after` is how many seconds the server asks to wait; Runflow promises none.
    """

    remedy = (
        "The rate limit refused the request: nothing was created and nothing is charged. Send "
        "less at once, or allow more time, or more attempts with RetryPolicy(attempts=...)."
    )


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
    """Return the class for an error status, ApiError itself for a status without its own."""
    return _BY_STATUS.get(status, ServerError if status >= 500 else ApiError)


class TransportError(RunflowError):
    """No answer came, or one that cannot be read.

    `method` and `path` say which request it was, `attempts` how often it was sent.
    """

    def __init__(self, reason: str, *, method: str, path: str, attempts: int = 1) -> None:
        self.method = method
        self.path = path
        self.reason = reason
        self.attempts = attempts
        super().__init__(f"{method} {path}: {reason}{_show_attempts(attempts)}")


class ConnectFailed(TransportError):
    """No connection could be made. The request did not reach the server."""


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
    """An answer is not what the API's document promises.

    It is HTML, truncated, of another type, or has a status that the document does not list.

    Attributes:
        status: the HTTP status.
        host: the host that answered.
        body: its first 500 characters, redacted; empty for a redirect, and where it is secret.
        request_id: the id to quote to Runflow's support, None if the answer carries none.
    """

    def __init__(
        self,
        reason: str,
        *,
        method: str,
        path: str,
        status: int,
        host: str = "",
        body: str = "",
        request_id: str | None = None,
        attempts: int = 1,
    ) -> None:
        self.status = status
        self.host = host
        self.body = body
        self.request_id = request_id
        told = f"; the body begins {body!r}" if body else ""
        told += f"; the host is {host}" if host else ""
        if body and not body.lstrip().startswith(("{", "[")):
            told += ": is base_url right?"
        identity = f" [request {request_id}]" if request_id else ""
        super().__init__(
            f"{reason} (status {status}){told}{_base_url_remedy(path)}{identity}",
            method=method,
            path=path,
            attempts=attempts,
        )


class RedirectRefused(UnreadableAnswer):
    """The API answered with a redirect.

    Redirects are not followed, because the key would go along. Give the API's own base URL.
    """


class OutcomeUnknown(RunflowError):
    """The answer to a create was lost, so it is not known whether a run exists and is paid for.

    `client_ref` finds the run later: `client.runs.list(q="client_ref.EQ:'…'")`. Sending the create
    again with the same `idempotency_key` is safe if the server honours the key. `__cause__` is the
    last failure.
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
    """A callback cannot be trusted or cannot be read. The subclass is the reason."""


class StorageError(RunflowError):
    """A file could not be exchanged with the storage that holds files, which is not the API.

    A broken connection to the storage is a ConnectionLost, like one to the API. `address` is the
    URL without its query, `reason` what is wrong.
    """

    def __init__(self, message: str, *, url: str, reason: str) -> None:
        self.address = show_address(url)
        self.reason = reason
        super().__init__(message)


class AddressRefused(StorageError):
    """The client refuses to contact a URL from an answer, and sent nothing to it.

    Its scheme is another, its host is private, or it is plain http.
    """

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"refusing to contact {show_address(url)}: {reason}", url=url, reason=reason
        )


EXPIRED_STATUSES: Final = frozenset({401, 403, 404, 410})
"""Statuses with which storages answer signed URLs that have expired."""

_TRANSFERS: Final = {
    "GET": ("download", "read the run again for a new one"),
    "PUT": ("upload", "upload the file again"),
}


class StorageRefused(StorageError):
    """The storage answered an upload or a download with an error status.

    `method` is GET for a download and PUT for an upload. `status` is the HTTP status, `code` the
    storage's own code, None if it gave none.
    """

    retry_after: float | None = None
    """Seconds that the storage asks to wait, None if it does not ask."""

    def __init__(self, *, method: str, url: str, status: int, code: str | None = None) -> None:
        self.method = method
        self.status = status
        self.code = code
        reason = f"status {status}{f' {code}' if code else ''}"
        what, remedy = _TRANSFERS[method]
        hint = f" (signed URLs expire: {remedy})" if status in EXPIRED_STATUSES else ""
        super().__init__(
            f"the storage refused the {what} ({method} {show_address(url)}): {reason}{hint}",
            url=url,
            reason=reason,
        )


class WrongContent(StorageError):
    """The storage sent something that is not the file, such as an error page or nothing at all."""

    def __init__(self, reason: str, *, url: str) -> None:
        super().__init__(
            f"{show_address(url)} does not hold the expected file: {reason}", url=url, reason=reason
        )


class DownloadTooLarge(StorageError):
    """The file is larger than the `max_bytes` of the call."""

    def __init__(self, *, url: str, size: int, max_bytes: int) -> None:
        reason = f"it has at least {size} bytes, and max_bytes is {max_bytes}"
        super().__init__(f"{show_address(url)} is too large: {reason}", url=url, reason=reason)


class FileChanged(RunflowError):
    """A file changed while it was uploaded; no asset was made. Retry when nothing writes to it."""
