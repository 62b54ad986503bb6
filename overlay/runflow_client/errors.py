"""Everything this client raises, one tree. Nothing here needs httpx or attrs, and every error survives pickling.

RunflowError
    InvalidArgument              refused before anything was sent
    ApiError                     the API answered with an error status
        BadRequest 400, Unauthorized 401, InsufficientCredit 402, PermissionDenied 403, NotFound 404,
        Conflict 409, ValidationFailed 422, RateLimited 429, ServerError 5xx
    TransportError               no answer, or none that can be read
        ConnectFailed            the request never left
        RequestTimeout           no answer in time
        ConnectionLost           the connection broke after the request had begun
        UnreadableAnswer         an answer that is not what the document promises
            RedirectRefused      a redirect: none is followed
            StorageRefused, WrongContent, DownloadTooLarge   from the storage; they stand in storage_errors.py
    OutcomeUnknown               a create whose answer was lost and whose run could not be found
    RunError                     the run itself: RunFailed, RunCanceled
    BatchFailed, BatchCanceled, EvaluationFailed
    WaitTimeout                  the wait ended before what was waited for
    AddressRefused, FileChanged  a URL that is not gone to, a file that changed (in storage_errors.py)
    CallbackError                a callback that must not be trusted (its reasons stand in runflow_client.callbacks)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from .json_shapes import as_list
from .redaction import redact

if TYPE_CHECKING:
    from .batches import Batch
    from .evaluations import Evaluation
    from .runs import BaseRun


def _restore(kind: type[RunflowError], arguments: tuple[object, ...], state: dict[str, object]) -> RunflowError:
    error = kind.__new__(kind)
    error.args = arguments
    error.__dict__.update(state)
    return error


def _reason(*said: str | None) -> str:
    """What the server said, fit to be shown: it may quote signed URLs."""
    return redact(": ".join(part for part in said if part)) or "no reason given"


class RunflowError(Exception):
    """The root: `except RunflowError` catches whatever this client raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        """Restore by state: constructors take keywords, which pickle's default for exceptions cannot give back."""
        return _restore, (type(self), self.args, self.__dict__)


class InvalidArgument(RunflowError, ValueError):
    """An argument that cannot be right. Nothing was sent and nothing was paid."""


class ApiError(RunflowError):
    """The API answered with an error status.

    `status` is the HTTP status, `code` and `message` are the server's own (`code` is None where the body had none),
    `errors` its list of details, `request_id` the id to quote to Runflow's support if the answer carried one.
    `method` and `path` say which call it was. `retry_after` is how many seconds the server asked to wait, None where it
    asked for nothing.
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
        super().__init__(f"{method} {path} was answered {status} {_reason(code, message)}{details}{identity}")
        if self.remedy:
            self.add_note(self.remedy)

    @property
    def fields(self) -> dict[str, str]:
        """The server's complaints by place (`body.input.prompt`), from `errors[]` with its `loc` and `msg`."""
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
        "Check RUNFLOW_API_KEY (or the api_key argument): keys are made at https://app.runflow.io and start with rf_."
    )


class InsufficientCredit(ApiError):
    """402: the balance does not cover the run. Nothing was created and nothing was charged."""

    remedy = "Top up at https://app.runflow.io. Nothing was charged."
    balance: Decimal | None = None
    """US dollars, where it could be read after a run was refused."""


class PermissionDenied(ApiError):
    """403: the key is right but may not do this; `code` says why."""

    remedy = "The key lacks a scope or the organization is another: read the code, and check organization_id."


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


class UnreadableAnswer(TransportError):
    """An answer that is not what the document promises: HTML, a cut body, a wrong type, an unknown status.

    `status` is its HTTP status, `body` its first 500 bytes, redacted, and `request_id` the id to quote to Runflow's support
    if the answer carried one.
    """

    def __init__(
        self, reason: str, *, method: str, path: str, status: int, body: str = "", request_id: str | None = None
    ) -> None:
        self.status = status
        self.body = body
        self.request_id = request_id
        beginning = f"; the body begins {body!r}" if body else ""
        identity = f" [request {request_id}]" if request_id else ""
        super().__init__(f"{reason} (status {status}){beginning}{identity}", method=method, path=path)


class RedirectRefused(UnreadableAnswer):
    """A redirect. None is followed, for the key would go along: the base URL must be the API's own."""


class OutcomeUnknown(RunflowError):
    """A create whose answer was lost: whether a run exists (and is paid for) is not known.

    `client_ref` finds it later: `client.runs.list(q="client_ref.EQ:'…'")`. Sending again with the same
    `idempotency_key` is right where the server honours it. `__cause__` is the last failure.
    """

    def __init__(self, *, model: str, client_ref: str, idempotency_key: str, reason: str) -> None:
        self.model = model
        self.client_ref = client_ref
        self.idempotency_key = idempotency_key
        self.reason = reason
        super().__init__(
            f"It is not known whether the run of {model} was created: {reason}. "
            f"Look for it before you send again: q=client_ref.EQ:'{client_ref}' "
            f"(idempotency key {idempotency_key})."
        )


class RunError(RunflowError):
    """Something about one run, which is `run`: its last known state."""

    def __init__(self, message: str, *, run: BaseRun) -> None:
        self.run = run
        super().__init__(message)

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self.run.id


class RunFailed(RunError):
    """The run ended as failed. Failed runs are not billed."""

    def __init__(self, run: BaseRun) -> None:
        self.failure_code = run.failure_code
        self.failure_stage = run.failure_stage
        self.failure_message = run.failure_message
        stage = f" at stage {run.failure_stage}" if run.failure_stage else ""
        super().__init__(f"Run {run.id} failed{stage}: {_reason(run.failure_code, run.failure_message)}", run=run)


class RunCanceled(RunError):
    """The run was canceled (only Runflow's administrators can). Work already done is billed."""

    def __init__(self, run: BaseRun) -> None:
        super().__init__(f"Run {run.id} was canceled", run=run)


class BatchFailed(RunflowError):
    """The batch, which is `batch`, ended as failed."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(f"Batch {batch.id} failed: {_reason(batch.failure_code, batch.failure_message)}")


class BatchCanceled(RunflowError):
    """The batch, which is `batch`, was canceled."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__(f"Batch {batch.id} was canceled")


class EvaluationFailed(RunflowError):
    """The evaluation, which is `evaluation`, could not be made. (A picture that did not pass is no failure.)"""

    def __init__(self, evaluation: Evaluation) -> None:
        self.evaluation = evaluation
        super().__init__(f"Evaluation {evaluation.id} failed: {_reason(evaluation.failure_code)}")


class WaitTimeout(RunflowError, TimeoutError):
    """The wait ended before the run (or batch, or evaluation) did. It goes on and nothing is lost.

    `kind` says what was waited for, `id` is its id, `state` what was last seen of it: a Batch, an Evaluation, or a Run, of which
    a wait keeps the status, the progress and the `client_ref` and nothing else.
    """

    def __init__(self, kind: str, id: str, state: Any, *, seconds: float, way_back: str) -> None:  # noqa: A002
        self.kind = kind
        self.id = id
        self.state = state
        self.seconds = seconds
        super().__init__(
            f"{kind.capitalize()} {id} was still {state.status or 'without a status'} after {seconds:g} s of waiting; "
            f"it goes on. Wait again with {way_back}."
        )

    @property
    def run(self) -> Any:
        """What was last seen of the run: the same as `state`."""
        return self.state

    @property
    def run_id(self) -> str:
        """The run's id: the same as `id`."""
        return self.id


class CallbackError(RunflowError):
    """A callback that must not be trusted or cannot be read. The subclass is the reason."""
