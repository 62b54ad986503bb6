"""What becomes of a call in later trouble is what the list says, in both colours."""

import asyncio
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import later_troubles

LIST = Path(__file__).with_name("later_troubles.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_a_call_in_later_trouble_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(asyncio.run(later_troubles.lines(colour))) + "\n")
