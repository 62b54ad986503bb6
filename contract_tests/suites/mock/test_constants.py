"""No number, word, table or pattern of the mock server changes unseen, and no default."""

from pathlib import Path

import runflow_mock

from ..client import constants
from ..snapshot import check_snapshot

TABLES = Path(__file__).with_name("tables")
OTHERS = ("written_for",)
"""A module that is made of the document."""


def test_constants_are_those_of_the_list() -> None:
    lines = constants.lines(runflow_mock, OTHERS)
    assert "MAX_LIMIT = 500" in lines
    check_snapshot(TABLES / "constants.txt", "\n".join(lines) + "\n")


def test_defaults_are_those_of_the_list() -> None:
    lines = constants.defaults(runflow_mock, OTHERS)
    assert "MockRunflow.fail_next(count=1)" in lines
    check_snapshot(TABLES / "defaults.txt", "\n".join(lines) + "\n")


def test_shapes_of_classes_are_those_of_the_list() -> None:
    lines = constants.shapes(runflow_mock, OTHERS)
    assert "ApiKey: frozen hidden key;" in lines
    check_snapshot(TABLES / "shapes.txt", "\n".join(lines) + "\n")
