"""The table that a bulk run draws: each of its cells, and how often the journal is asked."""

from decimal import Decimal
from typing import Any, Final

import pytest
from attrs import define, field
from runflow_client import bulk
from runflow_client.cli.commands.bulk_progress import FRESH, Progress
from runflow_client.cli.shared.terminal import Terminal

from ..cli.test_streams import streams
from ..client.stepped_time import SteppedTime

PLANNED: Final = bulk.Plan(
    to_run=10,
    under_way=3,
    ended=5,
    refused=2,
    first_refused=(),
    amount=Decimal("1.50"),
    unpriced=0,
)


def results(**counts: int) -> list[bulk.ItemResult]:
    return [
        bulk.ItemResult(key="k", number=1, status=status, was_done=was_done)  # type: ignore[arg-type] # a name
        for name, count in counts.items()
        for status, _, before in [name.partition("_")]
        for was_done in [bool(before)]
        for _ in range(count)
    ]


@define
class Started:
    """A bulk run that stands as it is told to."""

    now: Any = field(factory=bulk.Summary)
    looks: int = 0

    @property
    def summary(self) -> bulk.Summary:
        """Say how it stands, or why there is no journal."""
        self.looks += 1
        if isinstance(self.now, Exception):
            raise self.now
        found: bulk.Summary = self.now
        return found


def cells(progress: Progress) -> list[str]:
    table = progress.table()
    assert table.row_count == 1
    return [str(cell) for column in table.columns for cell in column.cells]


ROWS: Final[dict[str, tuple[dict[str, int], float, dict[str, Any], list[str]]]] = {
    "nothing": ({}, 0.0, {}, ["0/20", "0", "0", "$0.00", "0/min", ""]),
    "nothing for a minute": ({}, 60.0, {}, ["0/20", "0", "0", "$0.00", "0/min", ""]),
    "each kind": (
        {"done": 4, "failed": 1, "refused": 2},
        60.0,
        {"running": 6, "spent": Decimal("0.605"), "reserved": Decimal(9), "waiting": 8},
        ["4/20", "6", "3", "$0.605", "7/min", "0:01:51"],
    ),
    "what had ended before": (
        {"done": 2, "done_before": 4, "failed_before": 1},
        30.0,
        {"done": 99, "spent": Decimal("0.3")},
        ["6/20", "0", "1", "$0.30", "4/min", "0:03:15"],
    ),
    "all": (
        {"done": 18, "refused": 2},
        7200.0,
        {},
        ["18/20", "0", "2", "$0.00", "0/min", "0:00:00"],
    ),
    "more than was planned": (
        {"done": 21},
        60.0,
        {},
        ["21/21", "0", "0", "$0.00", "21/min", "0:00:00"],
    ),
    "the first moment": ({"done": 1}, 0.0, {}, ["1/20", "0", "0", "$0.00", "0/min", ""]),
}


@pytest.mark.parametrize("name", ROWS)
def test_each_cell_of_the_table(name: str) -> None:
    counts, seconds, stands, row = ROWS[name]
    clock, started = SteppedTime(), Started(bulk.Summary(**stands))
    progress = Progress(PLANNED, started, clock.now)  # type: ignore[arg-type] # it has what is read
    for result in results(**counts):
        progress.note(result)
    clock.seconds += seconds
    assert [column.header for column in progress.table().columns] == [
        *("DONE", "RUNNING", "FAILED", "COST", "RATE", "LEFT")
    ]
    assert cells(progress) == row


def test_the_journal_is_asked_once_a_second_and_may_not_be_there_yet() -> None:
    clock, started = SteppedTime(), Started(bulk.JournalRefused("there is no journal"))
    progress = Progress(PLANNED, started, clock.now)  # type: ignore[arg-type] # it has what is read
    assert cells(progress)[1] == "0"
    seen: list[tuple[str, int]] = []
    for number, stands in enumerate((bulk.Summary(running=7), OSError("full"), bulk.Summary())):
        for seconds in (FRESH - 0.5, 0.5):
            started.now = stands
            clock.seconds += seconds
            seen.append((cells(progress)[1], started.looks))
        assert started.looks == number + 2
    assert seen == [("0", 1), ("7", 2), ("7", 2), ("7", 3), ("7", 3), ("0", 4)]


class OfATerminal(Terminal):
    """One that a person looks at."""

    @property
    def shows_progress(self) -> bool:
        """Whether stderr is a terminal."""
        return True


def test_the_last_table_is_right_and_lines_stand_above_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock, started, terminal = SteppedTime(), Started(bulk.Summary(running=3)), OfATerminal()
    progress = Progress(PLANNED, started, clock.now)  # type: ignore[arg-type] # it has what is read
    progress.say(terminal, "before [it]")
    with progress.shown(terminal):
        progress.say(terminal, "meanwhile [b]it[/b] :cat: {0}")
        started.now = bulk.Summary(running=1, spent=Decimal("0.15"))
    progress.say(terminal, "after [it]")
    out, err = capsys.readouterr()
    lines = [line.strip() for line in err.splitlines()]
    assert (out, lines[0]) == ("", "before [it]")
    assert "meanwhile [b]it[/b] :cat: {0}" in lines
    assert lines[-1].split() == ["0/20", "1", "0", "$0.15", "0/min", "after", "[it]"]
    with Progress(PLANNED, started).shown(Terminal(quiet=True)):  # type: ignore[arg-type] # as above
        pass
    assert capsys.readouterr() == ("", "")


def test_the_table_is_drawn_again_below_a_line() -> None:
    terminal, started = Terminal(), Started()
    with streams(err=True, TERM="xterm") as (printed, said):
        progress = Progress(PLANNED, started)  # type: ignore[arg-type] # it has what is read
        with progress.shown(terminal):
            print("b\tdone")
            drawn = len(said.text)
            progress.say(terminal, "a failed: no credit")
            _, line, below = said.text[drawn:].partition("a failed: no credit\n")
    assert (line, "DONE" in below) == ("a failed: no credit\n", True)
    assert printed.text == "b\tdone\n"
