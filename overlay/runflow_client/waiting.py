"""Waiting for something of Runflow's to end: one loop for runs, batches and evaluations.

Three clocks have three names: the timeout of one request, the deadline of the whole wait, and the poll schedule.
"""

from typing import Final, Protocol, TypeVar

from attrs import frozen

from .deadlines import Deadline
from .errors import InvalidArgument, NotFound, RateLimited, RunflowError, ServerError, TransportError
from .flows import Context, Flow, Listen, Poll, Update

TRANSIENT: Final = (TransportError, RateLimited, ServerError)
"""What a poll may meet without the wait being over."""

VISIBLE_WITHIN: Final = 10.0
"""Seconds after a create in which a 404 means that a replica lags (not documented; peers allow for it too)."""


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
    """How often to ask: quickly at first, gently later, never in step with others. Times are seconds."""

    first: float = 0.5
    growth: float = 1.3
    longest: float = 4.0
    jitter: float = 0.2

    def __attrs_post_init__(self) -> None:
        if not (0 < self.first <= self.longest and self.growth >= 1 and 0 <= self.jitter < 1):
            raise InvalidArgument(
                f"{self} is no schedule: 0 < first <= longest, growth >= 1 and 0 <= jitter < 1 must hold"
            )

    def pause(self, polls: int, random: float) -> float:
        """Seconds between poll number `polls` (from 0) and the next; `random` is a number from 0 up to 1."""
        usual = min(self.longest, self.first * self.growth ** min(polls, 64))
        return usual * (1 + self.jitter * (2 * random - 1))


class Subject(Protocol[S]):
    """One thing that is waited for. Of its states it keeps as little as it can: a thousand may be waited for at once."""

    def notice(self, state: S) -> bool:
        """Remember of this state, the newest, what `look` and `timed_out` need. Whether it is another than before."""
        ...

    def news(self, pause: float, deadline: Deadline) -> Listen | Poll | None:
        """What may tell of it before it is looked at, so many seconds from now or later; None where nothing does."""
        ...

    def look(self, told: object, pause: float, deadline: Deadline) -> Flow[S | None]:
        """Its state, from what the news told, else by a look after the pause. None where the deadline passed before."""
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


def wait(
    context: Context,
    subject: Subject[S],
    state: S | None,
    *,
    deadline: Deadline,
    schedule: PollSchedule,
    fresh: bool = False,
) -> Flow[S]:
    """Poll until it has ended, telling an Update for every change on the way, and give back what the subject concludes.

    `state` is what is known already (None: look at once); `fresh` says that it was created just now, so that a 404 is
    waited out for a moment. Errors that may pass are waited out inside the deadline; whatever ends the wait early,
    Ctrl-C and cancellation among it, carries what the subject says as a note. When the deadline passes, the subject's error is
    raised, with the last failure as its cause.
    """
    visible_from = context.now() + VISIBLE_WITHIN if fresh else 0.0
    trouble: RunflowError | None = None
    known = False
    polls = failures = 0
    try:
        while True:
            if state is not None:
                if subject.notice(state):
                    yield Update(state)
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
                pause = max(pause, context.retries.backoff(failures, context.random()), asked_rest(context, trouble))
            try:
                pause = deadline.clip(pause) or 0.0
                news = subject.news(pause, deadline)
                # Here a thousand may wait, so no flow of the subject's own goes on meanwhile.
                state = yield from subject.look(None if news is None else (yield news), pause, deadline)
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


def asked_rest(context: Context, trouble: RunflowError | None) -> float:
    """Seconds that the server asked to be left alone for, as far as the client's patience goes."""
    asked = (trouble.retry_after or 0.0) if isinstance(trouble, RateLimited | ServerError) else 0.0
    return min(asked, context.retries.longest_retry_after)
