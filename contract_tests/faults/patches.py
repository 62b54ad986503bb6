"""The faults as they are kept: one unified diff each, with prose before it, applied to a copy of the tree."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

from attrs import field, frozen

Kind = Literal["client", "server"]
KINDS: Final[tuple[Kind, ...]] = ("client", "server")

FOLDER: Final = Path(__file__).resolve().parent
ROOT: Final = FOLDER.parents[1]

_DIFF: Final = re.compile(r"^(?:diff --git |--- )", re.MULTILINE)
_HUNK: Final = re.compile(r"@@ -(\d+)(?:,(\d+))? \+\d+(?:,\d+)? @@")


class UnusableFault(Exception):
    """A patch cannot be read, applied or made a client of. The text names it and says why."""


@frozen(eq=False)
class Fault:
    """One thing that a client or server does wrong."""

    name: str
    kind: Kind
    says: str
    """What a real client or server with this fault does wrong."""
    diff: str = field(repr=False)
    touched: dict[str, tuple[int, ...]] = field(repr=False)
    """The lines that it changes or writes after, by file: numbers of the tree without the fault."""

    def apply(self, tree: Path) -> None:
        """Make the fault in this tree. Raises UnusableFault."""
        problem = git_apply(self.diff, tree)
        if problem:
            raise UnusableFault(f"{self.kind}/{self.name}.patch does not apply: {problem}")


def read_faults(folder: Path = FOLDER, kinds: Iterable[Kind] = KINDS) -> list[Fault]:
    """Every fault of these kinds, by kind and name. Raises UnusableFault for a file without prose or without a diff."""
    return [read_fault(path, kind) for kind in kinds for path in sorted((folder / kind).glob("*.patch"))]


def read_fault(path: Path, kind: Kind) -> Fault:
    """The fault in this file. Raises UnusableFault."""
    text = path.read_text(encoding="utf-8")
    begin = _DIFF.search(text)
    says = " ".join(text[: begin.start()].split()) if begin else ""
    if begin is None or not says:
        raise UnusableFault(f"{kind}/{path.name} needs prose that says what is wrong, and a diff after it")
    diff = text[begin.start() :]
    return Fault(path.stem, kind, says, diff, touched_lines(diff))


def git_apply(diff: str, tree: Path, *options: str) -> str:
    """Apply the diff; give what git said if it refused, else nothing."""
    command = ["git", "apply", "--whitespace=nowarn", *options, "-"]
    done = subprocess.run(command, cwd=tree, input=diff, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr.strip() or f"git apply ended with {done.returncode}"


def touched_lines(diff: str) -> dict[str, tuple[int, ...]]:
    """The lines of each file, as they are numbered before, that the diff takes out or writes something after."""
    found: dict[str, set[int]] = {}
    lines: set[int] = set()
    at = left = 0
    for line in diff.splitlines():
        if left <= 0 and line.startswith("--- "):
            name = line[4:].split("\t")[0]
            lines = found.setdefault(name.partition("/")[2] if name.startswith("a/") else name, set())
        elif left <= 0 and (hunk := _HUNK.match(line)):
            at, left = int(hunk[1]), int(hunk[2] or 1)
            if not left:  # a new file, or lines after this one without context
                lines.add(at)
        elif line.startswith("+") and not line.startswith("+++ "):
            lines.add(max(at - 1, 1))
        elif line.startswith("-") and left > 0:
            lines.add(at)
            at, left = at + 1, left - 1
        elif line.startswith(" ") or not line:
            at, left = at + 1, left - 1
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}
