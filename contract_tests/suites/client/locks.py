"""The locks of the client, found in its source, and its modules with one of them taken out."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Final

from attrs import frozen

PACKAGE: Final = Path(__file__).parents[3] / "overlay" / "runflow_client"

_KINDS: Final = ("Lock", "Semaphore", "Condition", "CapacityLimiter")


def _last_name(node: ast.expr) -> str:
    """Return `_lock` of `self._lock` and `_permits` of `self._permits()`."""
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_kind(node: ast.AST | None) -> bool:
    return node is not None and any(
        ast.unparse(node).strip("\"'").split("(")[0].split(" | ")[0].rpartition(".")[2] == kind
        for kind in _KINDS
    )


def _names_of_locks(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and (_is_kind(node.annotation) or _is_kind(node.value)):
            yield _last_name(node.target)
        elif isinstance(node, ast.Assign) and _is_kind(node.value):
            yield from map(_last_name, node.targets)
        elif isinstance(node, ast.FunctionDef) and _is_kind(node.returns):
            yield node.name


@frozen
class LockPlace:
    """One place where a lock is taken."""

    module: str
    function: str
    number: int
    """Which one of its module, counted from 0."""

    def __str__(self) -> str:
        return f"{self.module}:{self.function}:{self.number}"


class _Places(ast.NodeTransformer):
    """Finds the places of a module, and takes out the one of a number."""

    def __init__(self, module: str, without: int | None = None) -> None:
        self._module, self._without = module, without
        self._inside: list[str] = []
        self._taken_out: tuple[list[str], str] | None = None
        self.found: list[LockPlace] = []

    def _is_taken_out(self, lock: ast.expr) -> bool:
        if _last_name(lock) not in _NAMES:
            return False
        self.found.append(LockPlace(self._module, ".".join(self._inside), len(self.found)))
        return len(self.found) - 1 == self._without

    def _visit_inside(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        self._inside.append(node.name)
        self.generic_visit(node)
        self._inside.pop()
        return node

    visit_ClassDef = visit_FunctionDef = visit_AsyncFunctionDef = _visit_inside  # noqa: N815

    def _visit_with(self, node: ast.With | ast.AsyncWith) -> ast.AST:
        node.items = [item for item in node.items if not self._is_taken_out(item.context_expr)]
        self.generic_visit(node)
        if node.items:
            return node
        return ast.If(ast.Constant(True), node.body, [])

    visit_With = visit_AsyncWith = _visit_with  # noqa: N815

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        function = node.func
        if (
            isinstance(function, ast.Attribute)
            and function.attr == "acquire"
            and self._is_taken_out(function.value)
        ):
            self._taken_out = ([*self._inside], ast.unparse(function.value))
            return ast.Constant(True)
        if self._taken_out is not None and ast.unparse(node) == f"{self._taken_out[1]}.release()":
            return ast.Constant(None) if self._taken_out[0] == self._inside else node
        return node

    def visit_Await(self, node: ast.Await) -> ast.AST:
        self.generic_visit(node)
        return node.value if isinstance(node.value, ast.Constant) else node


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


_SOURCES: Final = {
    _module_name(path): path.read_text("utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.relative_to(PACKAGE).parts[0] not in {"_sync", "inputs"}  # made of the others
}

_NAMES: Final = {"hold"} | {
    name
    for source in _SOURCES.values()
    if any(kind in source for kind in _KINDS)
    for name in _names_of_locks(ast.parse(source))
}
"""What the client calls its locks, and the block that holds a keyed one."""


def lock_places() -> list[LockPlace]:
    """Return every place of the client where a lock or a permit is taken."""
    found: list[LockPlace] = []
    for module, source in _SOURCES.items():
        if not any(name in source for name in _NAMES):
            continue
        places = _Places(module)
        places.visit(ast.parse(source))
        found += places.found
    return found


def loaded(module: str, without: LockPlace | None = None) -> tuple[ModuleType, dict[str, str]]:
    """Load a module of the client anew, without a lock if asked; return it and its source by the
    name of its file.
    """
    tree = ast.parse(_SOURCES[module])
    if without is not None:
        places = _Places(module, without.number)
        tree = ast.fix_missing_locations(places.visit(tree))
        assert without in places.found
    name = f"{module} without {without}"
    source = ast.unparse(tree)
    made = ModuleType(f"runflow_client.{module}")
    made.__package__ = f"runflow_client.{module}".rpartition(".")[0]
    before = sys.modules.get(made.__name__)
    sys.modules[made.__name__] = made  # what attrs makes of classes looks its module up
    try:
        exec(compile(source, name, "exec"), made.__dict__)
    finally:
        if before is None:
            del sys.modules[made.__name__]
        else:
            sys.modules[made.__name__] = before
    return made, {name: source}
