"""What the command takes from other packages: its version, the mock server, another `runflow`."""

import re
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from runflow_client.cli.main import main

from .in_process import run_here


@pytest.mark.parametrize("more", ["--help", "runs", ""])
def test_the_version_is_that_of_the_package_and_of_python(more: str) -> None:
    done = run_here("--version", *more.split())
    assert (done.code, done.err) == (0, "")
    python = ".".join(map(str, sys.version_info[:3]))
    assert re.fullmatch(rf"runflow-client \S+, Python {re.escape(python)}\S*\n", done.out)
    assert metadata.version("runflow-client") in done.out


def test_another_package_with_a_command_of_this_name_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scripts(**asked: str) -> list[Any]:
        assert asked == {"group": "console_scripts", "name": "runflow"}
        ours = SimpleNamespace(dist=SimpleNamespace(name="runflow-client"))
        other = SimpleNamespace(dist=SimpleNamespace(name="runflow"))
        return [ours, SimpleNamespace(dist=None), other]

    monkeypatch.setattr(metadata, "entry_points", scripts)
    done = run_here("--version")
    assert (done.code, done.out.count("\n")) == (0, 1)
    assert done.err == (
        "The package runflow, which is another project, brings a command runflow too: "
        "python -m runflow_client.cli is always this one.\n"
    )


def test_what_typer_lacks_is_not_taken_for_typer(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "typer.py").write_text("import a_module_that_is_missing\n")
    monkeypatch.delitem(sys.modules, "typer")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_missing"):
        main([])


@pytest.mark.parametrize(
    ("given", "options"),
    [((), []), (("--", "--port", "0"), ["--port", "0"]), (("--", "--help"), ["--help"])],
)
def test_the_mock_server_gets_what_follows_the_dashes(
    monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...], options: list[str]
) -> None:
    asked: list[list[str]] = []
    module = ModuleType("runflow_mock.__main__")

    def serve(options: list[str]) -> int:
        asked.append(options)
        return 7

    module.main = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "runflow_mock.__main__", module)
    assert run_here("mock", *given).code == 7
    assert asked == [options]


def test_without_the_mock_server_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "runflow_mock.__main__", None)
    done = run_here("mock")
    assert done.code == 2
    assert done.err == (
        'runflow: the mock server needs an extra\nRun: pip install "runflow-client[mock]"\n'
    )
