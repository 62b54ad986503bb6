"""Laws as small functions of what was seen. They raise LawViolation."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from runflow_client import Page, Run, callbacks
from runflow_client._http import SIGNATURE
from runflow_client.callbacks import CallbackEvent, SignatureMismatch

from .callback_receiver import ReceivedCallback


class LawViolation(AssertionError):
    """A law is violated. The message says which one, by what, and what was seen."""


def require(holds: bool, text: str) -> None:
    """Raise LawViolation with the text if the law does not hold."""
    if not holds:
        raise LawViolation(text)


class RunHistory:
    """Every run as it was last seen.

    A terminal status never changes, and a run has completed_at if and only if it has ended.
    """

    def __init__(self) -> None:
        self.last: dict[str, Run] = {}

    def record(self, run: Run) -> None:
        """Record the run. Raise LawViolation if it cannot follow from what was recorded before."""
        before = self.last.get(run.id)
        if before is not None and before.has_ended:
            require(
                (run.status, run.completed_at) == (before.status, before.completed_at),
                f"run {run.id} was {before.status} (completed_at {before.completed_at}), now it is "
                f"{run.status} ({run.completed_at}): a terminal status never changes",
            )
        require(
            run.has_ended == (run.completed_at is not None),
            f"run {run.id} is {run.status} and its completed_at is {run.completed_at}",
        )
        if before is not None:
            require(
                (run.client_ref, run.created_at) == (before.client_ref, before.created_at),
                f"run {run.id} changed its client_ref or created_at",
            )
        self.last[run.id] = run

    def with_status(self, status: str) -> set[str]:
        """Return the ids of the runs that ended with this status."""
        return {run.id for run in self.last.values() if run.has_ended and run.status == status}


def created_run_is_found(
    run_id: str, by_get: Run, in_list: Collection[str], by_client_ref: Sequence[str]
) -> None:
    """A created run is found by id, in the list, and exactly once by its client_ref."""
    require(by_get.id == run_id, f"GET of run {run_id} returns run {by_get.id}")
    require(run_id in in_list, f"run {run_id} was created and is not in the list")
    require(
        list(by_client_ref) == [run_id],
        f"run {run_id} was created once, its client_ref finds {list(by_client_ref)}",
    )


def pages_list_each_run_once(
    pages: Iterable[Page[Run]], expected: Collection[str], direction: str
) -> None:
    """The pages of a list hold every expected run, and none twice."""
    counted = Counter(run.id for page in pages for run in page.items)
    twice = sorted(run_id for run_id, count in counted.items() if count > 1)
    require(not twice, f"pages read {direction} list {twice} more than once")
    missing = sorted(set(expected) - set(counted))
    require(not missing, f"pages read {direction} omit {missing}")


def filter_returns_matches(status: str, found: Sequence[Run], expected: Collection[str]) -> None:
    """A filter by status returns every run with that status and no other."""
    wrong = sorted(run.id for run in found if run.status != status)
    require(not wrong, f"the filter for status {status} returns {wrong}, which have another")
    missing = sorted(set(expected) - {run.id for run in found})
    require(not missing, f"the filter for status {status} omits {missing}, which have it")


def patch_changes_only(
    what: str, before: dict[str, object], after: dict[str, object], named: str
) -> None:
    """A PATCH changes only the field that it names."""
    changed = sorted(name for name in before if name != named and before[name] != after.get(name))
    require(not changed, f"a PATCH of {what} that names {named} changed {', '.join(changed)} too")


def signature_verifies(
    received: ReceivedCallback, current: str | None, others: Iterable[str]
) -> CallbackEvent | None:
    """A callback verifies with the current secret only, and not after a change; return its event.

    Without a current secret it is not signed; then None is returned.
    """
    if current is None:
        is_signed = received.header(SIGNATURE) is not None
        require(not is_signed, "a callback is signed although there is no current secret")
        return None
    try:
        event = callbacks.verify(received.body, received.headers, current)
    except callbacks.CallbackError as problem:
        raise LawViolation(
            f"a callback does not verify with the current secret: {problem}"
        ) from problem
    for wrong in (*others, current + "x", current[:-1]):
        _must_not_verify(received.body, received, wrong, "another secret")
    _must_not_verify(
        received.body + b" ", received, current, "the current secret after a byte was added"
    )
    return event


def _must_not_verify(body: bytes, received: ReceivedCallback, secret: str, why: str) -> None:
    try:
        callbacks.verify(body, received.headers, secret)
    except SignatureMismatch:
        return
    raise LawViolation(f"a callback verifies with {why}")


def each_run_is_billed_once(billed: Sequence[str]) -> None:
    """No run is billed more than once."""
    twice = sorted(run_id for run_id, count in Counter(billed).items() if count > 1)
    require(not twice, f"billed more than once: {twice}")


def secrets_are_shown_once(leaks: Sequence[str]) -> None:
    """Only the response that creates a secret shows it."""
    require(not leaks, f"a secret was shown again by {sorted(set(leaks))}")
