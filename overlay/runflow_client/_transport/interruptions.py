"""What was interrupted together is named together."""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

from .._redaction import log

SAME_INTERRUPTION: Final = 1.0
"""Seconds within which flows were interrupted together."""

LONGEST_ENDING: Final = 10.0
"""Seconds that the other tasks of a group may take to end, before its exception leaves the client.
"""

MAX_INTERRUPTIONS: Final = 20
"""Errors that are remembered to exchange their notes."""

MAX_NOTES: Final = 1000
"""Notes that are remembered for the exception of a group."""


class Interruptions:
    """The flows that were interrupted just now. Each of their errors carries the notes of all.

    Ctrl-C in `asyncio.gather` cancels all its tasks, and the caller sees the error of one. A task
    group keeps the errors of its tasks to itself: so the notes are logged, and go onto the
    exception that leaves the client's `async with`.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._recent: list[tuple[float, BaseException]] = []
        self._notes: deque[tuple[float, str]] = deque(maxlen=MAX_NOTES)

    def share(self, error: BaseException) -> None:
        """Exchange notes with the errors of the other flows, and log them."""
        for note in getattr(error, "__notes__", ()):
            log.info("%s", note)
            self._notes.append((self._now(), note))
        since = self._now() - SAME_INTERRUPTION
        recent = [one for one in self._recent if one[0] >= since and one[1] is not error]
        self._recent = [*recent[1 - MAX_INTERRUPTIONS :], (self._now(), error)]
        for _, other in self._recent[:-1]:
            _add_notes(error, getattr(other, "__notes__", ()))
            _add_notes(other, getattr(error, "__notes__", ()))

    def name_in(self, error: BaseException) -> None:
        """Add the notes of what was interrupted just now to an exception that leaves the client."""
        since = self._now() - LONGEST_ENDING
        _add_notes(error, [note for moment, note in self._notes if moment >= since])


def _add_notes(error: BaseException, notes: Iterable[str]) -> None:
    own: set[str] = set(getattr(error, "__notes__", ()))
    for note in notes:
        if note not in own:
            own.add(note)
            error.add_note(note)
