"""What the command makes of a value is what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import pieces

LIST = Path(__file__).with_name("pieces.txt")


def test_what_is_made_of_a_value_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(pieces.lines()) + "\n")
