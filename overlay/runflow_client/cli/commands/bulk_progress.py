"""The live table of a bulk run."""

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ... import bulk
from ..shared.terminal import Terminal, dollars

FRESH = 1.0
"""Seconds for which the counts of the journal are good enough."""


class Progress:
    """Counts what ends, and draws it while it is shown."""

    def __init__(
        self,
        planned: bulk.Plan,
        started: bulk.BulkRun,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.done = 0
        self.failed = 0
        self.refused = 0
        self._started = started
        self._total = planned.to_run + planned.under_way + planned.ended + planned.refused
        self._now = now
        self._begun = now()
        self._worked = 0
        self._read_at = float("-inf")
        self._running, self._spent = 0, Decimal(0)
        self._live: Any = None

    def note(self, result: bulk.ItemResult) -> None:
        """Count a result."""
        setattr(self, result.status, getattr(self, result.status) + 1)
        self._worked += not result.was_done

    def say(self, terminal: Terminal, text: str) -> None:
        """Print a line above the table."""
        if self._live is None:
            terminal.note(text)
        else:
            self._live.console.print(text, markup=False, highlight=False)

    @contextmanager
    def shown(self, terminal: Terminal) -> Generator[None]:
        """Draw the table for the length of a `with` block, if stderr is a terminal."""
        if not terminal.shows_progress:
            yield
            return
        from rich.live import Live

        with Live(
            get_renderable=self.table,
            console=terminal.progress_console(),
            refresh_per_second=4,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as self._live:
            try:
                yield
            finally:
                self._read_at = float("-inf")  # the last table is to be right
        self._live = None

    def table(self) -> Any:
        """Return what is drawn now."""
        from rich.table import Table

        self._look()
        ended = self.done + self.failed + self.refused
        total = max(self._total, ended)  # files that were added meanwhile were not planned
        seconds = self._now() - self._begun
        rate = self._worked / seconds if seconds > 0 else 0.0
        left = "" if not rate else str(timedelta(seconds=round((total - ended) / rate)))
        table = Table(box=None, pad_edge=False)
        for heading in ("DONE", "RUNNING", "FAILED", "COST", "RATE", "LEFT"):
            table.add_column(heading)
        table.add_row(
            f"{self.done}/{total}",
            str(self._running),
            str(self.failed + self.refused),
            dollars(self._spent),
            f"{60 * rate:.0f}/min",
            left,
        )
        return table

    def _look(self) -> None:
        now = self._now()
        if now - self._read_at < FRESH:
            return
        self._read_at = now
        try:
            summary = self._started.summary
        except (bulk.JournalRefused, OSError):  # it is not made yet
            return
        self._running, self._spent = summary.running, summary.spent
