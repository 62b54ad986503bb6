"""The synchronous twin of each form of code: its tree is the same, without async and await."""

import ast
import contextlib
import warnings
from pathlib import Path
from typing import Any

import pytest
from suites.snapshot import check_snapshot

from ..unasync import (
    UnasyncError,
    main,
    make_synchronous,
    synchronous_modules,
    synchronous_name,
    synchronous_text,
)
from .every_word import SNAPSHOTS
from .test_unasync import folder_of, made


class _Synchronous(ast.NodeTransformer):
    """Takes async and await out of a tree, and gives every name its synchronous one."""

    def visit_Await(self, node: ast.Await) -> ast.AST:
        found: ast.AST = self.visit(node.value)
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if isinstance(node, ast.comprehension):
            node.is_async = 0
        kinds: tuple[Any, ...] = (ast.FunctionDef, ast.With, ast.For)
        for kind in kinds:
            if type(node).__name__ == f"Async{kind.__name__}":
                node = kind(**{name: getattr(node, name, None) for name in node._fields})
        for name in ("name", "id", "attr", "arg", "module", "asname"):
            text = getattr(node, name, None)
            if isinstance(text, str):
                setattr(node, name, ".".join(map(synchronous_name, text.split("."))))
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = synchronous_text(node.value)
        return node


AWAITED = (
    "await g()",
    "await g",
    "await g(1)[0]",
    "await a.b",
    "await a.b(c, d=[1])['e'](2).f",
    "await g(x)(y)",
    "await (g())",
    "await (g() or h)",
    "await g() or 1",
    "await g(), 1",
    "await g(),",
    "await g() if a else b",
    "await g(lambda: 1)",
    "await g() + 1",
    "await g(a if b else c)",
    "await g({'a': (1, 2)}, [b])",
    "await g() is None",
    "await g() in [1]",
    "1, await g()",
    "a := await g()",
    "yield await g()",
    "lambda: (yield)",
    "await g(await h())",
    "await (await g()).h()",
)
BEFORE = (
    "",
    "f",
    "x.f",
    "f()",
    "x[0]",
    "f(1)[2](3)",
    "not ",
    "return ",
    "yield ",
    "1 + ",
    "b, ",
    "-",
    "c = ",
    "print(2, ",
    "[",
    "{'a': ",
    "x[",
    "a if b else ",
    "a in ",
    "'%s' % ",
)
CLOSING = {"print(2, ": ")", "[": "]", "{'a': ": "}", "x[": "]"}
AFTER = (".id", "", "[0]", "(1)", " + 1", ", 2", ".a().b")


def forms(before: str) -> list[str]:
    """Return a function for each form that Python takes, and no warning is about."""
    found: list[str] = []
    for number, awaited in enumerate(AWAITED):
        for after in AFTER[:1] if number else AFTER:
            source = f"async def f():\n    {before}({awaited}){after}{CLOSING.get(before, '')}\n"
            with warnings.catch_warnings(), contextlib.suppress(SyntaxError):
                warnings.simplefilter("error")
                compile(source, "f", "exec")
                found.append(source)
    return found


@pytest.mark.parametrize("before", BEFORE)
def test_the_twin_of_each_expression_means_the_same(before: str) -> None:
    found = forms(before)
    assert len(found) > 10
    # One module for all: the order of the functions tells them apart.
    whole = "".join(found)
    trees = zip(found, ast.parse(whole).body, ast.parse(made(whole)).body, strict=True)
    for source, asynchronous, synchronous in trees:
        assert ast.dump(_Synchronous().visit(asynchronous)) == ast.dump(synchronous), source


def test_the_twin_of_each_statement_means_the_same() -> None:
    twin = ast.dump(_Synchronous().visit(ast.parse(STATEMENTS)))
    assert ast.dump(ast.parse(made(STATEMENTS))) == twin


STATEMENTS = '''
from collections.abc import AsyncIterator
from a._async.b import AsyncThing as AsyncOther
@d
async def f(a, *, b: "AsyncThing" = None) -> AsyncIterator[int]:
    """Return an AsyncThing: `async with AsyncThing() as a:`."""
    async with await a.b() as c, AsyncThing(d) as e:
        async for x in c:
            yield x, [y async for y in await x if await y]
        else:
            await(x)
    try:
        await  a.aclose()
    except StopAsyncIteration:
        raise
    return
'''
MARKED = {
    "imports": "import a  # async only\nimport b\n# sync only: import c\n",
    "one of two": "a = 1  # async only\nb = 2\na = 3  # async only\n",
    "a nested block": (
        "if a:\n    while b:  # async only\n        c()\n        if d:\n            e()\n"
        "    f()\ng()\n"
    ),
    "the last of a block": "if a:\n    b()\n    c()  # async only\nd()\n",
    "elif": "if a:\n    b\nelif c:  # async only\n    d\nelif e:\n    f\nelse:\n    g\n",
    "else of a loop": "for a in b:\n    c\nelse:  # async only\n    d\ne\n",
    "a loop": "for a in b:  # async only\n    c\nelse:\n    d\ne\n",
    "except": "try:\n    a\nexcept B:  # async only\n    c\nexcept D:\n    e\nfinally:\n    f\n",
    "finally": "try:\n    a\nexcept B:\n    c\nfinally:  # async only\n    d\ne\n",
    "decorators": (
        "@a\n@b(\n    1\n)\nclass C:  # async only\n    d = 1\n\n@e\nclass F:\n    pass\n"
    ),
    "a decorator elsewhere": (
        "class A:\n    @b\n    def c(self): pass\nd = 1  # async only\n@e\ndef f(): pass\n"
    ),
    "a decorator of another depth": (
        "class A:\n    @b\n    def c(self):  # async only\n        pass\n    d = 1\n"
    ),
    "a header of several rows": "def f(\n    a,\n):  # async only\n    b\nc\n",
    "the first row of several": "def f(  # async only\n    a,\n):\n    b\nc\n",
    "inside brackets": "f(\n    a,\n    b,  # async only\n    c,\n)\n",
    "a string of rows": 'a = """\nb"""  # async only\nc = 1\n',
    "beside another remark": "a = 1  # why # async only  # type: ignore\nb = 2\n",
    "the whole module": "a = 1  # async only\n",
    "comments": "# An AsyncA\n    # of await a.b\na = 1  # anext\n",
    "a text that begins so": "a = '# async only'\nb = 1  # for async only once\n",
    "f-strings": "async def f():\n    a = f'{await b.c!r:>{d}}' f\"{AsyncE}\" rf'{{await}}\\d'\n",
    "two f-strings": "async def f(a):\n    return f'{a}{f\"{await a.b()}\"}', (await a.b).c\n",
    "on one row": "async def f(): await g(); await (h())\n",
    "rows that go on": (
        "async def f():\n    a = await \\\n        g()\n    return (\n        await h()\n    ).i\n"
    ),
    "misspelt": "a = 1  # async-only\n",
    "upper case": "a = 1  # ASYNC ONLY\n",
    "not alone": "a = 1  # sync only: b = 2\n",
    "alone": "# async only\n",
    "no code": "# sync only:\n",
    "left": "a = b.my_async\n",
    "left in a text": "a = 'my_async'\n",
    "no code at all": "",
}


def told(source: str) -> str:
    """Return the synchronous module, or why there is none."""
    try:
        return make_synchronous(source, "module.py")
    except UnasyncError as error:
        return f"{error}\n"


def test_each_marker_gives_what_it_gave_before() -> None:
    lines = [f"* {name}\n{told(source)}" for name, source in MARKED.items()]
    check_snapshot(SNAPSHOTS / "unasync.txt", "\n".join(lines))


def test_each_kind_of_difference_alone_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, {"kept.py": "x = 1\n", "deep/other.py": "async def f(): ...\n"})
    assert main([str(folder)]) == 0
    twins = tmp_path / "_sync"
    (twins / "notes.txt").write_text("no module")
    whole = {path: path.read_text() for path in sorted(twins.rglob("*")) if path.is_file()}
    assert [path.relative_to(twins).as_posix() for path in whole] == [
        "deep/other.py",
        "kept.py",
        "notes.txt",
    ]
    damages: dict[str, tuple[Path, str | None]] = {
        "stale": (twins / "deep" / "stale.py", ""),
        "edited": (twins / "kept.py", "x = 2\n"),
        "missing": (twins / "deep" / "other.py", None),
    }
    for path, text in damages.values():
        path.unlink() if text is None else path.write_text(text)
        assert main(["--check", str(folder)]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith(f"unasync: {path} is not what _async/ gives")
        assert path.is_file() is (text is not None)
        assert text is None or path.read_text() == text
        path.write_text(whole[path]) if path in whole else path.unlink()
    for path, text in damages.values():
        path.unlink() if text is None else path.write_text(text)
    assert main([str(folder)]) == 0
    assert {path: path.read_text() for path in twins.rglob("*") if path.is_file()} == whole


def test_the_settings_of_the_formatter_are_those_of_the_path(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"a.py": "number = first + second\n"})
    (tmp_path / "ruff.toml").write_text("line-length = 20\n")
    (made,) = synchronous_modules(folder).values()
    assert made.endswith("\nnumber = (\n    first + second\n)\n")
    (tmp_path / "ruff.toml").write_text("line-length = 'long'\n")
    with pytest.raises(UnasyncError, match=r"(?s)^ruff refuses .*_sync/a\.py: .*line-length"):
        synchronous_modules(folder)


def test_each_folder_that_is_named_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "two"):
        folder_of(tmp_path / name, {f"{name}.py": "async def f(): ...\n"})
    folders = [str(tmp_path / name / "_async") for name in ("one", "two")]
    assert main(["--check", *folders]) == 1
    assert main(folders) == 0
    for name in ("one", "two"):
        assert "def f(): ..." in (tmp_path / name / "_sync" / f"{name}.py").read_text()
    folder_of(tmp_path / "two", {"two.py": "x = (\n"})
    assert main(folders) == 1
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .startswith("unasync: _async/two.py gives no synchronous module: ")
    )
