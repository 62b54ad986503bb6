"""A moment after which something is no longer worth waiting for."""

import math
from collections.abc import Callable

from attrs import frozen

from .errors import InvalidArgument

_ROUNDING = 1e-6
"""Seconds by which sums of floating-point seconds may miss each other."""


def check_seconds(name: str, value: float | None) -> float | None:
    """The value, if it is None or a finite number of seconds above zero. Raises InvalidArgument otherwise."""
    if value is not None and not (math.isfinite(value) and value > 0):
        raise InvalidArgument(f"{name} is {value}: expected seconds, finite and above zero, or None for no limit")
    return value


@frozen
class Deadline:
    """A monotonic moment, or never."""

    now: Callable[[], float]
    moment: float | None

    @classmethod
    def after(cls, now: Callable[[], float], seconds: float | None) -> "Deadline":
        """The deadline that many seconds from now; None means never."""
        return cls(now, None if seconds is None else now() + seconds)

    def remaining(self) -> float | None:
        """Seconds that are left (zero once it has passed), or None for never."""
        return None if self.moment is None else max(0.0, self.moment - self.now())

    def has_passed(self) -> bool:
        """Whether it is too late."""
        return self.moment is not None and self.now() >= self.moment - _ROUNDING

    def clip(self, seconds: float | None) -> float | None:
        """The smaller of these seconds and what is left; None where neither limits."""
        left = self.remaining()
        if left is None or seconds is None:
            return left if seconds is None else seconds
        return min(left, seconds)
