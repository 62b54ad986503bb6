"""Every bound and every default of the steps to a client, of a release and of the callbacks, in one
list: who changes one sees it there, also where no test comes near it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..snapshot import check_snapshot

ROOT: Final = Path(__file__).parents[3]
LIST: Final = Path(__file__).with_name("bounds.txt")
ROOMS: Final = ("overlay/runflow_client/callbacks", "regenerate", "release")
ELSEWHERE: Final = ("tests", "reconstruction")
"""The reconstruction is held byte by byte."""
MAX_SHOWN: Final = 200
"""Characters of a constant: what is longer is a table with tests of its own."""


def defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    """Yield the parameters of a function that have a default."""
    places = [*function.args.posonlyargs, *function.args.args]
    given = function.args.defaults
    for one, value in zip(places[len(places) - len(given) :], given, strict=True):
        yield f"{one.arg}={ast.unparse(value)}"
    for one, keyword in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        if keyword is not None:
            yield f"{one.arg}={ast.unparse(keyword)}"


def fields(kind: ast.ClassDef) -> Iterator[str]:
    """Yield the fields of a class that have a default or an option."""
    for one in kind.body:
        if isinstance(one, ast.AnnAssign) and one.value is not None:
            yield f"{ast.unparse(one.target)}={ast.unparse(one.value)}"


def bounds(module: ast.Module) -> Iterator[str]:
    """Yield the constants of a module that hold a number."""
    for one in module.body:
        if isinstance(one, ast.Assign | ast.AnnAssign) and one.value is not None:
            target = one.target if isinstance(one, ast.AnnAssign) else one.targets[0]
            numbers = [
                inner
                for inner in ast.walk(one.value)
                if isinstance(inner, ast.Constant) and type(inner.value) in (int, float)
            ]
            text = ast.unparse(one.value)
            if numbers and len(text) <= MAX_SHOWN:
                yield f"{ast.unparse(target)} = {text}"


def lines() -> Iterator[str]:
    """Yield the list, module by module."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT)
            if set(name.parts) & {*ELSEWHERE}:
                continue
            module = ast.parse(path.read_text(encoding="utf-8"))
            found = [*bounds(module)]
            for one in ast.walk(module):
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
                    found += [f"{one.name}({one_default})" for one_default in defaults(one)]
                elif isinstance(one, ast.ClassDef):
                    found += [f"{one.name}.{one_field}" for one_field in fields(one)]
            if found:
                yield name.as_posix()
                yield from (f"    {one_found}" for one_found in dict.fromkeys(found))


def test_every_bound_and_every_default_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(lines()) + "\n")
