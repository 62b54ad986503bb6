"""Each public call is repeated as often as the list says where the server is in trouble."""

from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import retried_calls

LIST = Path(__file__).with_name("retried_calls.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_each_call_is_repeated_as_the_list_says(colour: str) -> None:
    check_snapshot(LIST, "\n".join(retried_calls.lines(colour)) + "\n")
