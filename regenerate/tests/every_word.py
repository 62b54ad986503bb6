"""The document in which every word stands, each small edit of it, and what they become."""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from suites.sharing import shared_folder

from ..document.json_tree import DocumentError, JSONObject
from ..document.yaml_files import read_yaml
from .edits import edits
from .small_documents import corrected

SNAPSHOTS: Final = Path(__file__).with_name("snapshots")


@cache
def every_word() -> JSONObject:
    """Return the document. It is not to be changed."""
    return read_yaml(Path(__file__).with_name("documents") / "every_word.yaml")


@cache
def edited() -> Mapping[str, JSONObject]:
    """Return the documents that differ from it by one edit each, by the edit's name."""
    return dict(edits(every_word()))


def corrected_edits(factory: pytest.TempPathFactory) -> Mapping[str, JSONObject | str]:
    """Return the edited documents as they are corrected, or why one cannot be, by the edit's name.

    They are made once a run: that takes longer than what a test does with them.
    """

    def make(folder: Path) -> None:
        made = {edit: _corrected_or_why(document) for edit, document in edited().items()}
        (folder / "made.json").write_text(json.dumps(made), encoding="utf-8")

    made = shared_folder(factory, "corrected-edits", make) / "made.json"
    found: Mapping[str, JSONObject | str] = json.loads(made.read_text(encoding="utf-8"))
    return found


def _corrected_or_why(document: JSONObject) -> JSONObject | str:
    try:
        return corrected(document)
    except DocumentError as error:
        return str(error)


def snapshot_of_edits(describe: Callable[[str, JSONObject], Iterable[str]]) -> str:
    """Return a text with what `describe` says of each edit, by its name and document.

    Those of which it says nothing stand together at the end.
    """
    lines: list[str] = []
    silent: list[str] = []
    for name, document in edited().items():
        found = [*describe(name, document)]
        if found:
            lines += [f"* {name}", *(f"    {line}" for line in found)]
        else:
            silent.append(f"    {name}")
    return "\n".join([*lines, "", "Nothing is found in", *silent]) + "\n"


def difference(old: JSONObject, new: JSONObject) -> Iterator[str]:
    """Yield the lines by which two documents differ."""
    before, after = (
        json.dumps(one, indent=0, sort_keys=True, ensure_ascii=False).splitlines()
        for one in (old, new)
    )
    for line in difflib.unified_diff(before, after, lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            yield line
