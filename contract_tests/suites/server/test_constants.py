"""No number, word, table or pattern of the conformance tool changes unseen, and no default."""

from pathlib import Path

import runflow_conformance

from ..client import constants
from ..snapshot import check_snapshot

LIST = Path(__file__).with_name("snapshots") / "constants.txt"
OTHERS = ("hooks",)
"""A module that holds for the whole process: see `calling_hooks`."""


def test_they_are_those_of_the_list() -> None:
    lines = [
        *constants.lines(runflow_conformance, OTHERS),
        *constants.defaults(runflow_conformance, OTHERS),
        *constants.shapes(runflow_conformance, OTHERS),
    ]
    assert "PROBE_TIMEOUT = 15.0" in lines
    assert "check_server(seed=1)" in lines
    check_snapshot(LIST, "\n".join(lines) + "\n")
