"""What the small rules of the client decide is what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import decisions

LIST = Path(__file__).with_name("decisions.txt")


def test_each_decision_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(decisions.lines()) + "\n")
