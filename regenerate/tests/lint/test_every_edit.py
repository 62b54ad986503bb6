"""What our rules find in each small edit of a document, at which place, with which remedy."""

from collections.abc import Iterator

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ...lint._tools import TOOL_RULES
from ...lint.linter import RULES
from ..every_word import SNAPSHOTS, corrected_edits, snapshot_of_edits

SHARED = ("parameters", "components/requestBodies", "components/responses")
OWN = {name: rule for name, rule in RULES.items() if name not in TOOL_RULES}


def findings(edit: str, document: JSONObject, after: JSONObject | str) -> Iterator[str]:
    """Yield what our rules find in the corrected document, or in one that cannot be corrected.

    What stands in other places before the correction is looked at there, too.
    """
    published = isinstance(after, str) or any(word in edit for word in SHARED)
    for found_in in ([document] if published else []) + ([] if isinstance(after, str) else [after]):
        for name, rule in OWN.items():
            for place, what, remedy in rule(found_in):
                yield f"{name} at {place}: {what}. {remedy}"


def test_each_edit_has_the_findings_of_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    made = corrected_edits(tmp_path_factory)
    found = snapshot_of_edits(lambda edit, document: findings(edit, document, made[edit]))
    check_snapshot(SNAPSHOTS / "findings.txt", found)
