"""What a bulk run makes of a value is what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import pieces, tables

LIST = Path(__file__).with_name("pieces.txt")
TABLES = LIST.with_name("tables.txt")


def test_what_is_made_of_a_value_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(pieces.lines()) + "\n")


def test_what_a_table_holds_is_that_of_the_list() -> None:
    check_snapshot(TABLES, "\n".join(tables.lines()) + "\n")
