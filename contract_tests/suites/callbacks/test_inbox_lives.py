"""Each step of an event changes what the list says in the inbox, and nothing else."""

from difflib import unified_diff

from . import inbox_lives


def test_the_steps_of_an_event_are_those_of_the_list() -> None:
    listed = inbox_lives.LIST.read_text("utf-8").splitlines()
    lived = list(inbox_lives.lines())
    changed = "\n".join(unified_diff(listed, lived, "listed", "lived", lineterm="", n=3))
    assert lived == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.callbacks.inbox_lives"
    )
