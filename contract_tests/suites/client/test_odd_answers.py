"""What becomes of each public call whose answers are odd is what the list says, in both colours."""

import asyncio
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import odd_answers

LIST = Path(__file__).with_name("odd_answers.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_odd_answers_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(asyncio.run(odd_answers.lines(colour))) + "\n")
