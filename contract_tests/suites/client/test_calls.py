"""Each public call of both clients sends what the list says, in its order, and returns the same."""

import asyncio
from difflib import unified_diff

import pytest

from . import calls


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_is_sent_and_returned_is_that_of_the_list(colour: str) -> None:
    listed = calls.LIST.read_text("utf-8").splitlines()
    made = asyncio.run(calls.lines(colour))
    changed = "\n".join(unified_diff(listed, made, "listed", colour, lineterm="", n=3))
    assert made == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.client.calls"
    )
