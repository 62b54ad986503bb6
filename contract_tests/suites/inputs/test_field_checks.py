"""Each kind of field says to each value, and makes of each text, what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import field_checks

LIST = Path(__file__).with_name("field_checks.txt")


def test_what_a_field_says_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(field_checks.lines()) + "\n")
