"""Which modules a module is imported by, over any number of steps: where a change outside functions can show."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from attrs import define, field

SOURCE_ROOTS: Final = ("generated", "overlay", "contract_tests", "")
"""Where imports are looked up, the tree itself last."""

_READ: Final = ("generated", "overlay", "contract_tests", "regenerate/tests", "tests")


@define
class Importers:
    """The import graph of a tree, turned round."""

    tree: Path
    _files: set[str] = field(init=False, factory=set[str])
    _of: dict[str, set[str]] = field(init=False, factory=dict[str, set[str]])

    def __attrs_post_init__(self) -> None:
        paths = sorted(path for root in _READ for path in (self.tree / root).rglob("*.py"))
        self._files = {path.relative_to(self.tree).as_posix() for path in paths}
        for path in paths:
            name = path.relative_to(self.tree).as_posix()
            for imported in self._imports(path, name):
                self._of.setdefault(imported, set()).add(name)

    def all(self, file: str) -> frozenset[str]:
        """The file, whatever imports it, whatever imports that, and so on."""
        found: set[str] = set()
        new = {file}
        while new:
            found |= new
            new = {importer for one in new for importer in self._of.get(one, ())} - found
        return frozenset(found)

    def _imports(self, path: Path, name: str) -> Iterator[str]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield from self._found(alias.name)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node, name)
                yield from self._found(module)
                for alias in node.names:
                    yield from self._found(f"{module}.{alias.name}")

    def _absolute(self, node: ast.ImportFrom, name: str) -> str:
        if not node.level:
            return node.module or ""
        root = next(root for root in SOURCE_ROOTS if name.startswith(f"{root}/") or not root)
        package = PurePosixPath(name).relative_to(root).parent.parts
        parts = package[: len(package) - node.level + 1]
        return ".".join((*parts, *(node.module or "").split("."))).strip(".")

    def _found(self, module: str) -> Iterator[str]:
        for root in SOURCE_ROOTS:
            base = PurePosixPath(root, *module.split("."))
            for path in (base.with_suffix(".py"), base / "__init__.py"):
                if module and path.as_posix() in self._files:
                    yield path.as_posix()
