"""The laws that no schema can say, each a small function of what was seen. Breaking one raises LawViolation."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from runflow_client import Page, Run, callbacks
from runflow_client.callbacks import CallbackEvent, SignatureMismatch, SignatureMissing

from .callback_receiver import ReceivedCallback


class LawViolation(AssertionError):
    """A law does not hold; the text says which, of what, and what was seen."""


def require(holds: bool, text: str) -> None:
    """Raise LawViolation with the text if it does not hold."""
    if not holds:
        raise LawViolation(text)


class RunHistory:
    """Every run as it was last seen: a terminal status never changes, and what has ended says when."""

    def __init__(self) -> None:
        self.last: dict[str, Run] = {}

    def record(self, run: Run) -> None:
        """Take note of a run. Raise LawViolation if it cannot have become this."""
        before = self.last.get(run.id)
        if before is not None and before.has_ended:
            require(
                (run.status, run.completed_at) == (before.status, before.completed_at),
                f"run {run.id} had ended as {before.status} at {before.completed_at}, now it is {run.status} at "
                f"{run.completed_at}: a terminal status never changes",
            )
        require(
            run.has_ended == (run.completed_at is not None),
            f"run {run.id} is {run.status} and completed_at is {run.completed_at}: both end together",
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
    """A created run is found by its id, in the list, and by its client_ref, there exactly once."""
    require(by_get.id == run_id, f"get of run {run_id} answers with run {by_get.id}")
    require(run_id in in_list, f"run {run_id} was created and is not in the list")
    require(
        list(by_client_ref) == [run_id],
        f"run {run_id} was created once, its client_ref finds {list(by_client_ref)}: once means one run",
    )


def pages_list_each_run_once(
    pages: Iterable[Page[Run]], expected: Collection[str], direction: str
) -> None:
    """The pages of one walk give no run twice, and every one of the expected."""
    counted = Counter(run.id for page in pages for run in page.items)
    twice = sorted(run_id for run_id, count in counted.items() if count > 1)
    require(not twice, f"pages read {direction} give {twice} more than once")
    missing = sorted(set(expected) - set(counted))
    require(not missing, f"pages read {direction} lose {missing}")


def filter_returns_matches(status: str, found: Sequence[Run], expected: Collection[str]) -> None:
    """A filter by status lets through what has it, all of it and nothing else."""
    wrong = sorted(run.id for run in found if run.status != status)
    require(not wrong, f"the filter for status {status} lets through {wrong}, which have another")
    missing = sorted(set(expected) - {run.id for run in found})
    require(not missing, f"the filter for status {status} holds back {missing}, which have it")


def patch_changes_only(
    what: str, before: dict[str, object], after: dict[str, object], named: str
) -> None:
    """A PATCH changes what it names and leaves everything else."""
    changed = sorted(name for name in before if name != named and before[name] != after.get(name))
    require(not changed, f"a PATCH of {what} that names {named} changed {', '.join(changed)} too")


def signature_verifies(
    received: ReceivedCallback, current: str | None, others: Iterable[str]
) -> CallbackEvent | None:
    """A callback verifies with the current secret and with no other, and not when a byte is changed; return its event.

    Without a current secret it is not signed: then there is no event.
    """
    if current is None:
        try:
            callbacks.verify(received.body, received.headers, "whsec_none")
        except SignatureMissing:
            return None
        raise LawViolation("a callback is signed although there is no current secret")
    try:
        event = callbacks.verify(received.body, received.headers, current)
    except callbacks.CallbackError as problem:
        raise LawViolation(
            f"a callback does not verify with the current secret: {problem}"
        ) from problem
    for wrong in (*others, current + "x", current[:-1]):
        _refuses(received.body, received, wrong, "another secret")
    _refuses(received.body + b" ", received, current, "the current secret after a byte was added")
    return event


def _refuses(body: bytes, received: ReceivedCallback, secret: str, why: str) -> None:
    try:
        callbacks.verify(body, received.headers, secret)
    except SignatureMismatch:
        return
    raise LawViolation(f"a callback verifies with {why}")


def each_run_is_billed_once(billed: Sequence[str]) -> None:
    """Each run stands at most once in the book of what was billed."""
    twice = sorted(run_id for run_id, count in Counter(billed).items() if count > 1)
    require(not twice, f"billed more than once: {twice}")


def secrets_are_shown_once(shown: Sequence[str]) -> None:
    """No answer shows a secret after the one that created it."""
    require(not shown, f"a secret was shown again by {sorted(set(shown))}")
