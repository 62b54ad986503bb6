"""What the command makes of a value, and says to a file that is none, is what the lists say."""

from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import pieces, refused_files
from .command_list import MODEL
from .in_process import run_here

LIST = Path(__file__).with_name("pieces.txt")


def test_what_is_made_of_a_value_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(pieces.lines()) + "\n")


def test_what_is_said_of_a_file_is_that_of_the_list() -> None:
    check_snapshot(LIST.with_name("refused_files.txt"), "\n".join(refused_files.lines()) + "\n")


@pytest.mark.parametrize(
    "command", [f"run {MODEL} -", "batches create runflow/background-removal -"]
)
def test_what_is_too_deep_to_be_read_is_no_json(command: str) -> None:
    done = run_here(*command.split(), typed="[" * 200_000)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("runflow: standard input")
    assert " is not JSON: " in done.err
