"""The clocks that a run's life can follow: real, accelerated, or stepped by the test."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

STEPPED_START = datetime(2026, 1, 1, tzinfo=UTC)


class Clock(Protocol):
    """What the server asks of a clock."""

    def now(self) -> datetime:
        """Return the present instant, with its time zone (UTC)."""
        ...

    def real_seconds(self, seconds: float) -> float | None:
        """Return how many real seconds pass while this clock goes on by `seconds`; None if it never does by itself."""
        ...


class RealClock:
    """The time of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def real_seconds(self, seconds: float) -> float | None:
        """Return `seconds`: this clock is as fast as the world."""
        return seconds


class AcceleratedClock:
    """The time of the machine, `factor` times as fast, counted from the moment the clock was made."""

    def __init__(self, factor: float = 60.0, *, start: datetime | None = None) -> None:
        if factor <= 0:
            raise ValueError(
                f"the factor of an accelerated clock must be greater than 0, not {factor}"
            )
        self.factor = factor
        self._start = start if start is not None else datetime.now(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the start plus the real time since then, multiplied by the factor."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.factor)

    def real_seconds(self, seconds: float) -> float | None:
        """Return the real time in which this clock goes on by `seconds`."""
        return seconds / self.factor


class SteppedClock:
    """A clock that stands still until `advance` is called; each request to the server lets it go on by `step` seconds."""

    def __init__(self, start: datetime = STEPPED_START, *, step: float = 0.0) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a stepped clock needs a time zone")
        self.step = step
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        with self._lock:
            return self._now

    def real_seconds(self, seconds: float) -> float | None:
        """Return None: this clock never goes on by itself."""
        return None

    def advance(self, seconds: float) -> datetime:
        """Go on by `seconds` (0 or more) and return the new instant."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: advance({seconds})")
        return self.move_to(self.now() + timedelta(seconds=seconds))

    def move_to(self, instant: datetime) -> datetime:
        """Go on to `instant` (never back) and return the instant at which the clock then stands."""
        with self._lock:
            self._now = max(self._now, instant.astimezone(UTC))
            return self._now


def api_instant(instant: datetime) -> str:
    """Return the instant as the API's answers write it: ISO 8601 in UTC with `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def callback_instant(text: str | None) -> str | None:
    """Return an instant of an answer as callbacks write it: with `+00:00` instead of `Z`."""
    return None if text is None else parse_instant(text).isoformat()


def parse_instant(text: str) -> datetime:
    """Return the instant that the text says.

    Raise ValueError if it is not ISO 8601; without a zone it means UTC.
    """
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
