"""Actions that fall due on the server's clock, carried out in the order of their instants."""

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import TypeAlias

Action: TypeAlias = Callable[[datetime], None]


class Schedule:
    """A queue of actions by instant.

    An action is called with the instant at which it was due, however late it is carried out.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[datetime, int, Action]] = []
        self._numbers = count()  # what is due at the same instant keeps its order
        self.on_change: Callable[[], None] = lambda: None

    def at(self, instant: datetime, action: Action) -> None:
        """Carry out `action` once the clock has reached `instant`."""
        heapq.heappush(self._entries, (instant, next(self._numbers), action))
        self.on_change()

    def next_due(self) -> datetime | None:
        """Return the instant of the earliest action, or None."""
        return self._entries[0][0] if self._entries else None

    def run_due(self, now: datetime) -> int:
        """Carry out everything due at `now`; return the number of actions.

        Actions that become due meanwhile are included.
        """
        done = 0
        while self._entries and self._entries[0][0] <= now:
            instant, _, action = heapq.heappop(self._entries)
            action(instant)
            done += 1
        return done

    def __len__(self) -> int:
        return len(self._entries)
