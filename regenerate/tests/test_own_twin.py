"""The synchronous modules of the overlay are those that its asynchronous ones give."""

import ast
import tokenize
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, Final, cast

import pytest

from ..project.paths import ROOT
from ..unasync import make_synchronous

ASYNCHRONOUS: Final = ROOT / "overlay" / "runflow_client" / "_async"
SYNCHRONOUS: Final = ASYNCHRONOUS.with_name("_sync")


def modules(folder: Path) -> list[str]:
    """Return the names of the modules of a folder."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """Yield each name that a statement imports; the formatter sorts and joins them."""
    module = f"{'.' * node.level}{node.module}" if isinstance(node, ast.ImportFrom) else ""
    yield from (f"{module} {name.name} {name.asname}" for name in node.names)


def meaning(source: str) -> list[str]:
    """Return what a module says, whatever its layout: its statements, imports and comments."""
    tree = ast.parse(source)
    found: list[str] = []
    for node in ast.walk(tree):
        body: Any = getattr(node, "body", None)
        if isinstance(body, list):
            body = cast("list[ast.stmt]", body)
            imports = [one for one in body if isinstance(one, ast.Import | ast.ImportFrom)]
            node.body = [one for one in body if one not in imports]  # type: ignore[attr-defined]
            found += [f"import {name}" for one in imports for name in imported(one)]
    found.sort()
    found += ast.dump(tree, indent=0).splitlines()
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    comments = sorted(one.string for one in tokens if one.type == tokenize.COMMENT)
    return [*found, *comments]


def test_each_module_has_its_twin() -> None:
    assert modules(ASYNCHRONOUS) == modules(SYNCHRONOUS), "make generate"


@pytest.mark.parametrize("name", modules(ASYNCHRONOUS))
def test_the_twin_is_what_the_module_gives(name: str) -> None:
    source = (ASYNCHRONOUS / name).read_text(encoding="utf-8")
    twin = (SYNCHRONOUS / name).read_text(encoding="utf-8")
    assert meaning(make_synchronous(source, name)) == meaning(twin), "make generate"
