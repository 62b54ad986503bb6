"""From an exception to what the user reads: one sentence, what to do, and an exit code."""

import re
import shlex
from typing import Any, Final

from attrs import field, frozen

from ... import errors
from ..._progress import status_of
from .exit_codes import ExitCode
from .refusals import Interrupted, KeyRefused, Refused, continuation

_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (Refused, ExitCode.REFUSED),
    (KeyRefused, ExitCode.API_REFUSED),
    (Interrupted, ExitCode.INTERRUPTED),
    (errors.InvalidArgument, ExitCode.REFUSED),
    (errors.ApiError, ExitCode.API_REFUSED),
    (errors.RunError, ExitCode.RUN_FAILED),
    (errors.BatchFailed, ExitCode.RUN_FAILED),
    (errors.BatchCanceled, ExitCode.RUN_FAILED),
    (errors.EvaluationFailed, ExitCode.RUN_FAILED),
    (errors.WaitTimeout, ExitCode.TIME_UP),
    (errors.OutcomeUnknown, ExitCode.OUTCOME_UNKNOWN),
    (errors.TransportError, ExitCode.NO_ANSWER),
    (errors.StorageError, ExitCode.NO_ANSWER),
    (errors.CallbackError, ExitCode.NO_ANSWER),
)
_REMEDIES: dict[type[BaseException], str] = {
    errors.Unauthorized: "Check RUNFLOW_API_KEY, or run: runflow login",
    errors.PermissionDenied: "The key may not do this: make another one with runflow login",
    errors.RateLimited: "Wait a little, and send less at once.",
}
_WORDS: Final = {
    "strict=False (or the field in extra={...} of a typed input)": "--unchecked",
    "strict=False": "--unchecked",
    "overwrite=True": "--overwrite",
    "pass api_key=..., ": "",
    "say created_after or client_ref": "give --since or --client-ref",
    "goes into q: q=": "goes into -q: ",
    "max_cost is $": "--max-cost is $",
    "Use client.run for each input": "Use `runflow bulk run`",
    "callbacks.secrets.list()": "`runflow secrets list`",
}
"""What the command says for what the client advises programs to do."""
_SAME_CALL: Final = re.compile(
    r"The (batch|evaluation) may have been created: make the same call again with "
    r"idempotency_key='[^']*', which creates nothing twice"
)
_LOOK_FIRST: Final = re.compile(
    r"The run of \S+ may have been created: look for it with q=client_ref\.EQ:'(.*)' before you "
    r"send again \(idempotency key \S+\)"
)
_FACTS = ("status", "code", "request_id", "fields", "run_id", "client_ref", "idempotency_key")


@frozen
class Failure:
    """What is printed on stderr, or with --json on stdout."""

    kind: str
    exit_code: ExitCode
    message: str
    remedy: str = ""
    facts: dict[str, Any] = field(factory=dict[str, Any])

    def document(self) -> dict[str, Any]:
        """Return the failure as the JSON document of --json."""
        told = {
            "kind": self.kind,
            "exit_code": int(self.exit_code),
            "message": self.message,
            "remedy": self.remedy or None,
            **self.facts,
        }
        return {"error": told}


def describe(error: BaseException) -> Failure:
    """Return what the user is told of this exception."""
    told = str(getattr(error, "remedy", "") or "")
    notes = [note for note in notes_of(error) if note not in told]
    remedy = _REMEDIES.get(type(error), told)
    code = next((found for kind, found in _CODES if isinstance(error, kind)), ExitCode.OTHER)
    facts = {name: getattr(error, name) for name in _FACTS if getattr(error, name, None)}
    message = sentence(error)
    if isinstance(error, errors.WaitTimeout):
        message = (
            f"{error.kind} {error.id} was still {status_of(error.state)} after {error.seconds:g} s"
        )
        facts["id"] = error.id
        if error.kind != "run":
            facts.pop("run_id", None)  # the error has one for every kind
        remedy = f"It continues: {continuation(error.kind, error.id)}"
    if isinstance(error, errors.OutcomeUnknown):
        remedy = f"Look for it first: {_listing(error.client_ref)}"
    return Failure(
        type(error).__name__, code, message, "\n".join(filter(None, [remedy, *notes])), facts
    )


def sentence(error: BaseException) -> str:
    """Return what happened, in words of the command."""
    if isinstance(error, FileExistsError) and error.filename is not None:
        return f"{error.filename} exists already"
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    return in_our_words(error) or type(error).__name__


def notes_of(error: BaseException) -> list[str]:
    """Return its notes in words of the command. One that names a method is for programs."""
    notes = map(in_our_words, getattr(error, "__notes__", ()))
    return [note for note in notes if "client." not in note]


def in_our_words(told: object) -> str:
    """Return what an error or a note of the client says, in words of the command."""
    text = str(told)
    for words, ours in _WORDS.items():
        text = text.replace(words, ours)
    text = _SAME_CALL.sub(_look_for_it, text)
    return _LOOK_FIRST.sub(lambda found: _look_for("run", _listing(found[1])), text)


def _look_for_it(found: re.Match[str]) -> str:
    lists = {"batch": "runflow batches list", "evaluation": "runflow evaluations list"}
    return _look_for(found[1], lists[found[1]])


def _look_for(kind: str, listing: str) -> str:
    return f"The {kind} may have been created: look for it with `{listing}`"


def _listing(client_ref: str) -> str:
    """Return the command that finds the run."""
    return f"runflow runs list --client-ref {shlex.quote(client_ref)}"
