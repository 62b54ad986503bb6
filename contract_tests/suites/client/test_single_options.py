"""Each option of each public method, given alone, changes what the list says."""

from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import single_options

LIST = Path(__file__).with_name("single_options.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_each_option_changes_what_the_list_says(colour: str) -> None:
    check_snapshot(LIST, "\n".join(single_options.lines(colour)) + "\n")
