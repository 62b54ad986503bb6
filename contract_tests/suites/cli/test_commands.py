"""Each command sends, prints and writes what the list says, and ends with its code."""

from difflib import unified_diff

from . import commands


def test_what_a_command_does_is_that_of_the_list() -> None:
    listed = commands.LIST.read_text("utf-8").splitlines()
    done = commands.lines()
    changed = "\n".join(unified_diff(listed, done, "listed", "done", lineterm="", n=3))
    assert done == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.cli.commands"
    )
