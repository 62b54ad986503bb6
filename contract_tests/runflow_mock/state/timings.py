"""How long a run stays in each state: fixed, or drawn at random from the server's seed."""

import math
import random
from typing import Any, Final

from attrs import field, frozen, validators

from .conversions import converted


@frozen
class Duration:
    """A time in seconds: fixed, or drawn for each run.

    It is `low` alone, between `low` and `high`, or log-normal around `low` with `sigma`.
    """

    low: float
    high: float | None = None
    sigma: float | None = None

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
    found: Duration = value if isinstance(value, Duration) else converted(_fixed, value)
    return found


def _fixed(value: Any) -> Duration:
    return Duration(float(value))


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
