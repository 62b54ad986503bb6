"""Waiting for something of Runflow's to end: one loop for runs, batches and evaluations.

Three clocks have three names: the timeout of one request, the deadline of the whole wait, and the poll schedule.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from attrs import frozen

from .deadlines import Deadline
from .errors import InvalidArgument, NotFound, RateLimited, RunflowError, ServerError, TransportError
from .flows import Context, Flow, Update

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


Look = Callable[[S | None, float, Deadline], Flow[S | None]]
"""Waits so many seconds, knowing this state, then looks once; None when the deadline passed before the look."""


def wait(
    context: Context,
    state: S | None,
    look: Look[S],
    *,
    deadline: Deadline,
    schedule: PollSchedule,
    way_back: str,
    timed_out: Callable[[S | None], RunflowError],
    fresh: bool = False,
) -> Flow[S]:
    """Poll until it has ended, telling an Update for every change on the way.

    `state` is what is known already (None: look at once); `fresh` says that it was created just now, so that a 404 is
    waited out for a moment. Errors that may pass are waited out inside the deadline; whatever ends the wait early,
    Ctrl-C and cancellation among it, carries `way_back` as a note. When the deadline passes, `timed_out(last state)` is raised,
    with the last failure as its cause.
    """
    visible = Deadline.after(context.now, VISIBLE_WITHIN if fresh else 0.0)
    told: object = None
    trouble: RunflowError | None = None
    polls = failures = 0
    try:
        while True:
            if state is not None and state.progress != told:
                told = state.progress
                yield Update(state)
            if state is not None and state.has_ended:
                return state
            if deadline.has_passed():
                raise timed_out(state) from trouble
            pause = 0.0
            if state is not None or failures:
                pause = schedule.pause(polls, context.random())
                polls += 1
            if failures:
                pause = max(pause, context.retries.backoff(failures, context.random()), _asked(trouble))
            try:
                seen = yield from look(state, deadline.clip(pause) or 0.0, deadline)
                if seen is not None:
                    state, failures, trouble = seen, 0, None
            except TRANSIENT as error:
                failures, trouble = failures + 1, error
            except NotFound as error:
                if visible.has_passed():
                    raise
                failures, trouble = failures + 1, error
    except BaseException as error:
        if not isinstance(error, TimeoutError | GeneratorExit):
            error.add_note(way_back)
        raise


def _asked(trouble: RunflowError | None) -> float:
    """Seconds that the server asked to be left alone for."""
    return (trouble.retry_after or 0.0) if isinstance(trouble, RateLimited | ServerError) else 0.0
