"""What each public method says to values at the edge of its options is what the list says, in both
colours, and what is refused is refused before anything is sent.
"""

import asyncio
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import refused_calls

LIST = Path(__file__).with_name("refused_calls.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_is_refused_is_that_of_the_list(colour: str) -> None:
    lines = asyncio.run(refused_calls.lines(colour))
    assert [line for line in lines if ": too late, " in line] == []
    check_snapshot(LIST, "\n".join(lines) + "\n")
