"""Each kind of field says to each value, and makes of each text, what the list says."""

from difflib import unified_diff

from . import field_checks


def test_what_a_field_says_is_that_of_the_list() -> None:
    listed = field_checks.LIST.read_text("utf-8").splitlines()
    said = "\n".join(field_checks.lines()).splitlines()
    changed = "\n".join(unified_diff(listed, said, "listed", "said", lineterm="", n=1))
    assert said == listed, (
        f"{changed}\nif the change is meant: python -m contract_tests.suites.inputs.field_checks"
    )
