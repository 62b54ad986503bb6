"""Where the command prints: results on stdout, everything else on stderr."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from rich.console import Console

    from .failures import Failure


_MIN_TABLE_WIDTH: Final = 60
"""Columns. A narrower terminal breaks plain lines better than a table breaks its cells."""


class Terminal:
    """What the common options say, and the two streams.

    `json` prints one JSON document on stdout, failures included; `quiet` prints the result alone;
    `debug` shows tracebacks.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False, debug: bool = False) -> None:
        self.json = json
        self.quiet = quiet
        self.debug = debug

    @property
    def shows_progress(self) -> bool:
        """Whether stderr is a terminal that a person looks at."""
        return sys.stderr.isatty() and not self.json and not self.quiet

    @property
    def can_ask(self) -> bool:
        """Whether a question can be asked and answered."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.json and not self.quiet

    def result(self, document: Any, lines: Iterable[str] = ()) -> None:
        """Print the result: the document with --json, else the lines."""
        if self.json:
            print(dump(document), flush=True)
            return
        for line in lines:
            print(line)
        sys.stdout.flush()

    def table(
        self, document: Any, headings: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Print rows: a table in a terminal, tabs between the cells in a pipe."""
        if self.json:
            self.result(document)
        elif sys.stdout.isatty() and get_terminal_size().columns >= _MIN_TABLE_WIDTH:
            from rich.table import Table

            table = Table(box=None, pad_edge=False)
            for number, heading in enumerate(headings):
                table.add_column(heading, overflow="fold", no_wrap=number == 0)
            for row in rows:
                table.add_row(*(_cell(value) for value in row))
            self._console(stderr=False).print(table)
        else:
            between = "  " if sys.stdout.isatty() else "\t"
            self.result(document, (between.join(map(_cell, row)).rstrip() for row in rows))

    def note(self, text: str) -> None:
        """Say something beside the result, on stderr."""
        if not self.json and not self.quiet:
            print(text, file=sys.stderr, flush=True)

    def failure(self, failure: "Failure") -> None:
        """Say on stderr what went wrong and what to do, with --json on stdout."""
        if self.json:
            print(dump(failure.document()), flush=True)
            return
        print(f"runflow: {failure.message}", file=sys.stderr)
        if failure.remedy:
            print(failure.remedy, file=sys.stderr)

    def progress_console(self) -> "Console":
        """Where progress is drawn."""
        return self._console(stderr=True)

    @staticmethod
    def _console(*, stderr: bool) -> "Console":
        from rich.console import Console

        return Console(stderr=stderr, markup=False, highlight=False, soft_wrap=False)


def dump(document: Any) -> str:
    """Return the document as JSON."""
    import json

    return json.dumps(document, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: Any) -> Any:
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return to_dict()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return " ".join(str(value).split())
