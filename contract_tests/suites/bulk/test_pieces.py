"""What a bulk run makes of a value is what the list says, and so are its own defaults."""

from pathlib import Path

from runflow_client import bulk

from ..client import constants
from ..snapshot import check_snapshot
from . import pieces, tables

LIST = Path(__file__).with_name("pieces.txt")
TABLES = LIST.with_name("tables.txt")
SHAPES = LIST.with_name("shapes.txt")


def test_what_is_made_of_a_value_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(pieces.lines()) + "\n")


def test_what_a_table_holds_is_that_of_the_list() -> None:
    check_snapshot(TABLES, "\n".join(tables.lines()) + "\n")


def test_defaults_and_shapes_are_those_of_the_list() -> None:
    told = [line for lines in (constants.defaults, constants.shapes) for line in lines(bulk, ())]
    check_snapshot(SHAPES, "\n".join(told) + "\n")
