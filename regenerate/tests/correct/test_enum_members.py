"""Values of an enum that would have one name, or a number for a name, get names of their own."""

import pytest

from ...document.json_tree import object_at, strings_at
from ...lint.linter import lint
from ..small_documents import answering, corrected

CASES: dict[str, dict[str, str]] = {
    "case": {"asc": "ASC_2", "desc": "DESC_2", "ASC": "ASC", "DESC": "DESC"},
    "white space": {"RTX A4500": "RTX_A4500_2", "RTX  A4500": "RTX_A4500"},
    "signs between words": {"a-b": "A_B_2", "a b": "A_B", "a_b": "A_B_3", "c": "C"},
    "a number is taken": {"a b": "A_B", "a-b": "A_B_2", "a-b 2": "A_B_2_2"},
    "digits": {"16:9": "VALUE_16_9", "9:16": "VALUE_9_16", "auto": "AUTO"},
    "signs": {"+": "PLUS_SIGN", "-": "HYPHEN_MINUS", "": "EMPTY", "x": "X"},
    "a sign in front": {"-created_at": "CREATED_AT", "created_at": "CREATED_AT_2"},
}


def names_of(*values: str) -> dict[str, str]:
    document = corrected(answering({"type": "string", "enum": [*values]}))
    assert lint(document) == []
    schemas = object_at(object_at(document, "components"), "schemas")
    (schema,) = (object_at(schemas, name) for name in schemas)
    return dict(zip(values, strings_at(schema, "x-enum-varnames"), strict=True))


@pytest.mark.parametrize("case", CASES)
def test_each_value_has_a_name_of_its_own(case: str) -> None:
    assert names_of(*CASES[case]) == CASES[case]


def test_a_name_does_not_depend_on_the_order_of_the_values() -> None:
    values = [*CASES["digits"]]
    assert names_of(*reversed(values)) == CASES["digits"]


def test_plain_values_keep_the_names_of_the_generator() -> None:
    schema = corrected(answering({"type": "string", "enum": ["queued", "running"]}))
    assert "x-enum-varnames" not in str(schema)
