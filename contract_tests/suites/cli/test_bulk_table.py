"""The live table of a bulk run: what it counts, and what it makes of the time."""

import re
from decimal import Decimal
from typing import Any, Final

import pytest
from runflow_client import bulk
from runflow_client.cli.commands.bulk_progress import Progress
from runflow_client.cli.shared.terminal import Terminal

from .test_streams import streams

PLANNED: Final = bulk.Plan(
    to_run=3, under_way=2, ended=4, refused=1, first_refused=(), amount=Decimal(1), unpriced=0
)


class Started:
    """A bulk run whose journal says this, one after another, and then always the last."""

    def __init__(self, *summaries: bulk.Summary | Exception) -> None:
        self.left = list(summaries)

    @property
    def summary(self) -> bulk.Summary:
        """Read the journal."""
        one = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        if isinstance(one, Exception):
            raise one
        return one


class Clock:
    """Stands still until it is set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def shown(started: Any, *ended: tuple[bulk.ItemResult, float], said: str = "") -> str:
    """Return what is drawn: each result comes some seconds after the one before."""
    clock = Clock()
    progress = Progress(PLANNED, started, clock)
    with streams(err=True, COLUMNS="120") as (out, err), progress.shown(Terminal()):
        for result, seconds in ended:
            clock.now += seconds
            progress.note(result)
        if said:
            progress.say(Terminal(), said)
    assert out.text == ""
    return re.sub(r"\x1b\[[\d;?]*\w", "", err.text)


def drawn(started: Any, *ended: tuple[bulk.ItemResult, float]) -> str:
    """Return the last row that is drawn."""
    return " ".join(shown(started, *ended).split("\n")[-2].split())


def result(status: Any, *, was_done: bool = False) -> bulk.ItemResult:
    return bulk.ItemResult(key="a", number=1, status=status, was_done=was_done)


DONE: Final = result("done")
NOW: Final = bulk.Summary(running=7, spent=Decimal("0.5"))
ROWS: Final[dict[str, tuple[list[tuple[bulk.ItemResult, float]], str]]] = {
    "nothing yet": ([], "0/10 7 0 $0.50 0/min"),
    "one in ten seconds": ([(DONE, 10.0)], "1/10 7 0 $0.50 6/min 0:01:30"),
    "each kind": (
        [(DONE, 10.0), (result("failed"), 10.0), (result("refused"), 10.0)],
        "1/10 7 2 $0.50 6/min 0:01:10",
    ),
    "most were done before": (
        [*((result("done", was_done=True), 0.0) for _ in range(4)), (DONE, 30.0)],
        "5/10 7 0 $0.50 2/min 0:02:30",
    ),
    "all at once": ([(DONE, 0.0)], "1/10 7 0 $0.50 0/min"),
    "slowly": ([(DONE, 9000.0)], "1/10 7 0 $0.50 0/min 22:30:00"),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_row_says_what_has_ended_and_how_long_the_rest_takes(name: str) -> None:
    ended, row = ROWS[name]
    assert drawn(Started(bulk.Summary(), NOW), *ended) == row


@pytest.mark.parametrize("trouble", [bulk.JournalRefused("gone"), OSError(5, "x")])
def test_a_journal_that_cannot_be_read_yet_is_read_later(trouble: Exception) -> None:
    assert drawn(Started(trouble, NOW), (DONE, 10.0)) == "1/10 7 0 $0.50 6/min 0:01:30"


def test_what_is_said_above_the_table_is_shown_as_it_is() -> None:
    text = "a failed: :cat: [b]no[/b] [/x] {0} 7"
    assert f"{text}\n" in shown(Started(bulk.Summary(), NOW), (DONE, 1.0), said=text)


def test_nothing_is_drawn_where_nobody_looks() -> None:
    never_read: Any = None
    progress = Progress(PLANNED, never_read, Clock())
    for terminal in (Terminal(json=True), Terminal(quiet=True)):
        with streams(err=True) as (out, err), progress.shown(terminal):
            progress.note(DONE)
            progress.say(terminal, "a failed")
        assert (out.text, err.text) == ("", "")
    with streams(err=True) as (_, err):
        progress.say(Terminal(), "a [b]failed[/b] at 7")
    assert err.text == "a [b]failed[/b] at 7\n"
