"""How long a run stays in each state: fixed times, or times drawn from a distribution, always the same for a seed."""

import math
import random

from attrs import field, frozen


@frozen
class Duration:
    """A time in seconds: `low` when it is fixed, else drawn between `low` and `high`, or around `low` with `sigma`."""

    low: float
    high: float | None = None
    sigma: float | None = None

    def draw(self, source: random.Random) -> float:
        """Return the seconds of one run."""
        if self.sigma is not None:
            return self.low * math.exp(source.gauss(0.0, self.sigma))
        return self.low if self.high is None else source.uniform(self.low, self.high)


def uniform(low: float, high: float) -> Duration:
    """Return a time that lies anywhere between `low` and `high` seconds."""
    return Duration(low, high=high)


def lognormal(median: float, sigma: float = 0.5) -> Duration:
    """Return a time that is mostly near `median` seconds and now and then much longer, as real queues are."""
    return Duration(median, sigma=sigma)


def _duration(value: Duration | float) -> Duration:
    return value if isinstance(value, Duration) else Duration(float(value))


@frozen
class Timings:
    """How long a run is queued, dispatching and running, in seconds: numbers, `uniform(...)` or `lognormal(...)`."""

    queued: Duration = field(default=Duration(1.0), converter=_duration)
    dispatching: Duration = field(default=Duration(1.0), converter=_duration)
    running: Duration = field(default=Duration(4.0), converter=_duration)
