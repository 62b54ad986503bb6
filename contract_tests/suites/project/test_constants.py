"""No number, word, table or pattern of the pipeline changes unseen, and no default."""

from pathlib import Path

import regenerate

from ..client import constants
from ..snapshot import check_snapshot

LIST = Path(__file__).with_name("constants.txt")
OTHERS = ("__main__", "reconstruction", "tests")
"""The first takes the environment by default. What the second writes down is the document."""


def test_they_are_those_of_the_list() -> None:
    lines = [
        *constants.lines(regenerate, OTHERS),
        *constants.defaults(regenerate, OTHERS),
        *constants.shapes(regenerate, OTHERS),
    ]
    assert "Limits.redirects = 3" in lines
    assert "accept(allow_shrink=False)" in lines
    check_snapshot(LIST, "\n".join(lines) + "\n")
