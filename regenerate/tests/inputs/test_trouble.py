"""The command in trouble: everything is as it was, the text says why, and the code is 2."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from ...inputs import writing
from ...inputs.__main__ import main
from ...inputs.catalog import catalog_files
from ...inputs.writing import Places, WritingError, generated_inputs, stale_paths, write_models
from ...project.transaction import FOLDER, transaction
from .test_every_member import BASE

OTHER = evolve(BASE, id="other/thing", endpoint="/v1/models/other/thing/runs")
CATALOG = (BASE, OTHER)


@pytest.fixture(name="written", scope="module")
def fixture_written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project with a small catalog and the classes of it, written once."""
    places = Places(tmp_path_factory.mktemp("small") / "project")
    write_models(CATALOG, places)
    return places.root


@pytest.fixture(name="places")
def fixture_places(written: Path, tmp_path: Path) -> Places:
    """Return a project of its own with that catalog."""
    shutil.copytree(written, tmp_path / "project")
    return Places(tmp_path / "project")


def everything(places: Places) -> dict[str, bytes]:
    return {
        path.relative_to(places.root).as_posix(): path.read_bytes()
        for path in places.root.rglob("*")
        if path.is_file() and FOLDER not in path.parts
    }


def test_what_is_written_is_all_that_is_there(places: Places) -> None:
    found = everything(places)
    inputs = places.inputs.relative_to(places.root).as_posix()
    modules = {f"{inputs}/{name}": text for name, text in generated_inputs(CATALOG).items()}
    files = {f"catalog/{name}": text.encode() for name, text in catalog_files(CATALOG).items()}
    assert found == {**modules, **files}
    assert stale_paths(CATALOG, places) == write_models(CATALOG, places) == []


def test_only_what_changed_is_told_and_a_module_that_is_left_over_goes(places: Places) -> None:
    (places.inputs / "__pycache__").mkdir()
    (places.inputs / "__pycache__" / "other.pyc").write_bytes(b"")
    assert stale_paths(CATALOG, places) == []
    assert stale_paths((BASE,), places) == [
        "catalog/other.json",
        "inputs/__init__.py",
        "inputs/other/__init__.py",
        "inputs/other/thing.py",
    ]
    renamed = evolve(OTHER, name="Another")
    assert write_models((BASE, renamed), places) == ["catalog/other.json", "inputs/other/thing.py"]
    assert b"Another: makes." in (places.inputs / "other" / "thing.py").read_bytes()
    (places.inputs / "left.py").write_text("")
    assert write_models((BASE, renamed), places) == ["inputs/left.py"]
    assert not (places.inputs / "left.py").exists()


def test_a_formatter_that_fails_is_quoted(
    places: Places,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    fails = tmp_path / "python"
    fails.write_text("#!/bin/sh\necho said: $3\necho wrong >&2\nexit 3\n")
    fails.chmod(0o755)
    before = everything(places)
    monkeypatch.setattr(sys, "executable", str(fails))
    with pytest.raises(WritingError, match=r"^ruff check failed:\nsaid: check\nwrong\n$"):
        write_models(CATALOG, places)
    for mode in ([], ["--check"]):
        assert main([*mode, "--root", str(places.root)]) == 2
        told = capsys.readouterr()
        assert (told.out, told.err) == ("", "ruff check failed:\nsaid: check\nwrong\n\n")
    assert everything(places) == before


def test_a_formatter_that_does_not_end_is_told(
    places: Places, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = everything(places)
    monkeypatch.setattr(writing, "_FORMATTER_TIMEOUT", 0.0)
    assert main(["--check", "--root", str(places.root)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "ruff check did not end within 0 seconds\n")
    assert everything(places) == before


def a_link(places: Places) -> str:
    (places.inputs / "link.py").symlink_to("__init__.py")
    return "inputs/link.py is a symbolic link: put there what it leads to"


def a_folder(places: Places) -> str:
    path = places.catalog / "folder.json"
    path.mkdir()
    return f"[Errno 21] Is a directory: '{path}'"


@pytest.mark.parametrize("damage", [a_link, a_folder])
def test_what_the_system_refuses_is_told(
    damage: Callable[[Places], str], places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    why = damage(places)
    before = everything(places)
    assert main(["--root", str(places.root)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", f"{why}\n")
    assert everything(places) == before


def test_settings_and_caches_of_the_formatter_have_no_say(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ruff.toml").write_text('[format]\nquote-style = "single"\n')
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert stale_paths(CATALOG, places) == []
    assert {path.name for path in tmp_path.iterdir()} == {"project", "ruff.toml"}


def test_another_process_at_work_is_told(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    (places.inputs / "left.py").write_text("")
    before = everything(places)
    with transaction(places.root / FOLDER):
        assert main(["--root", str(places.root)]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err) == (
        "",
        "another process is at work in .regenerate; wait until it has ended\n",
    )
    assert everything(places) == before


def test_a_tree_is_checked_or_brought_up_and_not_both(
    places: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--check", "--refresh", "--root", str(places.root)])
    assert ended.value.code == 2
    assert "not allowed with argument" in capsys.readouterr().err
    assert main(["--check", "--root", str(places.root)]) == 0
    assert capsys.readouterr().out == "The typed inputs are what the catalog gives.\n"
