"""Each file is fetched, sent and kept as the list says, in both colours."""

import asyncio
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import transfers

LIST = Path(__file__).with_name("transfers.txt")


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_a_file_is_that_of_the_list(colour: str) -> None:
    check_snapshot(LIST, "\n".join(asyncio.run(transfers.lines(colour))) + "\n")
