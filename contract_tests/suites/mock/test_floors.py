"""The floors of the mock server's package: imports point down, those under TYPE_CHECKING too."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

import runflow_mock

PACKAGE = Path(runflow_mock.__file__).parent

# From the bottom; a package imports from itself and from those before it.
FLOORS = ("contract", "state", "faults", "simulation", "api", "server")

# Above them all stand the modules at the top of the package, which do not import each other.
FRONT_DOORS = {"", "__main__", "pytest_plugin"}

MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imports(name: str, path: Path) -> Iterator[tuple[str, bool]]:
    """Yield each import of a module, wherever it stands: the module, and whether it is relative."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                inner = f"{source}.{alias.name}"
                yield inner if inner in MODULES else source, bool(node.level)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, False


IMPORTS = {name: list(imports(name, path)) for name, path in MODULES.items()}
ARROWS = {
    name: {target for target, relative in found if relative} for name, found in IMPORTS.items()
}


def floor_of(module: str) -> str:
    """Return the package or module below `runflow_mock`; empty for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def test_every_module_stands_on_a_floor() -> None:
    assert {floor_of(name) for name in MODULES} == {*FLOORS, *FRONT_DOORS}


def test_imports_inside_the_package_are_relative() -> None:
    absolute = {
        f"{name} imports {target}"
        for name, found in IMPORTS.items()
        for target, relative in found
        if not relative and target.partition(".")[0] == "runflow_mock"
    }
    assert not absolute


def test_imports_point_down() -> None:
    wrong = {
        f"{name} imports {target}"
        for name, targets in ARROWS.items()
        for target in targets
        if floor_of(target) not in FLOORS
        or (
            floor_of(name) in FLOORS
            and FLOORS.index(floor_of(target)) > FLOORS.index(floor_of(name))
        )
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert len(list(TopologicalSorter(ARROWS).static_order())) >= len(MODULES)
