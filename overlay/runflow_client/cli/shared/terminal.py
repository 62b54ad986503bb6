"""Where the command prints: results on stdout, everything else on stderr."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from shutil import get_terminal_size
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final, TextIO, cast

if TYPE_CHECKING:
    from rich.console import Console

    from .failures import Failure


_GAP: Final = 2
"""Columns of the terminal between two columns of a table."""

_MIN_LAST_COLUMN: Final = 10
"""Columns of the terminal that the last column of a table needs, which is folded."""

_MIN_WIDTH: Final = 20
"""Columns. A narrower terminal breaks its lines itself."""


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
        """Print the result: the document with --json, else the lines.

        What cannot be printed because a disk is full is named on the error.
        """
        try:
            for line in [dump(document)] if self.json else lines:
                print(line)
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            if isinstance(document, Mapping):
                for kind, shown in cast("Mapping[str, Any]", document).items():
                    if subject_id := getattr(shown, "id", None):
                        error.add_note(f"It was to tell of {kind} {subject_id}.")
            raise

    def table(
        self, document: Any, headings: Sequence[str], rows: Iterable[Sequence[object]]
    ) -> None:
        """Print rows: a table in a terminal, tabs between the cells in a pipe."""
        if self.json:
            self.result(document)
        elif not sys.stdout.isatty():
            self.result(document, ("\t".join(map(_cell, row)).rstrip() for row in rows))
        elif _fits(cells := [[_cell(value, short=True) for value in row] for row in rows]):
            from rich.table import Table

            table = Table(box=None, pad_edge=False)
            for heading in headings:
                table.add_column(heading, overflow="fold", no_wrap=heading != headings[-1])
            for row in cells:
                table.add_row(*row)
            self._console(stderr=False).print(table)
        else:
            self.result(document, (line for row in cells for line in _stacked(row)))

    def prose(self, lines: Iterable[str]) -> Iterable[str]:
        """Break lines between words where stdout is a terminal."""
        return (_readable(line, sys.stdout) for line in lines)

    def note(self, text: str) -> None:
        """Say something beside the result, on stderr."""
        if not self.json and not self.quiet:
            shown = _readable(text, sys.stderr)
            print(f"{shown}\n", end="", file=sys.stderr, flush=True)  # whole, from threads, too

    def failure(self, failure: "Failure") -> None:
        """Say on stderr what went wrong and what to do, with --json on stdout if that takes it."""
        if self.json:
            try:
                print(dump(failure.document()), flush=True)
            except BrokenPipeError:
                raise
            except OSError:  # a full disk
                pass
            else:
                return
        print(_readable(f"runflow: {failure.message}", sys.stderr), file=sys.stderr)
        if failure.remedy:
            print(failure.remedy, file=sys.stderr)

    def progress_console(self) -> "Console":
        """Where progress is drawn."""
        return self._console(stderr=True)

    @staticmethod
    def _console(*, stderr: bool) -> "Console":
        from rich.console import Console

        return Console(stderr=stderr, markup=False, emoji=False, highlight=False, soft_wrap=False)


def _readable(text: str, stream: TextIO) -> str:
    return _wrapped(text) if stream.isatty() else text


def _wrapped(text: str) -> str:
    """Break a text between words at the terminal's width, its lines indented as they begin."""
    width = max(get_terminal_size().columns - 1, _MIN_WIDTH)
    return "\n".join(
        fill(
            line,
            width,
            subsequent_indent=line[: len(line) - len(line.lstrip())],
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.splitlines()
    )


def dollars(amount: Decimal) -> str:
    """Return US dollars with two decimals, or as many as there are."""
    shown = f"{amount:f}"
    return f"${amount:.2f}" if len(shown.partition(".")[2]) < 2 else f"${shown}"


def _fits(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the terminal is wide enough for a table of which the last column alone is folded."""
    widths = [max(map(len, column)) + _GAP for column in zip(*rows, strict=True)]
    return sum(widths[:-1]) + _MIN_LAST_COLUMN <= get_terminal_size().columns


def _stacked(row: Sequence[str]) -> list[str]:
    """Return the lines of a row in a narrow terminal: the first cell, and the others below it."""
    first, *others = row
    rest = "  ".join(filter(None, others))
    return [first, *(_wrapped(f"  {rest}").splitlines() if rest else ())]


def dump(document: Any, *, indent: int | None = 2) -> str:
    """Return the document as JSON; without indent, on one line."""
    import json

    return json.dumps(document, default=_plain, ensure_ascii=False, indent=indent)


def _plain(value: Any) -> Any:
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        return to_dict()
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: object, *, short: bool = False) -> str:
    """Return the text of a cell. `short` moments are those of this machine's time zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        if not short:
            return value.strftime("%Y-%m-%d %H:%M:%S")
        local = value.astimezone()
        is_this_year = local.year == datetime.now(local.tzinfo).year
        return local.strftime("%b %d %H:%M" if is_this_year else "%b %d %Y")
    if isinstance(value, Decimal):
        return dollars(value).removeprefix("$")
    return " ".join(str(value).split())
