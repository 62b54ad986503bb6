"""What goes to which stream, by what is a terminal and what --json and --quiet say."""

import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from errno import ENOSPC, EPIPE
from itertools import product
from types import SimpleNamespace
from typing import Final
from uuid import UUID

import pytest
import typer
from runflow_client.cli.main import main
from runflow_client.cli.shared.exit_codes import ExitCode
from runflow_client.cli.shared.failures import Failure
from runflow_client.cli.shared.prices import confirm
from runflow_client.cli.shared.refusals import Refused
from runflow_client.cli.shared.terminal import Terminal

from ..client.answering import Told, answering
from .in_process import Stream, environment, run_here

BOTH: Final = (False, True)
ROW: Final = ("1", "a\tlamp\n at dusk", None)
DOCUMENT: Final = {"lamps": [1]}


@contextmanager
def streams(
    *, stdin: bool = False, out: bool = False, err: bool = False, **variables: str
) -> Iterator[tuple[Stream, Stream]]:
    """Have streams of which these are a terminal of 80 columns."""
    written = Stream(is_terminal=out), Stream(is_terminal=err)
    with (
        environment(**{"TERM": "dumb", "COLUMNS": "80", "LINES": "40", **variables}),
        redirect_stdout(written[0]),
        redirect_stderr(written[1]),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", Stream("y\n", is_terminal=stdin))
        yield written


@pytest.mark.parametrize(("is_json", "is_quiet"), [*product(BOTH, BOTH)])
def test_a_question_is_asked_where_it_can_be_read_and_answered(
    is_json: bool, is_quiet: bool
) -> None:
    terminal = Terminal(json=is_json, quiet=is_quiet)
    for stdin, out, err in product(BOTH, BOTH, BOTH):
        with streams(stdin=stdin, out=out, err=err) as (printed, said):
            if terminal.can_ask:
                confirm(terminal, None, "Run it?")
            else:
                with pytest.raises(Refused, match="the price is not known before, and there is no"):
                    confirm(terminal, None, "Run it?")
            assert terminal.shows_progress == (err and not is_json and not is_quiet)
        is_asked = stdin and err and not is_json and not is_quiet
        assert (printed.text, "Run it?" in said.text) == ("", is_asked)


@pytest.mark.parametrize(("is_json", "is_quiet"), [*product(BOTH, BOTH)])
def test_each_text_goes_to_its_stream(is_json: bool, is_quiet: bool) -> None:
    terminal = Terminal(json=is_json, quiet=is_quiet)
    failure = Failure("Refused", ExitCode.REFUSED, "it is so", "do that")
    for out, err in product(BOTH, BOTH):
        shown: list[tuple[str, str]] = []
        works: tuple[Callable[[], None], ...] = (
            lambda: terminal.table(DOCUMENT, ("LAMP", "NAME", "X"), [ROW]),
            lambda: terminal.result(DOCUMENT, ["a lamp"]),
            lambda: terminal.note("It is lit."),
            lambda: terminal.failure(failure),
        )
        for work in works:
            with streams(out=out, err=err) as (printed, said):
                work()
            shown.append((printed.text, said.text))
        (table, *_), (result, *_), (_, note), _ = shown
        assert (shown[0][1], shown[1][1], shown[2][0]) == ("", "", "")
        assert note == ("" if is_json or is_quiet else "It is lit.\n")
        if is_json:
            assert [json.loads(one) for one in (table, result)] == [DOCUMENT, DOCUMENT]
            assert json.loads(shown[3][0]) == failure.document()
            assert shown[3][1] == ""
        else:
            cells = ("LAMP  NAME            X", "1     a lamp at dusk")
            lines = table.splitlines()
            assert [line.rstrip() for line in lines] == ([*cells] if out else ["1\ta lamp at dusk"])
            assert result == "a lamp\n"
            assert shown[3] == ("", "runflow: it is so\ndo that\n")


def test_a_text_is_broken_where_its_own_stream_is_a_terminal() -> None:
    text = "lamp " * 30
    failure = Failure("Refused", ExitCode.REFUSED, text)
    for out, err in product(BOTH, BOTH):
        works: tuple[tuple[Callable[[Terminal], object], bool], ...] = (
            (lambda terminal: terminal.result({}, terminal.prose([text])), out),
            (lambda terminal: terminal.note(text), err),
            (lambda terminal: terminal.failure(failure), err),
        )
        for work, is_broken in works:
            with streams(out=out, err=err) as (printed, said):
                work(Terminal())
            assert (len((printed.text + said.text).splitlines()) > 1) == is_broken


def test_names_are_not_broken() -> None:
    text = f"{' '.join(6 * ['nano-banana-pro'])} {'x' * 40}"
    with streams(err=True, COLUMNS="30") as (_, said):
        Terminal().note(text)
    assert said.text.split() == text.split()


@pytest.mark.parametrize("columns", [12, 20, 21, 22, 60])
def test_a_line_is_broken_where_the_terminal_ends_but_not_below_20_columns(columns: int) -> None:
    text = "  " + "lamp " * 30
    with streams(err=True, COLUMNS=str(columns)) as (_, said):
        Terminal().note(text)
    width = max(columns - 1, 20)
    lines = said.text.splitlines()
    assert {line[:6] for line in lines} == {"  lamp"}
    assert max(map(len, lines)) == 2 + (width - 2 + 1) // 5 * 5 - 1
    assert " ".join(said.text.split()) == " ".join(text.split())


def test_a_text_that_looks_like_a_style_is_shown_as_it_is() -> None:
    text = ":cat: [b]lamp[/b] [/x] {0} https://a.test/1"
    with streams(out=True) as (printed, _):
        Terminal().table({}, ("A",), [(text,)])
    assert printed.text.splitlines()[1].rstrip() == text


def test_an_empty_cell_keeps_its_place_in_a_pipe() -> None:
    with streams() as (printed, _):
        Terminal().table({}, ("A", "B"), [(None, "b"), ("a", None)])
    assert printed.text == "\tb\na\n"


def test_a_note_is_written_at_once() -> None:
    """Threads note, too: their lines do not mix."""
    written: list[str] = []
    with streams() as (_, said), pytest.MonkeyPatch.context() as patch:
        patch.setattr(said, "write", written.append)
        Terminal().note("It is lit.")
    assert [*filter(None, written)] == ["It is lit.\n"]


WIDE: Final = "x" * 20


@pytest.mark.parametrize(("columns", "is_table"), [(54, True), (53, False)])
def test_a_table_is_drawn_where_all_but_its_last_column_fit(columns: int, is_table: bool) -> None:
    """Two columns of 20 and 2 between the columns, and 10 for the last one, which is folded."""
    with streams(out=True, COLUMNS=str(columns)) as (printed, _):
        Terminal().table({}, ("A", "B", "C"), [(WIDE, WIDE, 3 * WIDE), (WIDE, None, "")])
    lines = [line.rstrip() for line in printed.text.splitlines()]
    if is_table:
        assert [line[:45] for line in lines[:2]] == [f"{'A':<22}{'B':<22}C", f"{WIDE}  {WIDE}  x"]
        assert max(map(len, lines)) <= columns
        assert lines[-1] == WIDE
    else:
        assert lines == [WIDE, f"  {WIDE}", f"  {3 * WIDE}", WIDE]


NOW: Final = datetime.now(UTC)
MOMENTS: Final = {
    datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC): "%b %d %Y",
    datetime(NOW.year - 1, 7, 1, 12, tzinfo=UTC): "%b %d %Y",
    datetime(NOW.year, 7, 1, 23, 45, 59, tzinfo=UTC): "%b %d %H:%M",
}


def test_a_moment_is_short_in_a_terminal_and_whole_in_a_pipe() -> None:
    """In a terminal it is that of this machine's zone."""
    for moment, form in MOMENTS.items():
        for out in BOTH:
            with streams(out=out) as (printed, _):
                Terminal().table({}, ("A",), [(moment,)])
            shown = printed.text.split("\n")[-2].rstrip()
            assert shown == (
                moment.astimezone().strftime(form) if out else f"{moment:%Y-%m-%d %H:%M:%S}"
            )


class Closed(Stream):
    """A pipe whose reader is gone, or another stream that takes nothing."""

    def __init__(self, number: int, error: BaseException | None = None) -> None:
        super().__init__(is_terminal=False, kept=True)
        self._number = number
        self._error = error or BrokenPipeError(EPIPE, "Broken pipe")
        self.waits = False
        """Whether something is to be flushed."""

    def write(self, text: str) -> int:
        """Take a text."""
        self.waits = True
        return super().write(text)

    def fileno(self) -> int:
        """Return a descriptor, which may then lead nowhere."""
        return self._number

    def flush(self) -> None:
        """Fail as a pipe does."""
        if self.waits:
            raise self._error


def test_a_secret_that_no_pipe_takes_is_named_on_stderr() -> None:
    secret = {"id": str(UUID(int=7)), "plain_secret": "whsec_x", "key_prefix": "whsec_"}
    out = Closed(os.open(os.devnull, os.O_WRONLY))
    with answering(lambda asked: Told(secret, 201)) as server:
        done = run_here(
            *("secrets", "create"),
            out=out,
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    os.close(out.fileno())
    out.waits = False
    assert done.code == 141
    assert done.err == (
        f"Callback secret {UUID(int=7)} was made, and its value is lost: rotate if it signs, and "
        "delete it if not.\n"
    )


PIPE: Final = BrokenPipeError(EPIPE, "Broken pipe")
FULL: Final = OSError(ENOSPC, "No space left on device")
LOST: Final = "runflow: stdout cannot be written: No space left on device\n"
ENDS: Final = (
    ("--version", PIPE, 141, ""),
    ("--help", PIPE, 141, ""),
    ("--version", FULL, 1, LOST),
    ("--version", KeyboardInterrupt(), 130, ""),
    ("runs get x --json", FULL, 2, "runflow: run_id is 'x'"),
    ("runs get x --json", PIPE, 141, ""),
    ("models show google/veo3.1", FULL, 1, "runflow: [Errno 28] No space left on device\n"),
    ("models show google/veo3.1", PIPE, 141, ""),
)
"""Commands whose stdout fails so, with the code, and what is said on stderr."""


@pytest.mark.parametrize(("command", "error", "code", "told"), ENDS)
def test_an_output_that_nothing_takes_ends_in_one_sentence_or_none(
    command: str, error: BaseException, code: int, told: str
) -> None:
    out = Closed(os.open(os.devnull, os.O_WRONLY), error)
    done = run_here(*command.split(), out=out, RUNFLOW_API_KEY="rf_live_x")
    os.close(out.fileno())
    out.waits = False
    assert done.code == code, done.err
    assert done.err.startswith(told)
    assert done.err.count("runflow: ") == (1 if told else 0)
    assert done.err.endswith("\n") == (told != "")


def test_a_stream_that_keeps_text_alone_takes_what_is_printed() -> None:
    with redirect_stdout(io.StringIO()) as printed:
        assert main(["--version"]) == 0
    assert printed.getvalue().startswith("runflow-client ")


def test_what_cannot_be_told_is_named_on_the_error() -> None:
    told = {"run": SimpleNamespace(id="r-7"), "files": ["x.png"], "nothing": None}
    for error, notes in (
        (OSError(ENOSPC, "full"), ["It was to tell of run r-7."]),
        (BrokenPipeError(EPIPE, "Broken pipe"), []),
    ):
        out = Closed(1, error)
        with redirect_stdout(out), pytest.raises(OSError, match=str(error)[-4:]) as raised:
            Terminal().result(told, ["x.png"])
        out.waits = False
        assert getattr(raised.value, "__notes__", []) == notes


def test_ctrl_c_at_a_question_is_no_answer() -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    stdin = SimpleNamespace(isatty=lambda: True, readline=interrupted)
    with streams(err=True) as (printed, said), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        with pytest.raises(typer.Abort):
            confirm(Terminal(), None, "Run it?")
    assert (printed.text, said.text) == ("", "Run it? [y/N]: \n")


ANSWERS: Final = (
    ("y\n", True, 1),
    (" YES \n", True, 1),
    ("n\n", False, 1),
    ("No\n", False, 1),
    ("\n", False, 1),
    ("yx\nyesterday\nn\n", False, 3),
    ("nay\nnone\nyes\n", True, 3),
)
"""What is typed, whether it is a yes, and how often it is asked for."""


@pytest.mark.parametrize(("typed", "is_yes", "times"), ANSWERS)
def test_an_answer_is_yes_or_no_or_is_asked_for_again(typed: str, is_yes: bool, times: int) -> None:
    with streams(err=True) as (_, said), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", Stream(typed, is_terminal=True))
        if is_yes:
            confirm(Terminal(), None, "Run it?")
        else:
            with pytest.raises(Refused, match="nothing was sent"):
                confirm(Terminal(), None, "Run it?")
    assert said.text == times * "Run it? [y/N]: "
