"""Each command sends, prints and writes what the list says, and ends with its code."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import commands

LIST = Path(__file__).with_name("commands.txt")


def test_what_a_command_does_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(commands.lines()) + "\n")
