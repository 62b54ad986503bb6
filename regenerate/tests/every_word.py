"""The document in which every word stands, each small edit of it, and what they become."""

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

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


@cache
def corrected_or_why(edit: str) -> JSONObject | str:
    """Return the document with this edit corrected, or why it cannot be corrected."""
    try:
        return corrected(edited()[edit])
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
