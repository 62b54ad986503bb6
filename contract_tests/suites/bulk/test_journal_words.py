"""What is said of a journal that cannot be used is that of the list."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import journal_words

LIST = Path(__file__).with_name("journal_words.txt")


def test_what_is_said_of_a_journal_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(journal_words.lines()) + "\n")
