"""What was interrupted together is named together."""

from collections.abc import Callable
from typing import Final

from .._redaction import log

SAME_INTERRUPTION: Final = 1.0
"""Seconds within which flows were interrupted together."""

MAX_INTERRUPTIONS: Final = 20
"""Errors that are remembered to exchange their notes."""


class Interruptions:
    """The flows that were interrupted just now. Each of their errors carries the notes of all.

    Ctrl-C in `asyncio.gather` cancels all its tasks, and the caller sees the error of one. Of an
    `asyncio.TaskGroup` the caller sees none: so the notes are logged, too.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._recent: list[tuple[float, BaseException]] = []

    def share(self, error: BaseException) -> None:
        """Exchange notes with the errors of the other flows, and log them."""
        for note in getattr(error, "__notes__", ()):
            log.info("%s", note)
        since = self._now() - SAME_INTERRUPTION
        recent = [one for one in self._recent if one[0] >= since and one[1] is not error]
        self._recent = [*recent[1 - MAX_INTERRUPTIONS :], (self._now(), error)]
        for _, other in self._recent[:-1]:
            _add_notes(error, other)
            _add_notes(other, error)


def _add_notes(error: BaseException, other: BaseException) -> None:
    own = getattr(error, "__notes__", ())
    for note in getattr(other, "__notes__", ()):
        if note not in own:
            error.add_note(note)
