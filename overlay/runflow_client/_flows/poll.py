"""Wait until a run, a batch or an evaluation has ended: one loop for all."""

import math
from typing import (
    Any,
    ClassVar,
    Final,
    Generic,
    NoReturn,
    Protocol,
    Self,
    TypeVar,
    runtime_checkable,
)
from uuid import UUID

from attrs import define, frozen

from .._errors import (
    ConnectFailed,
    NotFound,
    RateLimited,
    RequestTimeout,
    RunflowError,
    ServerError,
)
from .._models import statuses
from .._models.outcome_errors import WaitTimeout
from .._time import Deadline, backoff
from .._validation import check_numbers, check_seconds
from .commands import Command, Context, Emit, Flow, Sleep
from .retry import TRANSIENT


@runtime_checkable
class Awaited(Protocol):
    """What can be waited for."""

    @property
    def status(self) -> str | None:
        """The status as the server spells it."""
        ...

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        ...

    @property
    def progress(self) -> object:
        """What the caller sees of it. A state is emitted when this has changed."""
        ...


S = TypeVar("S", bound=Awaited)


@frozen
class PollSchedule:
    """How often to ask: quickly at first, gently later, never in step with others. Times are
    seconds.
    """

    first: float = 0.5
    growth: float = 1.3
    longest: float = 4.0
    jitter: float = 0.2

    def __attrs_post_init__(self) -> None:
        check_numbers(self, "first", above=0)
        check_numbers(self, "longest", at_least=self.first)
        check_numbers(self, "growth", at_least=1)
        check_numbers(self, "jitter", at_least=0, below=1)

    def pause(self, polls: int, random: float) -> float:
        """Seconds between poll number `polls` (from 0) and the next; `random` is a number from 0 up
        to 1.
        """
        usual = backoff(polls + 1, self.first, self.longest, self.growth)
        return usual * (1 + self.jitter * (2 * random - 1))


@frozen(eq=False, repr=False)
class WaitFlows(Generic[S]):
    """The flows of one kind of thing that ends: subclasses say how it is read and which errors its
    ending raises.
    """

    context: Context
    schedule: PollSchedule

    kind: ClassVar[str]
    """What it is called in messages: `run`, `batch`, `evaluation`."""
    attach_method: ClassVar[str]
    """The method that returns a handle on it again."""
    failed: ClassVar[type[Any]]
    """The error when it failed."""
    canceled: ClassVar[type[Any] | None] = None
    """The error when it was canceled; None if it cannot be."""

    def __deepcopy__(self, memo: object) -> Self:
        """Return the flows themselves: they belong to the client, which copies share."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise RunflowError: what belongs to a client is not pickled."""
        raise RunflowError(
            "a handle cannot be pickled, nor the part of a client that made it: keep its id, and "
            "the client's attach(id) returns another"
        )

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[S]:
        """Read it once, with the context's retries."""
        raise NotImplementedError

    def unseen(self, subject_id: UUID) -> S:
        """Make the state of which only the id is known."""
        raise NotImplementedError

    def conclude(self, state: S, *, raise_on_failure: bool) -> S:
        """Return the ended state. Raise `failed` or `canceled` if it ended so, unless the caller
        wants it as a value.
        """
        if raise_on_failure and state.status == statuses.FAILED:
            raise self.failed(state)
        if raise_on_failure and self.canceled is not None and state.status in statuses.CANCELED:
            raise self.canceled(state)
        return state

    def get(self, subject_id: UUID) -> Flow[S]:
        """Read it, with retries."""
        return (yield from self.read(self.context, subject_id, None))

    def waiter(self, subject_id: UUID, timeout: float | None) -> "Waiter[S]":
        """Make what one wait remembers of it."""
        return Waiter(self, str(subject_id), timeout)

    def wait(
        self,
        subject_id: UUID,
        state: S | None,
        *,
        timeout: float | None,
        raise_on_failure: bool,
        fresh: bool = False,
    ) -> Flow[S]:
        """Wait until it has ended and return its last state.

        `timeout` is seconds for the whole wait, None for no limit; `fresh` says that it was created
        just now. Raises WaitTimeout, and what `conclude` raises.
        """
        check_seconds("timeout", timeout)
        return wait(
            self.waiter(subject_id, timeout),
            state,
            deadline=Deadline.after(self.context.now, timeout),
            raise_on_failure=raise_on_failure,
            fresh=fresh,
        )


@define(eq=False, repr=False, weakref_slot=False)
class Waiter(Generic[S]):
    """What a wait remembers of the run, batch or evaluation that it waits for."""

    flows: WaitFlows[S]
    id: str
    timeout: float | None
    state: S | None = None
    """The last one seen."""

    def remember(self, state: S) -> bool:
        """Remember the newest state. True if its progress is another than before."""
        before, self.state = self.state, state
        return before is None or state.progress != before.progress

    def next_command(self, pause: float, deadline: Deadline, *, has_failed: bool) -> Command:
        """Return what to do before the next read: here, nothing for so many seconds. `has_failed`
        says that the last read did.
        """
        return Sleep(pause)

    def state_in(self, outcome: object) -> S | None:
        """Return the state that the outcome of that command shows; None if it shows none."""
        return None

    def conclude(self, state: S, *, raise_on_failure: bool) -> S:
        """Return the ended state, or raise what it means."""
        return self.flows.conclude(state, raise_on_failure=raise_on_failure)

    def annotate(self, error: BaseException) -> None:
        """Note on what ended the wait early how to wait again."""
        if not isinstance(error, WaitTimeout | GeneratorExit):
            error.add_note(self.resume_hint)

    def last_state(self) -> S:
        """Return the last state, as far as it was kept."""
        return self.state or self.flows.unseen(UUID(self.id))

    def timed_out(self) -> WaitTimeout:
        """Make the error for a deadline that passed."""
        return WaitTimeout(
            self.flows.kind,
            self.id,
            self.last_state(),
            seconds=self.timeout or 0.0,
            resume_hint=self._wait_again,
        )

    @property
    def resume_hint(self) -> str:
        """What to say when the wait ends before the run does."""
        return (
            f"{self.flows.kind.capitalize()} {self.id} continues: {self._wait_again} waits for it "
            "again."
        )

    @property
    def _wait_again(self) -> str:
        return f"{self.flows.attach_method}('{self.id}').wait()"


VISIBLE_WITHIN: Final = 10.0
"""Seconds after a create in which a 404 means that a replica lags (not documented by
Runflow).
"""


LAST_READ: Final = 1.0
"""Seconds before the deadline at which a wait reads for the last time, or half of what is left."""

MIN_LAST_READ: Final = 0.2
"""Seconds; where less is left, nothing is read any more."""


def wait(
    waiter: Waiter[S],
    state: S | None,
    *,
    deadline: Deadline,
    raise_on_failure: bool,
    fresh: bool = False,
) -> Flow[S]:
    """Poll until it has ended, emit every change on the way, and conclude.

    `state` is what was read already (None: read it at once). Errors that may pass are waited out
    until the deadline, and so is a 404 right after the create (`fresh`). Shortly before the
    deadline it is read once more, so that no end during the last pause is missed. Whatever ends the
    wait early, Ctrl-C and cancellation too, carries a note with the way to wait again. When the
    deadline has passed, WaitTimeout is raised, with the last error as its cause.
    """
    flows, context = waiter.flows, waiter.flows.context
    visible_from = context.now() + VISIBLE_WITHIN if fresh else 0.0
    last_error: RunflowError | None = None
    was_read = False
    polls = failures = 0
    last_read = math.inf
    try:
        while True:
            if state is not None:
                if waiter.remember(state):
                    yield Emit(state)
                if state.has_ended:
                    break
                state, was_read = None, True
            if deadline.has_passed():
                raise waiter.timed_out() from last_error
            pause, is_last = 0.0, False
            if was_read or failures:
                pause = flows.schedule.pause(polls, context.random())
                polls += 1
            if failures:
                pause = max(
                    pause,
                    context.retries.backoff(failures, context.random()),
                    requested_pause(context, last_error),
                )
            elif context.now() < last_read and (sooner := before_end(pause, deadline)) is not None:
                pause, last_read, is_last = sooner, context.now() + sooner, True
            try:
                if pause > 0:
                    command = waiter.next_command(
                        deadline.clip(pause) or 0.0, deadline, has_failed=failures > 0
                    )
                    state = waiter.state_in((yield command))
                if state is None:
                    if deadline.has_passed():
                        continue
                    state = yield from flows.read(context.once, UUID(waiter.id), deadline)
                failures, last_error = 0, None
            except TRANSIENT as error:
                # the last read has little time: that it was too little says nothing of the server
                if not (is_last and isinstance(error, ConnectFailed | RequestTimeout)):
                    failures, last_error = failures + 1, error
            except NotFound as error:
                if context.now() >= visible_from:
                    raise
                failures, last_error = failures + 1, error
    except BaseException as error:
        waiter.annotate(error)
        raise
    return waiter.conclude(state, raise_on_failure=raise_on_failure)


def before_end(pause: float, deadline: Deadline) -> float | None:
    """Return the pause after which the last read is made, where this one would end with the
    deadline; None where it would not, or where no time is left for a read.
    """
    left = deadline.remaining()
    if pause <= 0 or left is None or pause < left or left < MIN_LAST_READ:
        return None
    return left - min(LAST_READ, left / 2)


def requested_pause(context: Context, error: RunflowError | None) -> float:
    """Return the seconds of the error's Retry-After, at most the policy's `longest_retry_after`."""
    asked = (error.retry_after or 0.0) if isinstance(error, RateLimited | ServerError) else 0.0
    return min(asked, context.retries.longest_retry_after)
