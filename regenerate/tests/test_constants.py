"""No number, word, table or pattern of the pipeline changes unseen, and no default."""

from suites.client import constants
from suites.snapshot import check_snapshot

import regenerate

from .every_word import SNAPSHOTS

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
    check_snapshot(SNAPSHOTS / "constants.txt", "\n".join(lines) + "\n")
