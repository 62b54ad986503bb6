"""The laws as a hypothesis state machine: any order of create, read, list, page, promote, wait."""

from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any, ClassVar

from attrs import asdict
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from runflow_client import (
    CallbackSecret,
    NewCallbackSecret,
    OutcomeUnknown,
    Page,
    Run,
    ServerError,
    TransportError,
)
from runflow_client.callbacks import RunEvent
from runflow_conformance.laws import Target, invariants as laws

OpenTarget = Callable[[], AbstractContextManager[Target]]
NO_RESPONSE = (TransportError, ServerError, OutcomeUnknown)
"""What a client may raise while the network is broken on purpose."""


class RunLaws(RuleBasedStateMachine):
    """The state machine. `laws_on(open_target)` makes one for a target."""

    broken_network: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._opened = self.open_target()
        self.target = self._opened.__enter__()
        self.seen = laws.RunHistory()
        self.refs: dict[str, str] = {}
        self.secrets: dict[str, NewCallbackSecret] = {}
        self.current: str | None = None
        self.signing_is_known = True
        self.called_back: dict[str, str] = {}
        self._names = (f"law-{number}" for number in count(1))

    def open_target(self) -> AbstractContextManager[Target]:
        """Return a target for one example."""
        raise NotImplementedError("laws_on says where to play")

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)

    @contextmanager
    def _signing_changes(self) -> Generator[None, None, None]:
        """Change the signing secret: until this ends it is not certain which secret signs."""
        self._let_time_pass(0.0)
        self.signing_is_known = False
        try:
            yield
        finally:
            self._let_time_pass(0.0)
        self.signing_is_known = True

    @contextmanager
    def _answered(self) -> Generator[None, None, None]:
        """Ignore a missing response if the network is broken on purpose."""
        try:
            yield
        except NO_RESPONSE:
            if not self.broken_network:
                raise

    @initialize()
    def begin(self) -> None:
        """Create a secret that signs and a run that calls back, so that every example has both."""
        with self._answered():
            self._create_secret()
        with self._answered():
            self._create(calls_back=True)

    @rule(calls_back=st.booleans())
    def create(self, calls_back: bool) -> None:
        """Create a run; find it by id, in the list and by client_ref."""
        with self._answered():
            run_id = self._create(calls_back)
            runs = self.target.client.runs
            by_ref = [run.id for run in runs.list(q=f"client_ref.EQ:'{self.refs[run_id]}'")]
            laws.created_run_is_found(
                run_id, runs.get(run_id), {run.id for run in runs.list(page_size=500)}, by_ref
            )

    @rule(seconds=st.sampled_from([0.5, 3.0, 20.0, 300.0]))
    def wait(self, seconds: float) -> None:
        """Let time pass; check the callbacks since then, and read every run again."""
        self._let_time_pass(seconds)
        for run_id in list(self.seen.last):
            with self._answered():
                self.seen.record(self.target.client.runs.get(run_id))

    @precondition(lambda self: self.seen.last)
    @rule(data=st.data())
    def read(self, data: st.DataObject) -> None:
        """Read one run again."""
        run_id = data.draw(st.sampled_from(sorted(self.seen.last)))
        with self._answered():
            self.seen.record(self.target.client.runs.get(run_id))

    @precondition(lambda self: self.seen.last)
    @rule(page_size=st.integers(1, 4), arrivals=st.integers(0, 2))
    def page_through(self, page_size: int, arrivals: int) -> None:
        """Read the list page by page to its end and back, while runs are created."""
        expected = set(self.seen.last)
        with self._answered():
            forward = list(self._pages(None, page_size, arrivals))
            laws.pages_list_each_run_once(forward, expected, "forward")
            backward = [
                forward[-1],
                *self._pages(forward[-1].previous, page_size, arrivals, backward=True),
            ]
            laws.pages_list_each_run_once(backward, expected, "backward")
            listed = [run.id for run in self.target.client.runs.list(page_size=page_size)]
            laws.require(len(listed) == len(set(listed)), "the client's list gives a run twice")

    @rule(status=st.sampled_from(["succeeded", "queued", "running", "failed"]))
    def filter_by_status(self, status: str) -> None:
        """List the runs of one status."""
        with self._answered():
            found = list(self.target.client.runs.list(q=f"status_code.EQ:'{status}'"))
            laws.filter_returns_matches(status, found, self.seen.with_status(status))

    @precondition(lambda self: len(self.secrets) < 3)
    @rule()
    def create_secret(self) -> None:
        """Create another secret. The first one signs at once."""
        with self._answered():
            self._create_secret()

    @precondition(lambda self: self.secrets)
    @rule(data=st.data(), promotes=st.booleans())
    def patch_secret(self, data: st.DataObject, promotes: bool) -> None:
        """Rename or promote a secret; its other fields do not change."""
        secret_id = data.draw(st.sampled_from(sorted(self.secrets)))
        subject = self.target.client.callbacks.secrets
        with self._answered():
            before = _facts(self._listed_secret(secret_id))
            if promotes:
                with self._signing_changes():
                    subject.promote(secret_id)
                    self.current = secret_id
            else:
                subject.rename(secret_id, next(self._names))
            after = _facts(self._listed_secret(secret_id))
            laws.patch_changes_only(
                "a callback secret", before, after, "is_current" if promotes else "label"
            )

    @invariant()
    def nothing_is_billed_twice(self) -> None:
        """No run is billed more than once."""
        if self.target.billed_runs is not None:
            laws.each_run_is_billed_once(self.target.billed_runs())

    @invariant()
    def no_secret_is_shown_again(self) -> None:
        """No response has repeated a secret."""
        laws.secrets_are_shown_once(self.target.secret_detector.leaks)

    def _create(self, calls_back: bool = False) -> str:
        name = next(self._names)
        url = self.target.callback_url if calls_back else None
        options: dict[str, Any] = {} if url is None else {"callback_url": url}
        handle = self.target.client.submit(
            self.target.model, self.target.input, client_ref=name, **options
        )
        self.refs[handle.id] = name
        if handle.run is not None:
            self.seen.record(handle.run)
        return handle.id

    def _let_time_pass(self, seconds: float) -> None:
        self.target.pass_time(seconds)
        if not self.signing_is_known or (
            self.current is not None and self.current not in self.secrets
        ):
            self.target.received()  # the answer that would tell which secret signs was lost
            return
        current = None if self.current is None else self.secrets[self.current].plain_secret
        others = [
            secret.plain_secret
            for secret_id, secret in self.secrets.items()
            if secret_id != self.current
        ]
        for received in self.target.received():
            event = laws.signature_verifies(received, current, others)
            if isinstance(event, RunEvent) and event.status is not None:
                run_id = event.run_id
                before = self.called_back.setdefault(run_id, event.status)
                laws.require(
                    before == event.status,
                    f"run {run_id} was called back as {before} and as {event.status}",
                )
                last = self.seen.last.get(run_id)
                if last is not None and last.has_ended:
                    laws.require(
                        last.status == event.status,
                        f"run {run_id} is {last.status}, its callback {event.status}",
                    )

    def _pages(
        self, cursor: str | None, page_size: int, arrivals: int, *, backward: bool = False
    ) -> Iterator[Page[Run]]:
        """Yield the pages from the cursor on; runs are created between the first ones."""
        asked = False
        cursors: set[str | None] = set()
        while cursor is not None or not (asked or backward):
            laws.require(cursor not in cursors, "a cursor comes again: the pages have no end")
            cursors.add(cursor)
            options: dict[str, Any] = (
                {} if cursor is None else {"cursor": cursor, "backward": backward}
            )
            page = self.target.client.runs.page(page_size=page_size, **options)
            for run in page.items:
                self.seen.record(run)
            yield page
            asked, cursor = True, page.previous if backward else page.next
            if arrivals > 0:
                arrivals -= 1
                self._create()

    def _create_secret(self) -> None:
        subject = self.target.client.callbacks.secrets
        with self._signing_changes():
            made = subject.create(next(self._names))
            self.target.secret_detector.secrets.append(made.plain_secret)
            self.secrets[str(made.id)] = made
            currents = [str(secret.id) for secret in subject.list() if secret.is_current]
            laws.require(
                len(currents) == 1, f"{len(currents)} callback secrets are current at once"
            )
            self.current = currents[0]

    def _listed_secret(self, secret_id: str) -> CallbackSecret:
        return next(
            one for one in self.target.client.callbacks.secrets.list() if str(one.id) == secret_id
        )


def _facts(secret: CallbackSecret) -> dict[str, object]:
    return {
        name: value
        for name, value in asdict(secret).items()
        if name not in ("last_used_at", "updated_at")
    }


def laws_on(open_target: OpenTarget, *, broken_network: bool = False) -> type[RunLaws]:
    """Return a state machine for the targets that `open_target` opens, one per example.

    With `broken_network` a call may fail without a response. The laws must hold all the same.
    """

    class LawsOnTarget(RunLaws):
        """The state machine on these targets."""

        def open_target(self) -> AbstractContextManager[Target]:
            return open_target()

    LawsOnTarget.broken_network = broken_network
    return LawsOnTarget
