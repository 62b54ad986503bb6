"""Progress on stderr: bars where rich is installed and draws, plain lines elsewhere."""

import atexit
import sys
import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self, runtime_checkable

from attrs import define, field

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress as RichProgress, TaskID

_SHORT_ID = 8
"""Characters of an id that tell the bars of one program apart: the last ones, which are random."""


@runtime_checkable
class View(Protocol):
    """Where progress is shown."""

    def show(self, state: Any) -> None:
        """Show the new state of a run, batch or evaluation."""
        ...

    def close(self) -> None:
        """Let the terminal be as it was."""
        ...


class ProgressDisplay:
    """Shows whatever it is called with, each run, batch or evaluation in a line of its own.

    Pass it as `on_update`; any number of waits, threads and tasks may share it. It ends by itself
    when all that it has seen has ended. As a context manager it ends with the block, too, which is
    of use where a wait may be given up.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._lock = Lock()
        self._waiting: set[str] = set()

    def __call__(self, state: Any) -> None:
        """Show the new state."""
        with self._lock:
            if state.has_ended:
                self._waiting.discard(state.id)
            else:
                self._waiting.add(state.id)
            self._view.show(state)
            if not self._waiting:
                self._view.close()

    def close(self) -> None:
        """End the display. What it showed stays."""
        with self._lock:
            self._waiting.clear()
            self._view.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def progress() -> ProgressDisplay:
    """Return an `on_update` that draws the progress of one run, or of many at once.

        run = client.run(model, asked, on_update=progress())

    It writes to stderr: bars with status, nodes and elapsed time where rich is installed (the extra
    `cli`) and stderr is a terminal or a notebook, else one plain line at every change.
    """
    console = _console()
    return ProgressDisplay(Lines() if console is None else Bars(console))


def _console() -> "Console | None":
    """Return where bars can be drawn, None where they cannot."""
    try:
        from rich.console import Console
    except ModuleNotFoundError:
        return None
    console = Console(stderr=True)
    draws = console.is_jupyter or (console.is_terminal and not console.is_dumb_terminal)
    return console if draws else None


@define(eq=False)
class Lines:
    """One line on stderr at every change."""

    _now: Callable[[], float] = field(default=time.monotonic, alias="now")
    _began: dict[str, float] = field(init=False, factory=dict[str, float])

    def show(self, state: Any) -> None:
        """Print the state. A stream that is closed is not an error of the run."""
        now = self._now()
        seconds = now - self._began.setdefault(state.id, now)
        completed, total = _share(state)
        nodes = "" if not total else f" {completed or 0}/{total}"
        try:
            line = f"{_kind(state)} {state.id}: {status_of(state)}{nodes}, {seconds:.0f} s"
            print(line, file=sys.stderr, flush=True)
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """Forget when they began."""
        self._began.clear()


@define(eq=False)
class Bars:
    """Bars drawn by rich."""

    _console: "Console" = field(alias="console")
    _transient: bool = field(default=False, alias="transient")
    """Whether the bars disappear in the end."""
    _bars: "RichProgress | None" = field(init=False, default=None)
    _tasks: "dict[str, TaskID]" = field(init=False, factory=dict[str, Any])

    def show(self, state: Any) -> None:
        """Draw the state."""
        completed, total = _share(state)
        bars = self.start()
        task = self._tasks.get(state.id)
        if task is None:
            task = bars.add_task("", total=None, done="", name=_name(state))
            self._tasks[state.id] = task
        bars.update(
            task,
            description=status_of(state),
            completed=completed or 0,
            total=total or None,  # a bar of nothing would be full, and its time would stop
            done="" if not total else f"{completed or 0}/{total}",
        )
        if state.has_ended:
            bars.update(task, total=total or 1, completed=total or 1)

    def start(self) -> "RichProgress":
        """Begin to draw, unless that was done."""
        if self._bars is None:
            from rich.progress import (
                BarColumn,
                Progress,
                SpinnerColumn,
                TextColumn,
                TimeElapsedColumn,
            )

            self._bars = Progress(
                SpinnerColumn(),
                # what the server calls a status is no markup
                TextColumn("{task.fields[name]}", markup=False),
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[done]}", markup=False),
                TimeElapsedColumn(),
                console=self._console,
                transient=self._transient,
            )
            self._bars.start()
            atexit.register(self.close)  # a wait that was given up leaves the cursor hidden
        return self._bars

    def close(self) -> None:
        """Stop drawing."""
        if self._bars is not None:
            self._bars.stop()
            atexit.unregister(self.close)
        self._bars = None
        self._tasks.clear()


def status_of(state: Any) -> str:
    """Return the status of a run, batch or evaluation in words."""
    return state.status or "without a status"


def _kind(state: Any) -> str:
    if hasattr(state, "nodes_total"):
        return "run"
    return "batch" if hasattr(state, "items_total") else "evaluation"


def _name(state: Any) -> str:
    return f"{_kind(state)} {state.id[-_SHORT_ID:]}"


def _share(state: Any) -> tuple[int | None, int | None]:
    """How much of it is done: the nodes of a run, the items of a batch."""
    if hasattr(state, "nodes_total"):
        return state.nodes_completed, state.nodes_total
    if hasattr(state, "items_total"):
        counts = (state.items_succeeded, state.items_failed, state.items_canceled)
        return sum(count or 0 for count in counts), state.items_total
    return None, None
