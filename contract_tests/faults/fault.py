"""The faults: one TOML file each, with what is wrong and the pieces of source that it changes.

    summary = "A file is taken for whole although bytes are missing."
    kind = "ending"

    [[change]]
    file = "overlay/runflow_client/sinks.py"
    inside = "FileSink.finish"
    old = 'self.received != self.total'
    new = 'self.received > self.total'

The file's name is the fault's, and its folder the area. `kind` is one of kinds.py. `old` is there
once, in the file or in the definition that `inside` names. It is best a whole expression or
statement, and no longer than it must be to be there once.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from attrs import frozen

from .kinds import KINDS
from .source import Definition, Match, NotFoundOnce, source_of

Area = Literal["client", "server", "pipeline"]
AREAS: Final[tuple[Area, ...]] = ("client", "server", "pipeline")

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]


class UnusableFault(Exception):
    """A fault cannot be read or made. The text names it and says why."""


@frozen
class Change:
    """One piece of source and what stands there instead."""

    file: str
    """Its path in the tree."""
    old: str
    """The piece, which is there once. Layout, comments and docstrings do not matter."""
    new: str
    """With indentation of its own; that of the place is added."""
    inside: str | None = None
    """The function or class in which it is there once, as `Class.method`; None: the file."""

    def find(self, text: str) -> Match:
        """Find the piece in the text of the file. Raises NotFoundOnce."""
        return source_of(text).find(self.old, self.inside)


@frozen(eq=False)
class Fault:
    """One thing that a client, a server or the pipeline does wrong."""

    name: str
    area: Area
    kind: str
    """One of KINDS."""
    summary: str
    """What a real one with this fault does wrong."""
    changes: tuple[Change, ...]

    @property
    def label(self) -> str:
        """Its name among all faults."""
        return f"{self.area}/{self.name}"

    @property
    def files(self) -> frozenset[str]:
        """The paths of the files that it changes."""
        return frozenset(change.file for change in self.changes)

    @property
    def places(self) -> frozenset[str]:
        """The packages, or modules beside them, that it changes: `runflow_client/_flows`."""
        roots = ("overlay/", "contract_tests/", "generated/")
        parts = (_without(roots, file).split("/") for file in self.files)
        return frozenset("/".join(part[:2]) for part in parts)

    def changed(self, tree: Path) -> dict[str, str]:
        """Give the changed text of each file by its path. Raises UnusableFault."""
        texts: dict[str, str] = {}
        for change in self.changes:
            text = self._text(change, tree, texts)
            texts[change.file] = self._find(change, text, tree).replaced(change.new)
        return texts

    def apply(self, tree: Path) -> dict[str, str]:
        """Make the fault in this tree; give the changed text of each file. Raises UnusableFault."""
        changed = self.changed(tree)
        for file, text in changed.items():
            (tree / file).write_text(text, encoding="utf-8")
        return changed

    def fingerprint(self, tree: Path) -> str:
        """Give a hash of the definitions that it changes, before and after. Raises UnusableFault.

        It stays the same when files are reformatted, moved or changed elsewhere.
        """
        digest = hashlib.sha256()
        texts: dict[str, str] = {}
        for change in self.changes:
            text = self._text(change, tree, texts)
            match = self._find(change, text, tree)
            before = match.source
            around = before.definition_of(match.first) or Definition("", match.first, match.last)
            texts[change.file] = match.replaced(change.new)
            after = source_of(texts[change.file])
            last = around.last + len(after.tokens) - len(before.tokens)
            for tokens in (
                before.tokens[around.first : around.last],
                after.tokens[around.first : last],
            ):
                digest.update(
                    "\0".join(
                        (*(token.text for token in tokens if not token.layout), "\n")
                    ).encode()
                )
        return digest.hexdigest()

    def _text(self, change: Change, tree: Path, texts: Mapping[str, str]) -> str:
        if change.file in texts:
            return texts[change.file]
        try:
            return (tree / change.file).read_text(encoding="utf-8")
        except OSError:
            problem = f"{self.label}: there is no file {change.file}{_elsewhere(change, tree)}"
            raise UnusableFault(problem) from None

    def _find(self, change: Change, text: str, tree: Path) -> Match:
        try:
            return change.find(text)
        except NotFoundOnce as error:
            problem = f"{self.label}: {change.file}: {error}{_elsewhere(change, tree)}"
            raise UnusableFault(problem) from None


def _without(beginnings: Iterable[str], file: str) -> str:
    """Give the path without that of the source root that it is in."""
    for beginning in beginnings:
        file = file.removeprefix(beginning)
    return file


def _elsewhere(change: Change, tree: Path) -> str:
    """Name the other files that hold the piece once."""
    root, suffix = change.file.partition("/")[0], Path(change.file).suffix
    found: list[str] = []
    for path in sorted((tree / root).rglob(f"*{suffix}")):
        try:
            change.find(path.read_text(encoding="utf-8"))
        except NotFoundOnce:
            continue
        found.append(path.relative_to(tree).as_posix())
    return f"\nit is in {', '.join(found)}" if found else ""


def read_faults(folder: Path = FOLDER, areas: Iterable[Area] = AREAS) -> list[Fault]:
    """Read every fault of these areas, by area and name. Raises UnusableFault."""
    return [
        read_fault(path, area) for area in areas for path in sorted((folder / area).glob("*.toml"))
    ]


def read_fault(path: Path, area: Area) -> Fault:
    """Read the fault in this file. Raises UnusableFault."""
    needs = f"{area}/{path.name} needs a summary, a kind and [[change]] tables"
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        changes = tuple(Change(**change) for change in content.pop("change"))
        summary = " ".join(content.pop("summary").split())
        kind = content.pop("kind")
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UnusableFault(f"{needs} with file, old and new: {error}") from None
    if content or not changes or not summary:
        raise UnusableFault(f"{needs}, and nothing else")
    if kind not in KINDS:
        raise UnusableFault(f"{needs}; {kind!r} is not among the kinds: {', '.join(KINDS)}")
    return Fault(path.stem, area, kind, summary, changes)
