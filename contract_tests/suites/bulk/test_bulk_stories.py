"""Each bulk run sends, waits, gives and keeps what the list says, whatever it meets."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import bulk_story_list

LIST = Path(__file__).with_name("bulk_stories.txt")


def test_what_becomes_of_a_bulk_run_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(bulk_story_list.lines()) + "\n")
