"""The packages of regenerate stand in one order, and each imports only from those before it."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

from ..project.paths import ROOT

FLOORS: Final = (
    "document",
    "project",
    "naming",
    "correct",
    "lint",
    "generate",
    "changes",
    "fetch",
    "inputs",
    "targets",
    "__main__",
)
"""From the bottom to the top."""
ALONE: Final = ("reconstruction", "unasync")
"""They import nothing of the others, and nothing imports them."""

Arrows = dict[str, set[str]]


def arrows_of(folder: Path) -> Arrows:
    """Return what each module imports of the same folder, also under TYPE_CHECKING and lazily."""
    paths = {
        _name(folder, path): path
        for path in sorted(folder.rglob("*.py"))
        if "tests" not in path.parts
    }
    arrows: Arrows = {}
    for name, path in paths.items():
        imported = {target for found in _imports(path, name) for target in _modules(found, paths)}
        arrows[name] = imported - {name}
    return arrows


def faults_in(arrows: Arrows) -> list[str]:
    """Return what breaks the order: arrows that run up, into private modules, or in a circle."""
    found: list[str] = []
    for module, imported in arrows.items():
        home = module.partition(".")[0]
        for target in sorted(imported):
            package, _, inside = target.partition(".")
            if package == home:
                continue
            if {home, package} & set(ALONE):
                found.append(f"{module} imports {target}: {', '.join(ALONE)} stand alone")
            elif home not in FLOORS or package not in FLOORS:
                found.append(f"{module} imports {target}: not both are in the list of floors")
            elif FLOORS.index(package) > FLOORS.index(home):
                found.append(f"{module} imports {target}: {package} comes after {home}")
            elif inside.startswith("_"):
                found.append(f"{module} imports {target}: that is private to {package}")
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        found.append(f"a circle: {' -> '.join(error.args[1])}")
    return found


def _name(folder: Path, path: Path) -> str:
    return ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")


def _imports(path: Path, name: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the modules of the same folder that a module imports, each with the names it takes."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            parts = package[: len(package) - node.level + 1] + (node.module or "").split(".")
            yield ".".join(part for part in parts if part), [alias.name for alias in node.names]


def _modules(found: tuple[str, list[str]], paths: dict[str, Path]) -> Iterator[str]:
    module, names = found
    inside = [f"{module}.{name}" if module else name for name in names]
    submodules = [name for name in inside if name in paths]
    yield from submodules
    if len(submodules) < len(names) and module in paths:
        yield module


def test_imports_inside_regenerate_are_relative() -> None:
    absolute = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "regenerate").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.level == 0
        and (node.module or "").partition(".")[0] == "regenerate"
    ]
    assert absolute == []


def test_imports_run_down_only_and_never_in_a_circle() -> None:
    arrows = arrows_of(ROOT / "regenerate")
    assert {module.partition(".")[0] for module in arrows} - {""} == {*FLOORS, *ALONE, "__init__"}
    assert sum(len(imported) for imported in arrows.values()) > 100
    assert faults_in(arrows) == []


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (
            {"document/a.py": "from ..lint.b import c", "lint/b.py": ""},
            "document.a imports lint.b: lint comes after document",
        ),
        (
            {"document/a.py": "if TYPE_CHECKING:\n    from ..lint import b", "lint/b.py": ""},
            "document.a imports lint.b: lint comes after document",
        ),
        (
            {"fetch/a.py": "def f():\n    from ..targets.b import c", "targets/b.py": ""},
            "fetch.a imports targets.b: targets comes after fetch",
        ),
        (
            {"lint/a.py": "from ..document._b import c", "document/_b.py": ""},
            "lint.a imports document._b: that is private to document",
        ),
        (
            {"targets/a.py": "from ..reconstruction.b import c", "reconstruction/b.py": ""},
            "targets.a imports reconstruction.b: reconstruction, unasync stand alone",
        ),
        (
            {"lint/a.py": "from .b import c", "lint/b.py": "from . import a"},
            "a circle: lint.a -> lint.b -> lint.a",
        ),
        (
            {"lint/a.py": "from ..cellar.b import c", "cellar/b.py": ""},
            "lint.a imports cellar.b: not both are in the list of floors",
        ),
    ],
)
def test_what_breaks_the_order_is_found(tmp_path: Path, files: dict[str, str], fault: str) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert faults_in(arrows_of(tmp_path)) == [fault]
