"""Waiting in front of the user: progress on stderr, and Ctrl-C that leaves the run running."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

from ... import errors
from ..._progress import Bars, ProgressDisplay
from ..._time import Deadline
from .refusals import Interrupted, continuation
from .terminal import Terminal

SHORTEST: Final = 0.001
"""Seconds. No wait takes none, where the create has used them up."""

Update = Callable[[Any], None]
Progress = Callable[[int, int | None], None]


def deadline_of(timeout: float) -> Deadline:
    """Return when the seconds of --timeout are over, never for 0."""
    return Deadline.after(time.monotonic, timeout or None)


def wait(
    terminal: Terminal,
    kind: str,
    handle: Any,
    timeout: float,
    saving: str = "",
    *,
    deadline: Deadline | None = None,
) -> Any:
    """Wait for a run, batch or evaluation and return it.

    Args:
        terminal: where progress is drawn.
        kind: what is waited for.
        handle: what waits.
        timeout: seconds of --timeout, 0 for no limit.
        saving: the options of a later command, see `continuing`.
        deadline: when they are over. Default: they begin now.

    Raises what `handle.wait` raises, as `continuing` has it.
    """
    left = (deadline or deadline_of(timeout)).remaining()
    if left is not None:
        left = max(left, SHORTEST)
    with continuing(kind, lambda: handle.id, saving), watching(terminal) as update:
        try:
            return handle.wait(left, on_update=update)
        except errors.WaitTimeout as error:
            error.seconds = timeout  # what was asked for, the create included
            raise


@contextmanager
def continuing(kind: str, seen_id: Callable[[], str | None], saving: str = "") -> Generator[None]:
    """Name the command that waits again, if there is something to wait for: `seen_id` returns its
    id. `saving` is the options of that command.

    Raises Interrupted for Ctrl-C.
    """
    try:
        yield
    except (errors.ApiError, errors.TransportError) as error:
        found = seen_id()
        if found is not None and not isinstance(error, errors.NotFound):
            error.add_note(
                f"{kind.capitalize()} {found} continues: {continuation(kind, found)}{saving}"
            )
        raise
    except KeyboardInterrupt as interruption:
        found = seen_id()
        if found is None:
            raise
        raise Interrupted(
            f"interrupted; {kind} {found} continues",
            f"Wait again: {continuation(kind, found)}{saving}",
        ) from interruption


@contextmanager
def watching(terminal: Terminal) -> Generator[Update]:
    """Draw status, nodes and elapsed time while something is waited for."""
    if not terminal.shows_progress:
        yield lambda state: None
        return
    with ProgressDisplay(Bars(terminal.progress_console(), transient=True)) as display:
        yield display


@contextmanager
def transfer(terminal: Terminal, what: str) -> Generator[Progress]:
    """Draw a bar of bytes while files are uploaded or downloaded. It appears with the first."""
    if not terminal.shows_progress:
        yield lambda done, total: None
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress as Bars,
        TextColumn,
        TransferSpeedColumn,
    )

    bars = Bars(
        TextColumn("{task.description}", markup=False),  # a name may hold braces and brackets
        BarColumn(bar_width=20),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=terminal.progress_console(),
        transient=True,
    )
    task = bars.add_task(what, total=None)

    def progress(done: int, total: int | None) -> None:
        bars.start()
        bars.update(task, completed=done, total=total)

    try:
        yield progress
    finally:
        bars.stop()
