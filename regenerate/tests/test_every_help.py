"""What each command of the pipeline says of itself: its words, its options and their defaults."""

import re
import sys
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from suites.snapshot import check_snapshot

from .. import __main__ as targets, unasync
from ..correct import corrected
from ..inputs import __main__ as inputs
from ..lint import linter
from .every_word import SNAPSHOTS

COMMANDS: Final[tuple[Callable[[], int], ...]] = (
    targets.main,
    corrected.main,
    linter.main,
    inputs.main,
    unasync.main,
)


def helps(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Yield the help of each command, each option and each section on a line of its own."""
    monkeypatch.setenv("COLUMNS", "10000")
    monkeypatch.setattr(sys, "argv", ["command", "--help"])
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            command()
        assert ended.value.code == 0
        said = capsys.readouterr()
        assert said.err == ""
        yield from (re.sub(r"\s{2,}", "  ", line.strip()) for line in said.out.splitlines() if line)


def test_each_command_says_of_itself_what_it_did_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check_snapshot(SNAPSHOTS / "helps.txt", "\n".join(helps(monkeypatch, capsys)) + "\n")
