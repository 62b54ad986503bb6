"""Files that people write, each member with a value of every other kind: what is refused, and how.

Who mistypes a line is told which file and which place, and what belongs there. What is taken all
the same stands in the list too: a false, a 0 or a null is no mistake everywhere.
"""

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from suites.snapshot import check_snapshot

from ..correct.overlays import parse_overlay
from ..document.json_tree import DocumentError, JSONObject
from ..inputs.catalog import CatalogError, read_catalog
from ..naming.operation_names import parse_table
from .edits import places
from .every_word import SNAPSHOTS
from .inputs.test_every_row import FILE

KINDS: Final[tuple[Any, ...]] = (
    None,
    False,
    True,
    0,
    1.5,
    "",
    "a",
    [],
    ["a"],
    [None],
    {},
    {"a": 1},
)
FILES: Final[Mapping[str, JSONObject]] = {
    "overlay": {
        "overlay": "1.1.0",
        "info": {"title": "T", "version": "1"},
        "extends": "openapi.json",
        "x-outside-the-document": True,
        "actions": [
            {"target": "$.a", "description": "Why.", "update": {"b": 1}},
            {"target": "$.a", "description": "Why.", "copy": "$.b"},
            {"target": "$.a", "description": "Why.", "remove": True},
        ],
    },
    "naming": {
        "operations": {"runs": {"get_run": "GET /v1/runs/{id}"}},
        "schemas": {"Run": ["GET /v1/runs/{id} 200"]},
    },
    "catalog": FILE,
}


def readers(folder: Path) -> Mapping[str, Callable[[JSONObject], object]]:
    """Return what reads each of the files."""

    def catalog(value: JSONObject) -> object:
        (folder / "acme.json").write_text(json.dumps(value), encoding="utf-8")
        return read_catalog(folder)

    return {
        "overlay": lambda value: parse_overlay(value, "a.overlay.yaml"),
        "naming": parse_table,
        "catalog": catalog,
    }


def with_value(file: JSONObject, way: tuple[Any, ...], value: object) -> JSONObject:
    """Return a copy of a file with another value at one place."""
    found: Any = copy.deepcopy(file)
    inner = found
    for key in way[:-1]:
        inner = inner[key]
    inner[way[-1]] = copy.deepcopy(value)
    return dict(found)


def told(read: Callable[[JSONObject], object], file: JSONObject) -> str:
    """Return how a file is refused, or that it is taken."""
    try:
        read(file)
    except (DocumentError, CatalogError) as error:
        # The value itself, which the line begins with, is not told again.
        return re.sub(r"(['\"]).*\1 is of", "it is of", str(error))
    return "taken"


def answers(name: str, read: Callable[[JSONObject], object]) -> Iterator[str]:
    """Yield each place of a file with the answers to what may stand there."""
    file = FILES[name]
    assert told(read, file) == "taken", name
    for way, there in places(file):
        found: dict[str, list[str]] = {}
        for value in KINDS:
            if value != there:
                answer = told(read, with_value(file, way, value))
                found.setdefault(answer, []).append(json.dumps(value))
        yield f"* {name}, {'/'.join(map(str, way))}"
        yield from (f"    {' '.join(values)}: {answer}" for answer, values in found.items())


def test_each_member_of_another_kind_is_answered_as_before(tmp_path: Path) -> None:
    lines = [line for name, read in readers(tmp_path).items() for line in answers(name, read)]
    check_snapshot(SNAPSHOTS / "wrong_members.txt", "\n".join(lines) + "\n")
