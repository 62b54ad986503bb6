"""Wait for a run, a batch or an evaluation to end: one loop for all."""

import math
from collections.abc import Callable
from typing import ClassVar, Final, Generic, Protocol, TypeVar
from uuid import UUID

from attrs import Factory, define, evolve, field, frozen
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_status import RunStatus
from runflow_api.types import UNSET

from .._errors import (
    InvalidArgument,
    NotFound,
    RateLimited,
    RunflowError,
    ServerError,
    TransportError,
)
from .._models.run import BaseRun, model_after
from .._outcome_errors import WaitTimeout
from .._time import Deadline
from .._validation import check_number, check_seconds
from ..callbacks._wakeup import Listens
from .commands import NO_NEWS, Context, Emit, Flow, Listen, Poll, sleep

R = TypeVar("R", bound=BaseRun)


class Awaited(Protocol):
    """What can be waited for."""

    @property
    def has_ended(self) -> bool:
        """Whether it will not change any more."""
        ...

    @property
    def progress(self) -> object:
        """What an onlooker sees of it; an update is told when it changes."""
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
        for name in ("first", "growth", "longest", "jitter"):
            check_number(name, getattr(self, name), minimum=-math.inf)
        if not (0 < self.first <= self.longest and self.growth >= 1 and 0 <= self.jitter < 1):
            raise InvalidArgument(
                f"{self} is no schedule: 0 < first <= longest, growth >= 1 and 0 <= jitter < 1 "
                "must hold"
            )

    def pause(self, polls: int, random: float) -> float:
        """Seconds between poll number `polls` (from 0) and the next; `random` is a number from 0 up
        to 1.
        """
        usual = min(self.longest, self.first * self.growth ** min(polls, 64))
        return usual * (1 + self.jitter * (2 * random - 1))


class Subject(Protocol[S]):
    """One thing that is waited for. Of its states it keeps as little as it can: a thousand may be
    waited for at once.
    """

    def notice(self, state: S) -> bool:
        """Remember of this state, the newest, what `look` and `timed_out` need. Whether it is
        another than before.
        """
        ...

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """What may tell of it before it is looked at, so many seconds from now or later; None where
        nothing does.
        """
        ...

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[S | None]:
        """Its state, from what the news told, else by a look after the pause. None where the
        deadline passed before.
        """
        ...

    def conclude(self, state: S) -> S:
        """The ended state, or its error."""
        ...

    def timed_out(self) -> RunflowError:
        """The error for a deadline that passed."""
        ...

    @property
    def goes_on(self) -> str:
        """What to say when the wait ends before its time."""
        ...


@frozen
class WaitFlows(Generic[S]):
    """The flows of one kind of thing that ends: subclasses say how it is read and what its ending
    means.
    """

    context: Context
    schedule: PollSchedule

    once: Context = field(
        init=False, repr=False, eq=False, default=Factory(lambda self: _once(self), takes_self=True)
    )
    """For one look. The wait itself is the retry: an attempt more inside a look would only hide the
    schedule.
    """

    kind: ClassVar[str]
    """What it is called in messages: `run`, `batch`, `evaluation`."""
    way_back: ClassVar[str]
    """The method that gives a handle on it again."""

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[S]:
        """Read it once, with the context's retries."""
        raise NotImplementedError

    def unseen(self, subject_id: UUID) -> S:
        """What is known of it when nothing but its id is."""
        raise NotImplementedError

    def conclude(self, state: S, *, raise_on_failure: bool) -> S:
        """The ended state, or its error."""
        raise NotImplementedError

    def get(self, subject_id: UUID) -> Flow[S]:
        """Read it, with retries."""
        return (yield from self.read(self.context, subject_id, None))

    def subject(
        self, subject_id: UUID, timeout: float | None, raise_on_failure: bool
    ) -> Subject[S]:
        """It, as something to wait for."""
        return OneOf(self, str(subject_id), timeout, raise_on_failure)

    def wait(
        self,
        subject_id: UUID,
        state: S | None,
        *,
        timeout: float | None,
        raise_on_failure: bool,
        fresh: bool = False,
    ) -> Flow[S]:
        """Wait until it has ended and give back its last state; raises WaitTimeout, and what
        `conclude` raises.

        `timeout` is seconds for the whole wait, None for no limit; `fresh` says that it was created
        just now.
        """
        check_seconds("timeout", timeout)
        return wait(
            self.context,
            self.subject(subject_id, timeout, raise_on_failure),
            state,
            deadline=Deadline.after(self.context.now, timeout),
            schedule=self.schedule,
            fresh=fresh,
        )


@define(eq=False)
class OneOf(Generic[S]):
    """One that is waited for alone, with its newest state."""

    flows: WaitFlows[S]
    subject_id: str
    timeout: float | None
    raise_on_failure: bool
    state: S | None = None

    def notice(self, state: S) -> bool:
        """Remember the state. Whether it is another than before."""
        before, self.state = self.state, state
        return before is None or state.progress != before.progress

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """Nothing tells of it."""
        return None

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[S | None]:
        """Wait so many seconds, then read it; None when the deadline passed before."""
        yield from sleep(pause)
        if deadline.has_passed():
            return None
        return (yield from self.flows.read(self.flows.once, UUID(self.subject_id), deadline))

    def conclude(self, state: S) -> S:
        """The ended state, or its error."""
        return self.flows.conclude(state, raise_on_failure=self.raise_on_failure)

    def last(self) -> S:
        """What was last seen of it."""
        return self.state or self.flows.unseen(UUID(self.subject_id))

    def timed_out(self) -> WaitTimeout:
        """The error for a deadline that passed."""
        return WaitTimeout(
            self.flows.kind,
            self.subject_id,
            self.last(),
            seconds=self.timeout or 0.0,
            resume_hint=self._way_back,
        )

    @property
    def goes_on(self) -> str:
        """What to say when the wait ends before its time."""
        return (
            f"{self.flows.kind.capitalize()} {self.subject_id} goes on: {self._way_back} "
            "waits for it again."
        )

    @property
    def _way_back(self) -> str:
        return f"{self.flows.way_back}('{self.subject_id}').wait()"


@define(eq=False)
class OneRun(OneOf[R]):
    """One run that is waited for, together with others of its client_ref where the driver has such
    company.

    Between two looks nothing is kept of it but its client_ref and its progress, and the whole run
    only where a callback, which does not tell everything, may end the wait.
    """

    show: Callable[[RunModel], R] = field(kw_only=True)
    wakeup: Listens | None = field(kw_only=True)
    client_ref: str | None = None
    progress: tuple[str | None, int | None, int | None] | None = None

    def notice(self, state: R) -> bool:
        """Remember what the next look compares, and what an error tells. Whether it is another than
        before.
        """
        before, self.progress, self.client_ref = self.progress, state.progress, state.client_ref
        if self.wakeup is not None:
            self.state = state
        return self.progress != before

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """Its callback, or what the company sees of it."""
        if self.wakeup is not None and self.state is not None:
            return Listen(self.wakeup, self.subject_id, pause)
        if self.client_ref is None:
            return None
        due = self.flows.context.now() + pause
        until = math.inf if deadline.moment is None else deadline.moment
        return Poll(self.subject_id, self.client_ref, self.progress, due, until, self)

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[R | None]:
        """The run as the company or the callback told it, else as it is when looked at alone."""
        if isinstance(told, RunModel):
            return self.show(told)
        if told is NO_NEWS:
            return None
        if self.wakeup is not None and self.state is not None:
            from ..callbacks._events import CallbackEvent  # loaded already, with the wakeup

            if isinstance(told, CallbackEvent) and told.status is not None:
                return self.show(model_after(self.state.raw, told))
            pause = 0.0  # that long it was listened for
        return (yield from super().look(told, pause, deadline))

    def last(self) -> R:
        """What was last seen of it: its status and progress."""
        if self.state is not None or self.progress is None:
            return super().last()
        status, nodes_completed, nodes_total = self.progress
        return self.show(
            RunModel(
                id=UUID(self.subject_id),
                client_ref=self.client_ref,
                status_code=UNSET if status is None else RunStatus(status),
                nodes_completed=nodes_completed,
                nodes_total=nodes_total,
            )
        )


TRANSIENT: Final = (TransportError, RateLimited, ServerError)
"""What a poll may meet without the wait being over."""


VISIBLE_WITHIN: Final = 10.0
"""Seconds after a create in which a 404 means that a replica lags (not documented; peers allow for
it too).
"""


def wait(
    context: Context,
    subject: Subject[S],
    state: S | None,
    *,
    deadline: Deadline,
    schedule: PollSchedule,
    fresh: bool = False,
) -> Flow[S]:
    """Poll until it has ended, telling an Update for every change on the way, and give back what
    the subject concludes.

    `state` is what is known already (None: look at once); `fresh` says that it was created just
    now, so that a 404 is waited out for a moment. Errors that may pass are waited out inside the
    deadline; whatever ends the wait early, Ctrl-C and cancellation among it, carries what the
    subject says as a note. When the deadline passes, the subject's error is raised, with the last
    failure as its cause.
    """
    visible_from = context.now() + VISIBLE_WITHIN if fresh else 0.0
    trouble: RunflowError | None = None
    known = False
    polls = failures = 0
    try:
        while True:
            if state is not None:
                if subject.notice(state):
                    yield Emit(state)
                if state.has_ended:
                    break
                state, known = None, True
            if deadline.has_passed():
                raise subject.timed_out() from trouble
            pause = 0.0
            if known or failures:
                pause = schedule.pause(polls, context.random())
                polls += 1
            if failures:
                pause = max(
                    pause,
                    context.retries.backoff(failures, context.random()),
                    requested_pause(context, trouble),
                )
            try:
                pause = deadline.clip(pause) or 0.0
                news = subject.news(pause, deadline)
                # Here a thousand may wait, so no flow of the subject's own goes on meanwhile.
                state = yield from subject.look(
                    None if news is None else (yield news), pause, deadline
                )
                if state is not None:
                    failures, trouble = 0, None
            except TRANSIENT as error:
                failures, trouble = failures + 1, error
            except NotFound as error:
                if context.now() >= visible_from:
                    raise
                failures, trouble = failures + 1, error
    except BaseException as error:
        if not isinstance(error, TimeoutError | GeneratorExit):
            error.add_note(subject.goes_on)
        raise
    return subject.conclude(state)


def requested_pause(context: Context, trouble: RunflowError | None) -> float:
    """Seconds that the server asked to be left alone for, as far as the client's patience goes."""
    asked = (trouble.retry_after or 0.0) if isinstance(trouble, RateLimited | ServerError) else 0.0
    return min(asked, context.retries.longest_retry_after)


def _once(flows: WaitFlows[S]) -> Context:
    return evolve(flows.context, retries=evolve(flows.context.retries, attempts=1))
