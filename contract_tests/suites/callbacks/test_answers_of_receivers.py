"""A receiver answers to each delivery, logs and stores what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import answers

LIST = Path(__file__).with_name("answers.txt")


def test_what_a_receiver_answers_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(answers.lines()) + "\n")
