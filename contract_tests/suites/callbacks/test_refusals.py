"""What cannot be right is refused with the words of the list."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import refusals

LIST = Path(__file__).with_name("refusals.txt")


def test_what_cannot_be_right_is_refused_with_the_words_of_the_list(tmp_path: Path) -> None:
    check_snapshot(LIST, "\n".join(refusals.lines(tmp_path)) + "\n")
