"""What becomes of a document, and of each small edit of it, when it is corrected and named."""

import json
from collections.abc import Iterator

from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject
from ..every_word import SNAPSHOTS, corrected_or_why, difference, every_word, snapshot_of_edits
from ..small_documents import corrected


def test_the_document_is_corrected_as_before() -> None:
    check_snapshot(
        SNAPSHOTS / "corrected.json", json.dumps(corrected(every_word()), indent=1) + "\n"
    )


def test_each_edit_is_corrected_as_before() -> None:
    base = corrected(every_word())

    def lines(edit: str, _: JSONObject) -> Iterator[str]:
        after = corrected_or_why(edit)
        if isinstance(after, str):
            yield f"refused: {after}"
        else:
            yield from difference(base, after)

    check_snapshot(SNAPSHOTS / "corrected_edits.txt", snapshot_of_edits(lines))
