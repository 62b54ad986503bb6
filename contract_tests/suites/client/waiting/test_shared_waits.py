"""When lists and runs are read while several are waited for together is what the list says."""

from pathlib import Path

from ...snapshot import check_snapshot
from . import shared_waits

LIST = Path(__file__).with_name("shared_waits.txt")


def test_what_is_asked_for_all_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(shared_waits.lines()) + "\n")
