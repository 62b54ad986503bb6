"""How often an event is handed to the handler, how long one handling may take, and how long events are remembered."""

import math

from attrs import frozen

from ...errors import InvalidArgument

_DAY = 24 * 60 * 60.0


@frozen
class HandlingPolicy:
    """Times are seconds."""

    attempts: int = 8
    """How often an event is tried before it is set aside."""
    lease: float = 300.0
    """How long a handling may take. After it the event is thought abandoned and handed out again."""
    first_backoff: float = 1.0
    """The pause after the first failure; it doubles with every further one."""
    longest_backoff: float = 600.0
    keep: float = 30 * _DAY
    """How long a handled event is kept, so that a late duplicate is known as one."""

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1:
            raise InvalidArgument(f"attempts is {self.attempts}: at least one is needed")
        for name in ("lease", "first_backoff", "longest_backoff", "keep"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidArgument(f"{name} is {value}: expected seconds, finite and above zero")

    def backoff(self, attempts: int) -> float:
        """Seconds until an event that failed that often is due again."""
        return min(self.longest_backoff, self.first_backoff * 2.0 ** min(attempts - 1, 32))
