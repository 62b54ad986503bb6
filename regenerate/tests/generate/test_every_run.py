"""The programs that the generation runs: their time, their surroundings, and what they look at."""

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest

from ...document.json_tree import sha256
from ...generate import checks, generator
from ...generate.build import build
from ...generate.checks import (
    GateError,
    check_imports,
    check_slashes,
    check_types,
    overlay_type_errors,
)
from ...generate.generator import GenerationError, generate
from ...generate.tools import (
    PINNED,
    ToolError,
    check_upstream_templates,
    check_versions,
    upstream_hashes,
)
from ...project.paths import TEMPLATES
from ...targets.run import Environment
from ..small_documents import with_paths
from .test_every_gate import ANSWER, document_of, module, package_of

SOUND: Final = {"sound": module(reads="Thing")}
GATES: Final[dict[str, Callable[[Path], object]]] = {
    "imports": lambda package: check_imports(document_of({"sound": ANSWER}), package),
    "model ids": lambda package: check_slashes(package, ["default.sound"]),
    "mypy": lambda package: check_types(package, "mypy"),
    "pyright": lambda package: check_types(package, "pyright"),
    "overlay": lambda package: overlay_type_errors(package, [package]),
}


@pytest.mark.parametrize("gate", GATES)
def test_a_gate_that_does_not_end_refuses(
    gate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = package_of(tmp_path, SOUND)
    meanwhile = surround(tmp_path / "around", monkeypatch)
    monkeypatch.setattr(checks, "CHECKER_TIMEOUT", 0.0)
    with pytest.raises(GateError) as refused:
        GATES[gate](package)
    assert (refused.value.gate, refused.value.problems) == (
        gate,
        ("it did not end within 0 seconds",),
    )
    assert [*meanwhile.iterdir()] == []


def test_a_generator_that_does_not_end_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (generator.GENERATOR_TIMEOUT, checks.CHECKER_TIMEOUT) == (600, 900)
    monkeypatch.setattr(generator, "GENERATOR_TIMEOUT", 0.0)
    with pytest.raises(GenerationError) as failed:
        generate(with_paths({"/a": {"get": ANSWER}}), tmp_path / "client", "client")
    assert str(failed.value) == "openapi-python-client did not end within 0 seconds"
    assert [*tmp_path.iterdir()] == []


def surround(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let every Python program end at once that reads the variables or the folder of its caller.

    The folder for what is made meanwhile is returned.
    """
    meanwhile = folder / "meanwhile"
    meanwhile.mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(meanwhile))
    for name in ("sitecustomize", "contextlib", "inspect"):
        (folder / f"{name}.py").write_text("raise SystemExit('it was imported')\n")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.chdir(folder)
    return meanwhile


@pytest.mark.parametrize("gate", ["imports", "model ids"])
def test_a_gate_reads_nothing_of_the_surroundings_and_leaves_nothing(
    gate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = module(reads="Thing").replace(
        "def build_request(): ...", "def build_request(a, b): return {'url': f'{a}/{b}'}"
    )
    package = package_of(tmp_path, {"sound": sound})
    meanwhile = surround(tmp_path / "around", monkeypatch)
    GATES[gate](package)
    assert [*meanwhile.iterdir()] == []
    assert [*tmp_path.rglob("*.pyc")] == []


def test_a_file_that_the_checker_leaves_out_is_told(tmp_path: Path, warm_types: None) -> None:
    package = tmp_path / "small_api"
    (package / "node_modules").mkdir(parents=True)
    for name in ("__init__.py", "seen.py", "node_modules/unseen.py"):
        (package / name).write_text("")
    with pytest.raises(GateError) as refused:
        check_types(package, "mypy")
    assert refused.value.problems == ("looked at 2 of 3 files",)


def test_a_checker_of_the_overlay_that_cannot_look_is_told(tmp_path: Path) -> None:
    package = package_of(tmp_path, {})
    with pytest.raises(GateError, match=r"gate overlay: 1 problem.*\n.*gone"):
        overlay_type_errors(package, [tmp_path / "gone"])
    (tmp_path / "user" / "app").mkdir(parents=True)
    (tmp_path / "user" / "app" / "a.py").write_text("A = 1\ndef\n")
    with pytest.raises(GateError) as refused:
        overlay_type_errors(package, [tmp_path / "user" / "app"])
    assert [one.startswith("app/a.py:") for one in refused.value.problems] == [True, True]


def test_what_mypy_knows_is_kept_apart_for_each_set_of_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWN", "kept")
    for given, folder in (("", tmp_path / "cache"), ("/there", Path("/there"))):
        monkeypatch.setenv("MYPY_CACHE_DIR", given)
        for checked in ("client", "overlay"):
            found = checks.mypy_environment(["a", "b"], tmp_path, checked)
            assert found["MYPY_CACHE_DIR"] == str(folder / checked)
            assert found["MYPYPATH"] == os.pathsep.join("ab")
            assert (found["NO_COLOR"], found["OWN"]) == ("1", "kept")


CHECKER: Final = """
import os, pathlib, sys
sys.stdout = sys.stderr
print(*sys.argv[1:], sep=" | ")
for path in sorted(pathlib.Path().iterdir()):
    print(path.name, *path.read_text().split(), sep=" ")
for name in ("MYPYPATH", "NO_COLOR", "PYRIGHT_PYTHON_IGNORE_WARNINGS"):
    print(name, os.environ.get(name))
sys.exit(2)
"""
"""Stands in for a type checker: it says how it was asked."""
ASKED: Final = {
    "mypy": [
        "--config-file | WORK/mypy.ini | small_api",
        "mypy.ini [mypy] strict = true python_version = 3.11 warn_unreachable = true",
    ],
    "pyright": [
        "--stats | --project | WORK/pyrightconfig.json | --pythonpath | PYTHON",
        'pyrightconfig.json {"typeCheckingMode": "strict", "pythonVersion": "3.11", '
        '"include": ["THERE/small_api"], "exclude": ["**/__pycache__"], "extraPaths": ["FOLDER"]}',
    ],
    "overlay": [
        "--config-file | WORK/mypy.ini | FOLDER/small_api",
        "mypy.ini [mypy] python_version = 3.11 check_untyped_defs = true "
        "explicit_package_bases = true no_implicit_optional = true",
    ],
}


@pytest.mark.parametrize("gate", ASKED)
def test_a_checker_is_asked_strictly_and_asks_nobody_for_a_newer_one(
    gate: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = package_of(tmp_path / "made", {})
    for checker in ("mypy", "pyright"):
        (tmp_path / f"{checker}.py").write_text(CHECKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYRIGHT_PYTHON_IGNORE_WARNINGS", raising=False)
    with pytest.raises(GateError) as refused:
        GATES[gate](package)
    told = "\n".join(refused.value.problems).replace(sys.executable, "PYTHON")
    told = re.sub(r"\S*/regenerate-\w+", "WORK", told)
    told = re.sub(r"\.\./\S*made/", "THERE/", told).replace(str(tmp_path / "made"), "FOLDER")
    assert told.splitlines() == [
        *ASKED[gate],
        f"MYPYPATH FOLDER{':FOLDER' * (gate == 'overlay')}",
        "NO_COLOR 1",
        f"PYRIGHT_PYTHON_IGNORE_WARNINGS {None if gate == 'overlay' else 1}",
    ]


def test_both_type_checkers_look_unless_others_are_named() -> None:
    both = ("mypy", "pyright")
    for function in (generate, build):
        assert inspect.signature(function).parameters["type_checkers"].default == both
    assert Environment().type_checkers == both


def test_each_kind_of_template_that_does_not_fit_is_told_at_once(tmp_path: Path) -> None:
    originals = files("openapi_python_client") / "templates"
    ours = ("model.py.jinja", "lazy.py.jinja", "client.py.jinja", "types.py.jinja")
    for name in (*ours, "errors.py.jinja", "property_templates/int_property.py.jinja"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("ours")
    found = upstream_hashes(tmp_path)
    assert [*found] == [
        *("client.py.jinja", "errors.py.jinja", "model.py.jinja"),
        *("property_templates/int_property.py.jinja", "types.py.jinja"),
    ]
    for name, text in found.items():
        assert text == sha256((originals / name).read_bytes())
    record = tmp_path / "upstream.json"
    wrong = {**found, "types.py.jinja": "0", "model.py.jinja": "1", "z": "", "a": ""}
    for name in ("errors.py.jinja", "client.py.jinja"):
        del wrong[name]
    record.write_text(str(wrong).replace("'", '"'))
    with pytest.raises(ToolError) as refused:
        check_upstream_templates(tmp_path)
    assert str(refused.value) == (
        "upstream templates that changed since ours were written (compare, adapt ours, record "
        "anew): model.py.jinja, types.py.jinja; "
        "templates that ours replace and upstream.json does not record: client.py.jinja, "
        "errors.py.jinja; "
        "templates that upstream.json records and ours do not replace: a, z"
    )
    record.write_text(str(found).replace("'", '"'))
    check_upstream_templates(tmp_path)
    check_upstream_templates(TEMPLATES)


@pytest.mark.parametrize("name", PINNED)
def test_another_tool_makes_no_client(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / f"{name.replace('-', '_')}-0.0.1.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.0.1\n")
    monkeypatch.setattr(sys, "path", [str(other.parent), *sys.path])
    with pytest.raises(ToolError, match=f"{name} is 0.0.1, but the client is made with"):
        generate(with_paths({"/a": {"get": ANSWER}}), tmp_path / "client", "client")
    assert [*tmp_path.iterdir()] == [other.parent]


def test_each_tool_is_looked_at() -> None:
    with pytest.raises(ToolError) as refused:
        check_versions({"ruff": version("ruff"), "no-such-tool": "1", "mypy": "0"})
    assert str(refused.value) == (
        "no-such-tool is missing, but the client is made with 1: pip install no-such-tool==1"
    )
    with pytest.raises(ToolError, match=rf"^ruff is {version('ruff')}, but"):
        check_versions({"ruff": version("ruff")[:-1]})
