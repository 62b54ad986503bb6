"""The script that makes the synchronous client from the asynchronous one."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from ..unasync import (
    UnasyncError,
    main,
    make_synchronous,
    synchronous_modules,
    synchronous_name,
    synchronous_text,
)

CLIENT = '''"""The asynchronous client."""

from __future__ import annotations

import asyncio  # async only
# sync only: import threading
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._async.runs import AsyncRun


class AsyncRunflow:
    """An asynchronous client.

    Example:
        async with AsyncRunflow() as client:
            run = await client.run("google/nano-banana-pro")
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()  # async only
        # sync only: self._lock = threading.Lock()

    async def __aenter__(self) -> "AsyncRunflow":
        return self

    async def runs(self) -> AsyncIterator[AsyncRun]:
        async with self._lock:
            async for run in self._pages():
                yield (await self._read(run)).result
'''
SYNCHRONOUS_CLIENT = '''# Generated from _async/client.py by `make generate`. Edit that file.
"""The synchronous client."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._sync.runs import Run


class Runflow:
    """A synchronous client.

    Example:
        with Runflow() as client:
            run = client.run("google/nano-banana-pro")
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> "Runflow":
        return self

    def runs(self) -> Iterator[Run]:
        with self._lock:
            for run in self._pages():
                yield self._read(run).result
'''


def made(source: str) -> str:
    """Return the synchronous module without its header."""
    return make_synchronous(source, "module.py").split("\n", 1)[1]


def folder_of(path: Path, modules: Mapping[str, str]) -> Path:
    folder = path / "_async"
    for name, text in modules.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_a_whole_module(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"client.py": CLIENT})
    assert synchronous_modules(folder) == {tmp_path / "_sync/client.py": SYNCHRONOUS_CLIENT}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("AsyncRunflow", "Runflow"),
        ("AsyncIterator", "Iterator"),
        ("AsyncGenerator", "Generator"),
        ("AsyncContextManager", "ContextManager"),
        ("AsyncExitStack", "ExitStack"),
        ("_AsyncPages", "_Pages"),
        ("AbstractAsyncContextManager", "AbstractContextManager"),
        ("StopAsyncIteration", "StopIteration"),
        ("asynccontextmanager", "contextmanager"),
        ("__aenter__", "__enter__"),
        ("__aexit__", "__exit__"),
        ("__aiter__", "__iter__"),
        ("__anext__", "__next__"),
        ("anext", "next"),
        ("aclose", "close"),
        ("make_async_driver", "make_driver"),
        ("_async", "_sync"),
    ],
)
def test_names_that_change(name: str, expected: str) -> None:
    assert synchronous_name(name) == expected


@pytest.mark.parametrize(
    "name", ["Asynchrony", "Async", "BaseRun", "close", "aiter_everything", "anexts"]
)
def test_names_that_stay(name: str) -> None:
    assert synchronous_name(name) == name


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("async def f():\n    pass\n", "def f():\n    pass\n"),
        ("async def f():\n    await g()\n", "def f():\n    g()\n"),
        (
            "async def f():\n    return (await\n        g())\n",
            "def f():\n    return (\n        g())\n",
        ),
        (
            "async def f():\n    return [x async for x in y]\n",
            "def f():\n    return [x for x in y]\n",
        ),
        ("async def f():\n    return (await g(1)).id\n", "def f():\n    return g(1).id\n"),
        ("async def f():\n    return (await a.b[0]).id\n", "def f():\n    return a.b[0].id\n"),
        ("async def f():\n    return h(await g(1)).id\n", "def f():\n    return h(g(1)).id\n"),
        (
            "async def f():\n    return (await g() or 1).id\n",
            "def f():\n    return (g() or 1).id\n",
        ),
        ("async def f():\n    return (await g(), 1)\n", "def f():\n    return (g(), 1)\n"),
        (
            "async def f():\n    return f'{await g.h()} {{await}}'\n",
            "def f():\n    return f'{g.h()} {{await}}'\n",
        ),
        ("from ._async.runs import AsyncRuns\n", "from ._sync.runs import Runs\n"),
        ("import pkg._async as colour\n", "import pkg._sync as colour\n"),
    ],
)
def test_code(source: str, expected: str) -> None:
    assert made(source) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "An asynchronous client, an AsyncRun, an `AsyncRun`",
            "A synchronous client, a Run, a `Run`",
        ),
        ("an AsyncAsset", "an Asset"),
        ("Asynchronous and asynchronously", "Synchronous and synchronously"),
        ("async with AsyncRunflow() as client:", "with Runflow() as client:"),
        ("async for run in client.runs.list():", "for run in client.runs.list():"),
        ("async def on_update(run):", "def on_update(run):"),
        ("`await client`", "`client`"),
        ("run = await client.run(model)", "run = client.run(model)"),
        ("print(await outputs[0].save(path))", "print(outputs[0].save(path))"),
        ("Runs await their callbacks in async code", "Runs await their callbacks in async code"),
    ],
)
def test_docstrings_comments_and_strings(text: str, expected: str) -> None:
    assert synchronous_text(text) == expected
    assert made(f"# {text}\nx = 1\n") == f"# {expected}\nx = 1\n"
    assert made(f'def f():\n    """{text}"""\n') == f'def f():\n    """{expected}"""\n'


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import asyncio  # async only\nx = 1\n", "x = 1\n"),
        ("x = [  # async only\n    1,\n]\ny = 2\n", "y = 2\n"),
        ("x = f(\n    1,\n)  # async only\ny = 2\n", "y = 2\n"),
        ("x = f(\n    1,  # async only\n    2,\n)\n", "x = f(\n    2,\n)\n"),
        ("if x:  # async only\n    a = 1\n\n    b = 2\nelse:\n    c = 3\nd = 4\n", "d = 4\n"),
        ("if x:\n    a = 1\nelse:  # async only\n    b = 2\nc = 3\n", "if x:\n    a = 1\nc = 3\n"),
        (
            "try:  # async only\n    a = 1\nexcept E:\n    b = 2\nfinally:\n    c = 3\nd = 4\n",
            "d = 4\n",
        ),
        (
            "a = 1\n@b\n@c(1)\nasync def f():  # async only\n    await g()\nd = 4\n",
            "a = 1\nd = 4\n",
        ),
        (
            "class A:\n    x: int\n\n    async def f(self):  # async only\n        pass\n",
            "class A:\n    x: int\n\n",
        ),
        ("import asyncio  # noqa: F401 # async only\nx = 1\n", "x = 1\n"),
        ("import asyncio  # async only # noqa: F401\nx = 1\n", "x = 1\n"),
    ],
)
def test_lines_for_the_asynchronous_colour_alone(source: str, expected: str) -> None:
    assert made(source) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("# sync only: import threading\n", "import threading\n"),
        ("if x:\n    y = 1\n    # sync only: z = 2\n", "if x:\n    y = 1\n    z = 2\n"),
        ("f(\n    # sync only: 1,\n    2,\n)\n", "f(\n    1,\n    2,\n)\n"),
        ("# sync only: def f():\n# sync only:     return 1\n", "def f():\n    return 1\n"),
        ("# sync only: # A comment about anext.\n", "# A comment about anext.\n"),
    ],
)
def test_lines_for_the_synchronous_colour_alone(source: str, expected: str) -> None:
    assert made(source) == expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("# async only\nimport asyncio\n", "line 1: '# async only' is neither marker"),
        ("x = 1  # sync only: y\n", "not in its place"),
        ("import asyncio  # async-only\n", "neither marker"),
        ("x = 1\n# sync only\n", "line 2: '# sync only' is neither marker"),
        ("import asyncio\n", "'asyncio' is left in 'import asyncio'"),
        ("driver = open_async_driver()\n", "'open_async_driver' is left"),
        ("def f(g: Callable[[], Awaitable[None]]): pass\n", "'Awaitable' is left"),
        ("inspect.iscoroutinefunction(f)\n", "'iscoroutinefunction' is left"),
        ("async def f():\n    return f'{await g}'\n", "'await' outside"),
        ("def f():\n    x = 1  # async only\n", "expected an indented block"),
        ("x = (\n", "gives no synchronous module"),
        ("x = = 1\n", "invalid syntax"),
    ],
)
def test_what_cannot_be_made_synchronous_is_refused(source: str, reason: str) -> None:
    with pytest.raises(
        UnasyncError, match=r"^_async/module\.py gives no synchronous module: "
    ) as refused:
        make_synchronous(source, "module.py")
    assert reason in str(refused.value)


def test_the_result_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = folder_of(tmp_path, {"client.py": CLIENT, "parts/runs.py": "class AsyncRuns: ...\n"})
    assert main([str(folder)]) == 0
    assert (tmp_path / "_sync/client.py").read_text(encoding="utf-8") == SYNCHRONOUS_CLIENT
    assert (
        (tmp_path / "_sync/parts/runs.py")
        .read_text(encoding="utf-8")
        .endswith("\nclass Runs: ...\n")
    )
    assert main(["--check", str(folder)]) == 0
    assert capsys.readouterr().err == ""


def test_the_check_names_each_file_that_differs_and_changes_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(
        tmp_path, {"client.py": CLIENT, "edited.py": "x = 1\n", "missing.py": "x = 1\n"}
    )
    main([str(folder)])
    edited, missing, stale = (
        tmp_path / "_sync" / name for name in ("edited.py", "missing.py", "stale.py")
    )
    edited.write_text("x = 2\n", encoding="utf-8")
    missing.unlink()
    stale.write_text("x = 1\n", encoding="utf-8")
    assert main(["--check", str(folder)]) == 1
    assert [line.split()[1] for line in capsys.readouterr().err.splitlines()] == [
        str(path) for path in (stale, edited, missing)
    ]
    assert edited.read_text(encoding="utf-8") == "x = 2\n"
    assert stale.exists()
    assert not missing.exists()
    assert main([str(folder)]) == 0
    assert not stale.exists()
    assert main(["--check", str(folder)]) == 0


@pytest.mark.parametrize("option", [[], ["--check"]])
def test_a_folder_without_modules_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert main([*option, str(tmp_path / "_async")]) == 1
    assert "_async is not a folder _async with Python modules" in capsys.readouterr().err


def test_nothing_is_written_when_one_module_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, {"client.py": CLIENT, "wrong.py": "import asyncio\n"})
    assert main([str(folder)]) == 1
    assert "_async/wrong.py" in capsys.readouterr().err
    assert not (tmp_path / "_sync").exists()


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"# \xff\n", "is not UTF-8: invalid start byte"),
        (b"x = 1\n\0\n", "gives no synchronous module: "),
    ],
)
def test_a_file_that_is_no_text_is_named(
    raw: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folder_of(tmp_path, {"deep/client.py": ""})
    (folder / "deep" / "client.py").write_bytes(raw)
    assert main([str(folder)]) == 1
    assert capsys.readouterr().err.startswith(f"unasync: _async/deep/client.py {told}")
