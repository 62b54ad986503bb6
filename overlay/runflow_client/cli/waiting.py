"""Waiting in front of the user: progress on stderr, and Ctrl-C that leaves the run running."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from .. import errors
from .refusals import Interrupted, continuation
from .terminal import Terminal

Update = Callable[[Any], None]
Progress = Callable[[int, int | None], None]


def wait(
    terminal: Terminal, kind: str, handle: Any, timeout: float | None, remedy: str = ""
) -> Any:
    """Wait for a run, batch or evaluation and return it.

    Raises what `handle.wait` raises, and Interrupted with the command that continues (`remedy`,
    where another one is better).
    """
    try:
        with watching(terminal, kind) as update:
            return handle.wait(timeout or None, on_update=update)
    except (errors.ApiError, errors.TransportError) as error:
        if not isinstance(error, errors.NotFound):
            error.add_note(
                f"{kind.capitalize()} {handle.id} continues: "
                f"{remedy or continuation(kind, handle.id)}"
            )
        raise
    except KeyboardInterrupt as interruption:
        raise Interrupted(
            f"interrupted; {kind} {handle.id} continues",
            f"Wait again: {remedy or continuation(kind, handle.id)}",
        ) from interruption


@contextmanager
def watching(terminal: Terminal, kind: str) -> Generator[Update]:
    """Draw status, nodes and elapsed time while something is waited for."""
    if not terminal.shows_progress:
        yield lambda state: None
        return
    from rich.progress import (
        BarColumn,
        Progress as Bars,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    with Bars(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[done]}"),
        TimeElapsedColumn(),
        console=terminal.progress_console(),
        transient=True,
    ) as bars:
        task = bars.add_task(kind, total=None, done="")

        def update(state: Any) -> None:
            completed, total = _share(state)
            bars.update(
                task,
                description=str(state.status),
                completed=completed or 0,
                total=total,
                done="" if not total else f"{completed or 0}/{total}",
            )

        yield update


def _share(state: Any) -> tuple[int | None, int | None]:
    """How much of it is done: the nodes of a run, the items of a batch."""
    if hasattr(state, "nodes_total"):
        return state.nodes_completed, state.nodes_total
    if hasattr(state, "items_total"):
        counts = (state.items_succeeded, state.items_failed, state.items_canceled)
        return sum(count or 0 for count in counts), state.items_total
    return None, None


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
        TextColumn(what),
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
