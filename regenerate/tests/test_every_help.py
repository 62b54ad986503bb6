"""What each command of the pipeline says of itself, and of words that it does not take."""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
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


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["build"], "invalid choice: 'build'"),
        ([], "the following arguments are required: target"),
        (["rehearse"], "say which document: make rehearse-document DOC=..."),
        (["fetch", "--into", "there", "--output", "there/json"], "'json' is not a usable package"),
        (["fetch", "--into", "there", "--package-name", "a-b"], "'a-b' is not a usable package"),
        (["fetch", "--package-name", "api"], "--package-name goes with --into"),
        (["rehearse", "--into", "there"], "works on a copy of this project: it takes no --into"),
        (["rehearse", "--reports", "r", "--overlay-needs", "n"], "it takes no --overlay-needs"),
        (["fetch", "--nowhere", "there"], "unrecognized arguments: --nowhere there"),
        (["fetch", "--document"], "argument --document: expected one argument"),
    ],
)
def test_wrong_words_are_told_with_the_usage(
    words: list[str],
    what: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        targets.main(words, {"SPEC_URL": ""})
    assert ended.value.code == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("usage: python -m regenerate ")
    assert what in told.err
    assert [*tmp_path.iterdir()] == []
