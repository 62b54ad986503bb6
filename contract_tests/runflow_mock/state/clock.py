"""The clocks of a server: real, accelerated, or stepped by the test."""

import math
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

STEPPED_START = datetime(2026, 1, 1, tzinfo=UTC)


@runtime_checkable
class Clock(Protocol):
    """What the server needs of a clock."""

    def now(self) -> datetime:
        """Return the present instant in UTC, with its time zone."""
        ...

    def real_seconds(self, seconds: float) -> float | None:
        """Return the real seconds in which this clock advances by `seconds`; None for never."""
        ...


class RealClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def real_seconds(self, seconds: float) -> float | None:
        """Return `seconds`: this clock has the speed of real time."""
        return seconds


class AcceleratedClock:
    """The machine's clock at `factor` times the speed, from the moment it was made."""

    def __init__(self, factor: float = 60.0, *, start: datetime | None = None) -> None:
        if not 0 < factor < math.inf:
            raise ValueError(
                "the factor of an accelerated clock must be greater than 0 and finite, "
                f"not {factor}"
            )
        self.factor = factor
        self._start = start if start is not None else datetime.now(UTC)
        self._began = time.monotonic()

    def now(self) -> datetime:
        """Return the start plus the real time since then, multiplied by the factor."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self.factor)

    def move_to(self, instant: datetime) -> datetime:
        """Advance to `instant`, never back, and return the present instant."""
        self._start += max(instant - self.now(), timedelta(0))
        return self.now()

    def real_seconds(self, seconds: float) -> float | None:
        """Return the real seconds in which this clock advances by `seconds`."""
        return seconds / self.factor


class SteppedClock:
    """A clock that stands still until `advance` is called.

    Each request to the API or for a file advances it by `step` seconds. With `idle`, it jumps to
    what falls due next whenever no request has come for that many real seconds: runs end and
    callbacks are retried by themselves, at the instants of this clock but without waiting for them.
    """

    def __init__(
        self, start: datetime = STEPPED_START, *, step: float = 0.0, idle: float | None = None
    ) -> None:
        if start.tzinfo is None:
            raise ValueError("the start of a stepped clock needs a time zone")
        for name, seconds in (("step", step), ("idle time", idle)):
            if seconds is not None and not 0 <= seconds < math.inf:
                raise ValueError(
                    f"the {name} of a stepped clock must be 0 or more and finite, not {seconds}"
                )
        self.step = step
        self.idle = idle
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present instant of this clock."""
        with self._lock:
            return self._now

    def real_seconds(self, seconds: float) -> float | None:
        """Return `idle`: this clock never advances by itself, or jumps after that time."""
        return self.idle

    def advance(self, seconds: float) -> datetime:
        """Advance by `seconds` (0 or more) and return the new instant."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: advance({seconds})")
        with self._lock:  # two threads that advance it at once both do
            self._now += timedelta(seconds=seconds)
            return self._now

    def move_to(self, instant: datetime) -> datetime:
        """Advance to `instant`, never back, and return the present instant."""
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
    """Return the instant of an ISO 8601 text; without a zone it is UTC.

    Raise ValueError for any other text.
    """
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
