"""What becomes of a document, and of each small edit of it, when it is corrected and named."""

import json
from collections.abc import Iterator

import pytest
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ..every_word import SNAPSHOTS, corrected_edits, difference, every_word, snapshot_of_edits
from ..small_documents import corrected


def test_the_document_is_corrected_as_before() -> None:
    check_snapshot(
        SNAPSHOTS / "corrected.json", json.dumps(corrected(every_word()), indent=1) + "\n"
    )


def test_each_edit_is_corrected_as_before(tmp_path_factory: pytest.TempPathFactory) -> None:
    base, made = corrected(every_word()), corrected_edits(tmp_path_factory)

    def lines(edit: str, _: JSONObject) -> Iterator[str]:
        after = made[edit]
        if isinstance(after, str):
            yield f"refused: {after}"
        else:
            yield from difference(base, after)

    check_snapshot(SNAPSHOTS / "corrected_edits.txt", snapshot_of_edits(lines))
