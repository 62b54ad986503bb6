"""How long a run stays in each state: fixed, or drawn at random from the server's seed."""

import math
import random

from attrs import field, frozen


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
    return value if isinstance(value, Duration) else Duration(float(value))


@frozen
class Timings:
    """How long a run is queued, dispatching and running, in seconds.

    Each is a number, `uniform(...)` or `lognormal(...)`.
    """

    queued: Duration = field(default=Duration(1.0), converter=_duration)
    dispatching: Duration = field(default=Duration(1.0), converter=_duration)
    running: Duration = field(default=Duration(4.0), converter=_duration)
