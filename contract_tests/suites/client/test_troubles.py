"""What becomes of a call in trouble, once and each time, is what the list says, in both colours."""

import asyncio
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import troubles

LIST = Path(__file__).with_name("troubles.txt")


@pytest.mark.parametrize("hooks", [False, True], ids=["plain", "with hooks that raise"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_a_call_in_trouble_is_that_of_the_list(colour: str, hooks: bool) -> None:
    check_snapshot(LIST, "\n".join(asyncio.run(troubles.lines(colour, hooks=hooks))) + "\n")
