"""Which tests a fault can show in: those that ran a changed line when there was no fault.

A change outside functions (a constant, a field, a signature) acts where its name is used. So the
lines that use the name count as changed, over any number of steps and in any file (in the same one
if the name is private). If no test ran such a line, the test modules in which the name stands are
chosen. What a process or an object keeps from an earlier test is overlooked: that can hide a catch,
and never makes one up.
"""

from __future__ import annotations

import ast
import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import Factory, define, field, frozen
from coverage import CoverageData

from .plugin import COVERAGE, TESTS

MEASURED: Final = (
    "generated",
    "overlay",
    "contract_tests/runflow_mock",
    "contract_tests/runflow_conformance",
    "regenerate",
)
"""The folders of which is recorded what runs."""

_CACHE: Final = re.compile(r"(functools\.)?_?(lru_)?cache\b")

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = _Function | ast.ClassDef
_Part = ast.stmt | ast.ExceptHandler | ast.match_case


@frozen
class Statement:
    """A statement of a module; a compound one without its body."""

    lines: range
    in_function: bool
    uses: frozenset[str]
    names: frozenset[str] = frozenset()
    """What it defines outside functions, with the class that it stands in."""
    scope: range = range(0)
    """The lines of the function or class of which it is the header or a field."""


@frozen
class Affected:
    """What changes when some lines do."""

    lines: dict[str, set[int]] = Factory(dict[str, set[int]])
    """Lines in functions, by file."""
    names: set[str] = Factory(set[str])
    """Names that are defined outside functions."""


@define
class Sources:
    """The measured modules of a tree."""

    tree: Path

    @cached_property
    def statements(self) -> dict[str, list[Statement]]:
        """The statements of each file in the order of their lines."""
        paths = sorted(path for root in MEASURED for path in (self.tree / root).rglob("*.py"))
        parsed = ((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)
        return {
            path.relative_to(self.tree).as_posix(): sorted(
                _statements(module.body), key=lambda one: one.lines.start
            )
            for path, module in parsed
        }

    def affected(self, changed: Mapping[str, str]) -> Affected | None:
        """Tell what changes with the new text of these files; None if that cannot be said."""
        found = Affected()
        left: list[tuple[str, Statement]] = []
        for file, text in changed.items():
            if file not in self.statements:
                return None
            lines = _changed_lines((self.tree / file).read_text(encoding="utf-8"), text)
            left += [
                (file, statement) for line in lines for statement in self._statement(file, line)
            ]
        while left:
            file, statement = left.pop()
            found.lines.setdefault(file, set()).update(
                statement.lines if statement.in_function else statement.scope
            )
            new = statement.names - found.names
            found.names.update(new)
            left += [
                user
                for name in new
                for user in self._users.get(name, ())
                if name[0] != "_" or user[0] == file
            ]
        return found

    @cached_property
    def _users(self) -> dict[str, list[tuple[str, Statement]]]:
        found: dict[str, list[tuple[str, Statement]]] = {}
        for file, statements in self.statements.items():
            for statement in statements:
                for name in statement.uses:
                    found.setdefault(name, []).append((file, statement))
        return found

    def _statement(self, file: str, line: int) -> Sequence[Statement]:
        """The statement that this line belongs to."""
        before = [one for one in self.statements[file] if one.lines.start <= line]
        return [one for one in before if line in one.lines][-1:] or before[-1:]


@define
class Record:
    """What the tests of one check ran while there was no fault."""

    tests: Mapping[str, float]
    """Their ids in order, with the seconds that each took."""
    fixtures: Mapping[str, Sequence[str]]
    """The shared fixtures that each test has."""
    coverage: CoverageData
    """Its contexts: the tests' ids, the names of shared fixtures, "" while tests are collected."""
    _contexts: dict[str, Mapping[int, Sequence[str]]] = field(
        init=False, factory=dict[str, Mapping[int, Sequence[str]]]
    )

    @classmethod
    def read(cls, folder: Path) -> Record:
        """Read what the plugin wrote into this folder."""
        content: dict[str, Any] = json.loads((folder / TESTS).read_text(encoding="utf-8"))
        data = CoverageData(str(folder / COVERAGE))
        data.read()
        return cls(content["tests"], content["fixtures"], data)

    def affected(self, affected: Affected | None, tree: Path) -> Sequence[str]:
        """Give the tests in which this can show, the fastest first."""
        if affected is None:
            return list(self.tests)
        contexts = {
            context
            for file, lines in affected.lines.items()
            for context in self._running(file, lines)
        }
        if "" in contexts and not affected.names:
            return list(self.tests)
        chosen = [
            test
            for test in self.tests
            if test in contexts or not contexts.isdisjoint(self.fixtures[test])
        ] or self._naming(affected.names, tree)
        return sorted(chosen, key=self.tests.__getitem__)

    def _naming(self, names: Collection[str], tree: Path) -> list[str]:
        """Give the tests of modules in which one of these names stands."""
        pattern = re.compile(rf"\b(?:{'|'.join(names)})\b")
        files = {test.partition("::")[0] for test in self.tests} if names else set[str]()
        naming = {
            file for file in files if pattern.search((tree / file).read_text(encoding="utf-8"))
        }
        return [test for test in self.tests if test.partition("::")[0] in naming]

    def _running(self, file: str, lines: Collection[int]) -> Iterator[str]:
        if file not in self._contexts:
            self._contexts[file] = self.coverage.contexts_by_lineno(file)
        for line in lines:
            yield from self._contexts[file].get(line, ())


def _changed_lines(before: str, after: str) -> Iterator[int]:
    """Give the lines, as numbered before, that are taken out or stand beside something new."""
    lines = (before.splitlines(), after.splitlines())
    for tag, first, last, _, _ in difflib.SequenceMatcher(
        None, *lines, autojunk=False
    ).get_opcodes():
        if tag == "insert":
            yield from (max(first, 1), min(first + 1, len(lines[0])))
        elif tag != "equal":
            yield from range(first + 1, last + 1)


def _statements(
    body: Iterable[_Part], in_function: bool = False, scopes: tuple[_Scope, ...] = ()
) -> Iterator[Statement]:
    for node in body:
        inner = [child for child in ast.iter_child_nodes(node) if isinstance(child, _Part)]
        inside = (*scopes, node) if isinstance(node, _Scope) else scopes
        if not isinstance(node, ast.match_case):
            last = (node.end_lineno or node.lineno) + 1
            lines = range(_first(node), max(_first(inner[0]) if inner else last, node.lineno + 1))
            uses = frozenset(_used(node, inner))
            if in_function:
                yield Statement(lines, True, uses)
            elif inside:
                scope = inside[-1]
                names = frozenset([*_defined(node), scope.name])
                yield Statement(
                    lines,
                    False,
                    uses,
                    names,
                    range(_first(scope), (scope.end_lineno or scope.lineno) + 1),
                )
            else:
                yield Statement(lines, False, uses, frozenset(_defined(node)))
        # What a function with a cache runs, it runs for the first who asks: as if it stood outside.
        yield from _statements(
            inner, in_function or (isinstance(node, _Function) and not _is_cached(node)), inside
        )


def _is_cached(function: _Function) -> bool:
    return any(_CACHE.match(ast.unparse(decorator)) for decorator in function.decorator_list)


def _first(node: _Part) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = node.decorator_list if isinstance(node, _Scope) else []
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _used(node: ast.AST, without: Collection[ast.AST] = ()) -> Iterator[str]:
    """Give the names that are read when this runs; annotations are not."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
    annotations = (getattr(node, "annotation", None), getattr(node, "returns", None))
    for child in ast.iter_child_nodes(node):
        if child not in without and child not in annotations:
            yield from _used(child)


def _defined(node: ast.AST) -> Iterator[str]:
    if isinstance(node, _Scope):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    else:
        yield from (
            child.id
            for child in ast.walk(node)
            if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store)
        )
