"""How long a run stays in each state: fixed, or drawn at random from the server's seed."""

import math
import random
from typing import Any, Final

from attrs import field, frozen, validators

from .conversions import converted


@frozen
class Duration:
    """A time in seconds: fixed, or drawn for each run.

    It is `low` alone, between `low` and `high`, or log-normal around `low` with `sigma`. Each is 0
    or more, and finite.
    """

    low: float
    high: float | None = None
    sigma: float | None = None

    def __attrs_post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high), ("sigma", self.sigma)):
            if value is not None and not 0 <= value < math.inf:
                raise ValueError(f"{name} of a duration is {value}: expected 0 or more, and finite")

    def draw(self, source: random.Random) -> float:
        """Return the seconds for one run."""
        if self.sigma is not None:
            return self.low * math.exp(source.gauss(0.0, self.sigma))
        return self.low if self.high is None else source.uniform(self.low, self.high)


def uniform(low: float, high: float) -> Duration:
    """Return a time between `low` and `high` seconds, all equally likely."""
    return Duration(low, high=high)


def lognormal(median: float, sigma: float = 0.5) -> Duration:
    """Return a time near `median` seconds that is sometimes much longer, as in real queues."""
    return Duration(median, sigma=sigma)


def _duration(value: Duration | float) -> Duration:
    if isinstance(value, Duration):
        return value
    seconds: Any = converted(float, value)
    found: Duration = Duration(seconds) if isinstance(seconds, float) else seconds
    return found


_IS_DURATION: Final = validators.instance_of(Duration)


@frozen
class Timings:
    """How long a run is queued, dispatching and running, in seconds.

    Each is a number, `uniform(...)` or `lognormal(...)`.
    """

    queued: Duration = field(default=Duration(1.0), converter=_duration, validator=_IS_DURATION)
    dispatching: Duration = field(
        default=Duration(1.0), converter=_duration, validator=_IS_DURATION
    )
    running: Duration = field(default=Duration(4.0), converter=_duration, validator=_IS_DURATION)
