"""The changes that each small edit of a document makes, with their weights, in both directions."""

from collections.abc import Iterator

from suites.snapshot import check_snapshot

from ...changes.wire import wire_changes
from ...document.json_tree import JSONObject
from ..every_word import SNAPSHOTS, every_word, snapshot_of_edits
from ..small_documents import corrected


def changes(old: JSONObject, new: JSONObject) -> list[str]:
    """Return the changes between two documents, each with its weight."""
    return [f"{one.weight.name.lower()}: {one}" for one in wire_changes(old, new)]


def changes_of(_: str, document: JSONObject) -> Iterator[str]:
    """Yield the changes by an edit, and by its contrary."""
    for what, old, new in (("", every_word(), document), ("back, ", document, every_word())):
        yield from (f"{what}{line}" for line in changes(old, new))


def test_each_edit_makes_the_changes_of_before() -> None:
    check_snapshot(SNAPSHOTS / "changes.txt", snapshot_of_edits(changes_of))


def test_what_says_the_same_is_no_change() -> None:
    for document in (every_word(), corrected(every_word())):
        assert wire_changes(document, document) == []
