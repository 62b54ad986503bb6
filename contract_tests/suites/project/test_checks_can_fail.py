"""Kinds of checks that look like one and cannot fail, looked for in every test.

- Every assertion stands in a loop over what is computed, which may be nothing.
- An assertion stands in the target of a thread, whose error is lost.
- An assertion comes after the call that must raise, in the same block.
- A thread is joined for some seconds, and then not asked whether it has ended.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from suites.mock.test_plugin import run_pytest

HOUSE = Path(__file__).parents[3]
FOLDERS = ("contract_tests/suites", "regenerate/tests", "regenerate/reconstruction/tests")
FILES = [path for folder in FOLDERS for path in sorted((HOUSE / folder).rglob("*.py"))]
NEVER_EMPTY = {"range", "product", "permutations", "count", "iter", "reversed"}
"""What gives as much as its arguments say, which are looked at in their place."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _expects_error(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and any(
        ast.unparse(item.context_expr).startswith(("pytest.raises(", "raises(", "pytest.warns("))
        for item in node.items
    )


def _is_written_out(value: ast.expr, function: Function) -> bool:
    """Return whether a loop over this value runs: a literal, a constant, or made of those."""
    match value:
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return bool(elements)
        case ast.Dict(keys=keys):
            return bool(keys)
        case ast.Constant():
            return True
        case ast.Name(id=name):
            made = [
                node.value
                for node in ast.walk(function)
                if isinstance(node, ast.Assign | ast.AnnAssign)
                and name in ast.unparse(node).partition("=")[0].partition(":")[0].split(" ")
            ]
            local = [one for one in made if one is not None and _is_written_out(one, function)]
            return name[0].isupper() or bool(local)
        case ast.Attribute(attr=name):
            return name.isupper()
        case ast.Call(func=ast.Name(id="list" | "enumerate" | "sorted" | "zip"), args=arguments):
            return all(_is_written_out(one, function) for one in arguments)
        case ast.Call(func=ast.Name(id=name)):
            return name in NEVER_EMPTY
        case ast.Call(func=ast.Attribute(value=inner, attr="items" | "values" | "keys")):
            return _is_written_out(inner, function)
        case ast.Subscript(value=inner, slice=ast.Slice()):
            return _is_written_out(inner, function)
        case _:
            return False


def _asserts(node: ast.AST) -> list[ast.Assert]:
    return [one for one in ast.walk(node) if isinstance(one, ast.Assert)]


def _loops_that_may_not_run(function: Function) -> Iterator[int]:
    loops = [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.For | ast.AsyncFor) and not _is_written_out(node.iter, function)
    ]
    inside = {id(node) for loop in loops for node in ast.walk(loop)}
    checks = [
        node for node in ast.walk(function) if isinstance(node, ast.Assert) or _expects_error(node)
    ]
    if checks and all(id(check) in inside for check in checks):
        yield loops[0].lineno


def _assertions_in_threads(function: Function) -> Iterator[int]:
    targets = {
        ast.unparse(keyword.value)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Thread")
        for keyword in node.keywords
        if keyword.arg == "target"
    }
    for node in ast.walk(function):
        if isinstance(node, ast.FunctionDef) and node.name in targets:
            yield from (found.lineno for found in _asserts(node))


def _assertions_after_an_error(function: Function) -> Iterator[int]:
    for node in ast.walk(function):
        if isinstance(node, ast.With) and _expects_error(node):
            for later in node.body[1:]:
                yield from (found.lineno for found in _asserts(later))


def _joins_without_a_look(function: Function) -> Iterator[int]:
    if "is_alive" in ast.unparse(function):
        return
    for node in ast.walk(function):
        match node:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=joined, attr="join"), args=args, keywords=keywords
                )
            ) if (args or keywords) and not isinstance(joined, ast.Constant):
                yield node.lineno


def blind_spots(source: str) -> list[int]:
    """Return the lines of what cannot fail in the tests of a module."""
    found: list[int] = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, Function):
            if function.name.startswith("test_"):
                found.extend(_loops_that_may_not_run(function))
            found.extend(_assertions_in_threads(function))
            found.extend(_assertions_after_an_error(function))
            found.extend(_joins_without_a_look(function))
    return found


def test_no_check_is_of_a_kind_that_cannot_fail() -> None:
    assert len(FILES) > 200
    found = [
        f"{path.relative_to(HOUSE)}:{line}"
        for path in FILES
        for line in blind_spots(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize(
    "body",
    [
        "for x in found():\n        assert x",
        "things = found()\n    for x in things:\n        assert x",
        "for x in things.values():\n        assert x",
        "def work():\n        assert x\n    Thread(target=work).start()",
        "with pytest.raises(ValueError):\n        call()\n        assert x",
        "thread.join(5)",
        "thread.join(timeout=5)",
    ],
)
def test_each_kind_is_found(body: str) -> None:
    assert blind_spots(f"def test_it():\n    {body}\n")


@pytest.mark.parametrize(
    "body",
    [
        "for x in (1, 2):\n        assert x",
        "things = [1]\n    for n, x in enumerate(things):\n        assert x",
        "for x in THINGS:\n        assert x",
        "things = found()\n    assert things\n    for x in things:\n        assert x",
        "def work():\n        seen.append(x)\n    Thread(target=work).start()",
        "with pytest.raises(ValueError):\n        call()\n    assert x",
        "thread.join(5)\n    assert not thread.is_alive()",
        'assert ",".join(names)',
    ],
)
def test_what_can_fail_is_not_found(body: str) -> None:
    assert blind_spots(f"def test_it():\n    {body}\n") == []


def test_every_test_has_a_time_limit(pytestconfig: pytest.Config) -> None:
    assert 300 < float(pytestconfig.getini("timeout")) <= 600


def test_a_test_that_hangs_is_named(tmp_path: Path) -> None:
    hanging = "import threading\n\ndef test_waits():\n    threading.Event().wait()\n"
    result = run_pytest(tmp_path, "--timeout=0.5", tests=hanging)
    assert result.returncode == 1
    assert "test_waits - Failed: Timeout" in result.stdout
