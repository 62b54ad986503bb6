"""What the command makes of a value, and says to a file that is none, is what the lists say."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import pieces, refused_files

LIST = Path(__file__).with_name("pieces.txt")


def test_what_is_made_of_a_value_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(pieces.lines()) + "\n")


def test_what_is_said_of_a_file_is_that_of_the_list() -> None:
    check_snapshot(LIST.with_name("refused_files.txt"), "\n".join(refused_files.lines()) + "\n")
