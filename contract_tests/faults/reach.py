"""Which tests a fault can show in: those that ran a function which it changes, when there was no fault.

A change inside the body of a function alters nothing for a test that never runs that function. So these tests need not be run,
and one changed operation of 61 costs the vectors of that operation only. What is changed outside functions acts when its module
is imported: it can show in tests that ran anything of that module or of modules that import it, and in modules of tests that
do. Where a function ran while tests were collected, every test is run. What a process, or an object that outlives a test, kept
from an earlier test is overlooked: that can hide a catch, and never makes one up.

To see what runs, every function of a copy of the tree is made to say its number: that costs less than any tracer, and is heard
from the processes that tests start, too.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from pathlib import Path
from typing import Final

from attrs import define, field, frozen

from faults.imports import Importers

Span = tuple[int, int]
"""First and last line of a function's body."""

_SAYS: Final = "_faults_said"
_RECALLS: Final = "_faults_recalls"

WATCHED: Final = ("generated", "overlay", "contract_tests/runflow_mock")

_CACHES: Final = re.compile(r"(functools\.)?_?(lru_)?cache\b")
"""Decorators that keep results for whoever asks next."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.Module) -> list[tuple[Span, _Function]]:
    """The functions of a module with their bodies' lines, the outer ones first."""
    found = [
        ((node.body[0].lineno, node.end_lineno or node.body[-1].lineno), node)
        for node in ast.walk(tree)
        if isinstance(node, _Function)
    ]
    return sorted(found, key=lambda one: (one[0][0], -one[0][1]))


def changed_bodies(source: str, lines: Iterable[int]) -> set[Span] | None:
    """The innermost bodies that hold these lines; None if a line stands in none."""
    spans = [span for span, _ in functions(ast.parse(source))]
    found: set[Span] = set()
    for line in lines:
        around = [span for span in spans if span[0] <= line <= span[1]]
        # What is written after the line of the def itself is the beginning of its body.
        around = around or [span for span in spans if span[0] == line + 1]
        if not around:
            return None
        found.add(around[-1])
    return found


@define
class Numbers:
    """Every function of a tree that says its number, and the places of the numbers."""

    places: list[tuple[str, Span]] = field(factory=list[tuple[str, Span]])

    def give(self, tree: Path) -> None:
        """Make every watched function of this tree say its number."""
        for path in sorted(path for root in WATCHED for path in (tree / root).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            path.write_text(self._speaking(source, path.relative_to(tree).as_posix()), encoding="utf-8")

    def _speaking(self, source: str, name: str) -> str:
        module = ast.parse(source)
        lines = source.splitlines(keepends=True)
        inserted: list[tuple[int, str]] = []
        for span, function in functions(module):
            first = function.body[0]
            if lines[first.lineno - 1][: first.col_offset].strip():  # on the line of the def
                continue
            before = first.lineno if not isinstance(first, _Function | ast.ClassDef) else _begin(first)
            if _is_docstring(first):
                before = (first.end_lineno or first.lineno) + 1
            inserted.append((before - 1, f"{' ' * first.col_offset}{_SAYS}.add({len(self.places)})\n"))
            self.places.append((name, span))
            if any(_CACHES.match(ast.unparse(decorator)) for decorator in function.decorator_list):
                inserted.append((_begin(function) - 1, f"{' ' * function.col_offset}@{_RECALLS}\n"))
        inserted.append((_after_future(module), f"from faults.said import recalls as {_RECALLS}, said as {_SAYS}\n"))
        for index, text in sorted(inserted, key=lambda one: -one[0]):
            if index and not lines[index - 1].endswith("\n"):
                lines[index - 1] += "\n"
            lines.insert(index, text)
        return "".join(lines)


def _begin(node: _Function | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _after_future(module: ast.Module) -> int:
    """The line after which a module may do something."""
    after = 0
    for number, node in enumerate(module.body):
        if (number == 0 and _is_docstring(node)) or (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            after = node.end_lineno or node.lineno
    return after


@frozen
class Record:
    """What one check ran while there was no fault."""

    tests: Sequence[str]
    """Their ids, in order."""
    ran: Mapping[tuple[str, Span], Sequence[int]]
    """The numbers of the tests that ran a body."""
    collecting: frozenset[tuple[str, Span]]
    """The bodies that ran while tests were collected."""

    def tests_of(self, importers: Importers, touched: Mapping[str, Sequence[int]]) -> Sequence[str]:
        """The tests in which a change of these lines can show; `importers` are of the tree without it."""
        numbers: set[int] = set()
        for name, lines in touched.items():
            path = importers.tree / name
            if path.suffix != ".py" or not path.is_file() or not name.startswith(WATCHED):
                return self.tests
            changed = changed_bodies(path.read_text(encoding="utf-8"), lines)
            if changed is None:
                numbers |= self._tests_of_modules(importers.all(name))
                continue
            for span in changed:
                if (name, span) in self.collecting:
                    return self.tests
                numbers.update(self.ran.get((name, span), ()))
        sizes = Counter(number for tests in self.ran.values() for number in tests)
        # Those that run little else come first: they notice most, in the shortest time.
        return tuple(self.tests[number] for number in sorted(numbers, key=lambda number: (sizes[number], number)))

    def _tests_of_modules(self, names: Set[str]) -> set[int]:
        own = {number for number, test in enumerate(self.tests) if test.partition("::")[0] in names}
        return own.union(*(tests for (name, _), tests in self.ran.items() if name in names))
