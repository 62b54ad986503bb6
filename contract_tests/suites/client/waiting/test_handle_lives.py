"""What a handle asks, waits for, tells and keeps is what the list says, in both colours."""

from pathlib import Path

import pytest

from ...snapshot import check_snapshot
from . import handle_lives

LIST = Path(__file__).with_name("handle_lives.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_the_life_of_a_handle_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(handle_lives.lines(colour)) + "\n")
