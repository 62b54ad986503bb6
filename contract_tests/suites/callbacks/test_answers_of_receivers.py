"""A receiver answers to each delivery, logs and stores what the list says."""

from difflib import unified_diff

from . import answers


def test_what_a_receiver_answers_is_that_of_the_list() -> None:
    listed = answers.LIST.read_text("utf-8").splitlines()
    answered = list(answers.lines())
    changed = "\n".join(unified_diff(listed, answered, "listed", "answered", lineterm="", n=3))
    assert answered == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.callbacks.answers"
    )
