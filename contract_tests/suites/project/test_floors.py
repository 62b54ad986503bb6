"""The floors of the client: imports point down only, type-only imports included."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[3] / "overlay" / "runflow_client"

FLOORS = (
    ("_json", "_http", "_time"),
    ("_redaction",),
    ("_errors",),
    ("_validation",),
    ("_urls", "_files", "_config", "_responses", "callbacks"),
    ("_typed_inputs", "_models"),
    ("inputs",),
    ("_estimate",),
    ("_flows",),
    ("_transport",),
    ("_async", "_sync"),
    ("_progress", "errors", "testing"),
    ("bulk",),
    ("__init__",),
    ("cli",),
)
"""From the ground up. A module imports from floors below its own, and from its own folder."""

FLOOR_OF = {name: number for number, names in enumerate(FLOORS) for name in names}
MAX_ROOMS = 25


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The file or folder of the package that the module stands in."""
    inside = path.relative_to(PACKAGE).parts[0]
    return inside.removesuffix(".py")


def imported_modules(path: Path) -> Iterator[tuple[str, ...]]:
    """The modules of this package that a module imports, anywhere in it, as their parts."""
    here = path.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = here[: len(here) - node.level + 1]
            module = (*base, *(node.module.split(".") if node.module else ()))
            for alias in node.names:
                full = (*module, alias.name)
                is_module = PACKAGE.joinpath(*full).with_suffix(".py").is_file()
                is_package = PACKAGE.joinpath(*full).is_dir()
                yield full if is_module or is_package else module or ("__init__",)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("runflow_client"):
            raise AssertionError(f"{path}: imports inside the package are relative")


def test_every_room_has_a_floor_and_the_top_plan_is_small() -> None:
    rooms = {room_of(path) for path in modules()}
    assert rooms == set(FLOOR_OF)
    assert len(rooms) <= MAX_ROOMS


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_only(path: Path) -> None:
    room = room_of(path)
    upward = {
        ".".join(target)
        for target in imported_modules(path)
        if target[0] != room and FLOOR_OF[target[0]] >= FLOOR_OF[room]
    }
    assert not upward


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {path: set[Path]() for path in modules()}
    for path in graph:
        for target in imported_modules(path):
            file = PACKAGE.joinpath(*target).with_suffix(".py")
            package = PACKAGE.joinpath(*target, "__init__.py")
            graph[path] |= {found for found in (file, package) if found in graph and found != path}
    left = dict(graph)
    while free := [path for path, targets in left.items() if not targets & left.keys()]:
        for path in free:
            del left[path]
    assert not left, f"a circle among {sorted(str(path.relative_to(PACKAGE)) for path in left)}"


CLI_FLOORS = {"shared": 0, "commands": 1, "tree": 2, "main": 3, "__main__": 4}
"""The rooms of the command: what is shared knows no command, and no command knows another room."""


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("cli/**/*.py")), ids=lambda path: path.stem)
def test_imports_of_the_command_point_down_only(path: Path) -> None:
    def room(parts: tuple[str, ...]) -> str:
        return parts[1].removesuffix(".py") if len(parts) > 1 else "__init__"

    own = room(path.relative_to(PACKAGE).parts)
    targets = {room(target) for target in imported_modules(path) if target[0] == "cli"} - {own}
    assert all(CLI_FLOORS[target] < CLI_FLOORS[own] for target in targets)
