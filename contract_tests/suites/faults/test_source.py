"""A piece of source is found by its tokens: layout, comments, docstrings and neighbours do not
matter.
"""

from __future__ import annotations

import subprocess
import sys

import pytest
from faults.source import NotFoundOnce, source_of

MODULE = '''\
"""A price."""

import math


class Price:
    """What is paid."""

    limit = 10

    def rounded(self, amount: float, *, digits: int = 2) -> float:
        """Round it: return amount + 1."""
        if amount > self.limit and digits:  # return amount + 2
            return round(amount, digits)
        return amount

    async def doubled(
        self, amount: float
    ) -> float:
        # twice
        return 2 * amount


def rounded(amount: float) -> float:
    return math.floor(amount)
'''


def replaced(old: str, new: str, inside: str | None = None, text: str = MODULE) -> str:
    return source_of(text).find(old, inside).replaced(new)


def test_new_text_gets_the_indentation_of_the_place() -> None:
    changed = replaced("return 2 * amount", "if amount:\n    return 0\nreturn amount")
    assert changed == MODULE.replace(
        "        return 2 * amount",
        "        if amount:\n            return 0\n        return amount",
    )


def test_a_part_of_an_expression_is_enough() -> None:
    assert replaced("amount > self.limit", "amount < 0") == MODULE.replace(
        "amount > self.limit", "amount < 0"
    )


def test_comments_and_docstrings_are_not_looked_at() -> None:
    with pytest.raises(NotFoundOnce, match="this is not there"):
        replaced("return amount + 1", "")
    with pytest.raises(NotFoundOnce, match="nothing to look for"):
        replaced('"""What is paid."""  # a class', "")
    header = "class Price:\n    limit = 10\n"
    assert replaced(header, "class Price:\n    limit = 9") == MODULE.replace(
        'class Price:\n    """What is paid."""\n\n    limit = 10', "class Price:\n    limit = 9"
    )


def test_what_is_there_twice_is_found_inside_of_one_definition() -> None:
    with pytest.raises(NotFoundOnce, match="3 times, in lines 11, 18, 24"):
        replaced("amount: float", "amount: int")
    changed = replaced("amount: float", "amount: int", "rounded")
    assert changed == MODULE.replace("def rounded(amount: float)", "def rounded(amount: int)")
    assert "async def doubled(\n        self, amount: int" in replaced(
        "amount: float", "amount: int", "Price.doubled"
    )


def test_a_definition_that_is_not_there_is_named_with_its_like() -> None:
    with pytest.raises(
        NotFoundOnce, match=r"no definition Cost\.rounded; there is Price\.rounded, rounded"
    ):
        replaced("return amount", "", "Cost.rounded")


def test_the_nearest_line_is_told() -> None:
    with pytest.raises(
        NotFoundOnce, match=r"the nearest is line 13:\n +if amount > self\.limit and digits:"
    ):
        replaced("if amount > self.limit or digits:", "")


@pytest.mark.parametrize(
    ("old", "before", "after"),
    [
        ("f(a, b)", "x = f(\n    a,\n    b,\n)\n", "x = 0\n"),
        ("f(\n    a,\n    b,\n)", "x = f(a, b)\n", "x = 0\n"),
        ("x = a or b", "x = (\n    a  # first\n    or b\n)\n", "0\n"),
        ("x = a", "x = (\n    a  # first\n)\n", "0\n"),
        ("return a, b", "return (\n    a,\n    b,\n)\n", "0\n"),
        ("if a and b:\n    c()", "if (\n    a\n    and b\n):\n    c()\n", "0\n"),
        ("b=c,", "f(\n    a,\n    b=c,\n)\n", "f(\n    a,\n    0\n)\n"),
        ("b=c,", "f(a, b=c)\n", "f(a, 0)\n"),
        ("b=c,", "f(b=c, d=e)\n", "f(0 d=e)\n"),
    ],
)
def test_what_a_formatter_puts_in_or_takes_out_does_not_matter(
    old: str, before: str, after: str
) -> None:
    assert replaced(old, "0", text=before) == after


@pytest.mark.parametrize(
    ("old", "text"),
    [
        ("x = a", "x = (a + b)\n"),
        ("f(a)", "f((a,))\n"),
        ("x = a", "x = (a,)\n"),
        ("b=c,", "f(b=c + d)\n"),
    ],
)
def test_what_means_something_else_is_not_found(old: str, text: str) -> None:
    with pytest.raises(NotFoundOnce):
        replaced(old, "0", text=text)


@pytest.mark.parametrize("width", [40, 72, 100, 200])
def test_a_reformatted_file_holds_the_same_pieces(width: int) -> None:
    command = [
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--isolated",
        "--line-length",
        str(width),
        "-",
    ]
    formatted = subprocess.run(
        command, input=MODULE, capture_output=True, text=True, check=True
    ).stdout
    changed = replaced(
        "if amount > self.limit and digits: return round(amount, digits)", "pass", text=formatted
    )
    assert changed.count("pass") == 1
    assert "round(" not in changed


def test_a_template_is_read_as_the_python_in_it() -> None:
    template = (
        "def read(value):\n    {# it's raw #}\n    {% if raw %}\n    return value\n    {% "
        "endif %}\n    return None\n"
    )
    assert replaced("return value", "return {{ name }}", text=template) == template.replace(
        "return value", "return {{ name }}"
    )
