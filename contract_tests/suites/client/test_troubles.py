"""What becomes of a call in trouble, once and each time, is what the list says, in both colours."""

import asyncio
from difflib import unified_diff

import pytest

from . import troubles


@pytest.mark.parametrize("hooks", [False, True], ids=["plain", "with hooks that raise"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_becomes_of_a_call_in_trouble_is_that_of_the_list(colour: str, hooks: bool) -> None:
    listed = troubles.LIST.read_text("utf-8").splitlines()
    found = asyncio.run(troubles.lines(colour, hooks=hooks))
    changed = "\n".join(unified_diff(listed, found, "listed", colour, lineterm="", n=3))
    assert found == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.client.troubles"
    )
