"""Where everything stands, which version the project has, and what decides about a client."""

from pathlib import Path
from typing import cast

import pytest
from attrs import asdict, evolve

from ...document.json_tree import sha256
from ...project.directory import tree_hash
from ...project.paths import (
    ROOT,
    SETTINGS,
    TEMPLATES,
    ProjectPaths,
    is_package_name,
    own_paths,
    paths_in,
)

REGENERATE = "regenerate"


def places(paths: ProjectPaths, folder: Path) -> dict[str, object]:
    """Return every place by its name, relative to a folder."""
    found: dict[str, object] = {}
    for name, value in {**asdict(paths), "work": paths.work, "kept": paths.kept}.items():
        if isinstance(value, tuple):
            several = cast("tuple[Path, ...]", value)
            found[name] = [one.relative_to(folder).as_posix() for one in several]
        elif isinstance(value, Path):
            root = ROOT if name == "templates" else folder
            found[name] = value.relative_to(root).as_posix()
        else:
            found[name] = value
    return found


def test_each_client_has_its_places(tmp_path: Path) -> None:
    assert places(own_paths(), ROOT) == {
        "document": "openapi.public.json",
        "lock": "openapi.lock.json",
        "output": "generated/runflow_api",
        "changes": "CHANGES.md",
        "reports": "reports",
        "templates": "regenerate/generate/templates",
        "corrections": "regenerate/corrections",
        "naming": "regenerate/naming/naming.yaml",
        "overlay_needs": "regenerate/changes/overlay_needs.yaml",
        "project": "pyproject.toml",
        "users": ["overlay/runflow_client", "contract_tests/runflow_mock"],
        "work": ".regenerate",
        "kept": ".regenerate/corrected.json",
    }
    assert places(paths_in(tmp_path / "there", "parcels_api"), tmp_path / "there") == {
        "document": "openapi.json",
        "lock": "openapi.lock.json",
        "output": "parcels_api",
        "changes": "CHANGES.md",
        "reports": "reports",
        "templates": "regenerate/generate/templates",
        **dict.fromkeys(("corrections", "naming", "overlay_needs", "project")),
        "users": [],
        "work": ".regenerate",
        "kept": ".regenerate/corrected.json",
    }
    assert (ROOT / "pyproject.toml").is_file()


@pytest.mark.parametrize(
    ("project", "module", "version"),
    [
        ('[project]\nversion = "1.2.3"\n', "", "1.2.3"),
        ("", '"""A module."""\n\n__version__ = "0.4.0"\n', "0.4.0"),
        ("", '    __version__ = "0.4.0"\n__version__ = "0.5.0"  # next\n', "0.5.0"),
        ("", "VERSION = 1\n", "0.0.0"),
    ],
)
def test_the_version_is_that_of_the_project(
    project: str, module: str, version: str, tmp_path: Path
) -> None:
    assert paths_in(tmp_path, "client").version() == "0.0.0"
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "module.py").write_text(module)
    written = project or '[project]\n[tool.hatch.version]\npath = "deep/module.py"\n'
    (tmp_path / "pyproject.toml").write_text(written)
    paths = evolve(paths_in(tmp_path, "client"), project=tmp_path / "pyproject.toml")
    assert paths.version() == version


def test_each_ingredient_of_a_client_is_told_apart(tmp_path: Path) -> None:
    nothing = sha256(b"")
    paths = paths_in(tmp_path, "client")
    assert paths.ingredients() == {
        "corrections": nothing,
        "naming": nothing,
        "settings": sha256(SETTINGS.read_bytes()),
        "templates": tree_hash(TEMPLATES),
    }
    for name in ("corrections", "templates"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    (tmp_path / "naming").write_text("naming")
    corrections, naming, templates = (
        tmp_path / name for name in ("corrections", "naming", "templates")
    )
    own = evolve(paths, corrections=corrections, naming=naming, templates=templates)
    assert own.ingredients() == {
        "corrections": tree_hash(corrections),
        "naming": sha256(b"naming"),
        "settings": sha256(SETTINGS.read_bytes()),
        "templates": tree_hash(templates),
    }


TAKEN = ("runflow_api", "a", "a1_b", "client", "classes", "attrs_of", "json5", "a__")
REFUSED = (
    *("", "A", "aB", "_a", "1a", "a-b", "a.b", "a b", "a\n", "é", "aé", "../a", "a/b"),
    *("class", "import", "lambda", "async", "json", "typing", "sys", "attr", "attrs", "httpx"),
)


@pytest.mark.parametrize("name", [*TAKEN, *REFUSED])
def test_a_name_of_a_package_can_be_imported_and_hides_nothing(name: str) -> None:
    assert is_package_name(name) is (name in TAKEN)
