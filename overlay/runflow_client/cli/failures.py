"""From an exception to what the user reads: one sentence, what to do, and an exit code."""

from typing import Any

from attrs import field, frozen

from .. import errors
from .exit_codes import ExitCode

_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (errors.InvalidArgument, ExitCode.REFUSED),
    (errors.ApiError, ExitCode.API_REFUSED),
    (errors.RunError, ExitCode.RUN_FAILED),
    (errors.BatchFailed, ExitCode.RUN_FAILED),
    (errors.BatchCanceled, ExitCode.RUN_FAILED),
    (errors.EvaluationFailed, ExitCode.RUN_FAILED),
    (errors.WaitTimeout, ExitCode.TIME_UP),
    (errors.OutcomeUnknown, ExitCode.OUTCOME_UNKNOWN),
    (errors.TransportError, ExitCode.NO_ANSWER),
    (errors.AddressRefused, ExitCode.NO_ANSWER),
    (errors.CallbackError, ExitCode.NO_ANSWER),
)
_FACTS = ("status", "code", "request_id", "fields", "run_id", "client_ref", "idempotency_key")


class Refused(Exception):
    """Something that the user asked for and that cannot be right. Nothing was sent."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class Interrupted(Exception):
    """Ctrl-C. What was begun goes on, and `remedy` is the command that waits for it again."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


@frozen
class Failure:
    """What is printed on stderr, or with --json on stdout."""

    kind: str
    exit_code: ExitCode
    message: str
    remedy: str = ""
    facts: dict[str, Any] = field(factory=dict[str, Any])

    def document(self) -> dict[str, Any]:
        """The failure as the JSON document of --json."""
        told = {
            "kind": self.kind,
            "exit_code": int(self.exit_code),
            "message": self.message,
            "remedy": self.remedy or None,
            **self.facts,
        }
        return {"error": told}


def describe(error: BaseException) -> Failure:
    """What the user is told of this exception."""
    remedy = str(getattr(error, "remedy", "") or "")
    notes = [str(note) for note in getattr(error, "__notes__", ()) if str(note) not in remedy]
    if isinstance(error, Refused | Interrupted):
        code = ExitCode.REFUSED if isinstance(error, Refused) else ExitCode.INTERRUPTED
        return Failure(type(error).__name__, code, str(error), " ".join([remedy, *notes]).strip())
    code = next((found for kind, found in _CODES if isinstance(error, kind)), ExitCode.OTHER)
    facts = {name: getattr(error, name) for name in _FACTS if getattr(error, name, None)}
    message = _sentence(error)
    if isinstance(error, errors.WaitTimeout):
        message = (
            f"{error.kind} {error.id} was still {error.state.status} after {error.seconds:g} s"
        )
        facts["id"] = error.id
        remedy = f"It goes on: {continuation(error.kind, error.id)}"
    if isinstance(error, errors.OutcomeUnknown):
        remedy = f"Look for it first: runflow runs list --client-ref {error.client_ref}"
    return Failure(type(error).__name__, code, message, " ".join([remedy, *notes]).strip(), facts)


def continuation(kind: str, subject_id: str) -> str:
    """The command that waits for it again."""
    plural = {"run": "runs", "batch": "batches", "evaluation": "evaluations"}
    return f"runflow {plural.get(kind, 'runs')} wait {subject_id}"


def _sentence(error: BaseException) -> str:
    if isinstance(error, FileExistsError) and error.filename is not None:
        return f"{error.filename} exists already"
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return str(error) or type(error).__name__
