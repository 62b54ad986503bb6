"""The site builds, its links lead somewhere, and the reference has every public name."""

import inspect
import re
import subprocess
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest
from runflow_client import inputs
from runflow_mock import MockRunflow

from docs._build.catalog_pages import (
    Model,
    command_example,
    models_of,
    python_example,
    takes_runs,
)
from docs._build.links import broken_links
from docs._build.reference_pages import object_named, reference_pages
from docs._build.refusals import TOOLS, rule_names

from .blocks import ROOT

CATALOG = models_of(ROOT)
RUNNABLE = [model for model in CATALOG if takes_runs(model)]
NAMES = sorted({name for page in reference_pages().values() for name in page.names})


def members(value: type) -> Iterator[tuple[str, object]]:
    for name, found in vars(value).items():
        if not name.startswith("_") and (
            inspect.isfunction(found)
            or isinstance(found, (property, cached_property, classmethod, staticmethod))
        ):
            yield name, getattr(value, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_public_name_is_documented(name: str) -> None:
    value = object_named(name)
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return  # an alias of a type
    assert inspect.getdoc(value), name
    if isinstance(value, type):
        undocumented = [member for member, found in members(value) if not inspect.getdoc(found)]
        assert undocumented == []


def test_the_site_builds_and_every_link_leads_somewhere(site: Path) -> None:
    shown = "".join(
        page.read_text(encoding="utf-8") for page in (site / "reference").rglob("*.html")
    )
    assert [name for name in NAMES if f'id="{name}"' not in shown] == []
    rules = (site / "maintainers/lint-rules.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## ([\w-]+)$\n(.*?)(?=^## |\Z)", rules, re.M | re.S))
    assert sections.keys() == rule_names()
    for name, section in sections.items():
        assert name in TOOLS or f"({name})" in section
    listed = (site / "llms.txt").read_text(encoding="utf-8")
    assert len(CATALOG) == len(inputs.CLASSES)
    assert len(RUNNABLE) >= 47
    for model in CATALOG:
        assert (site / "models" / model.id / "index.html").is_file()
        assert f"(models/{model.id}.md)" in listed
    pages = [line for line in listed.splitlines() if line.startswith("- [")]
    assert [line for line in pages if not re.search(r"\.md\): \S.*\w.?\.$", line)] == []
    assert [line[3:] for line in listed.splitlines() if line.startswith("## ")] == [
        *("Start", "Guides", "Recipes", "Models", "Reference", "Maintainers", "About")
    ]
    assert listed.index("(guides/run-and-wait.md)") < listed.index("(guides/batches.md)")
    assert sorted(re.findall(r"\]\(([\w/.-]+\.md)\)", listed)) == sorted(
        str(path.relative_to(site)) for path in site.rglob("*.md")
    )


def test_a_broken_link_and_a_broken_anchor_are_told(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<a href="gone/">1</a><a href="#gone">2</a><i id="here">')
    assert len(broken_links(tmp_path)) == 2
    (tmp_path / "index.html").write_text('<a href="#here">1</a><a href="./">2</a><i id="here">')
    assert broken_links(tmp_path) == []


@pytest.mark.parametrize("model", RUNNABLE, ids=lambda model: model.id)
def test_the_program_of_a_model_runs(model: Model, folder: Path, mock: MockRunflow) -> None:
    _write_files(folder)
    exec(compile(python_example(model), model.id, "exec"), {"__name__": "page"})
    assert len(mock.runs) == 1
    assert any((folder / "results").iterdir())


@pytest.mark.parametrize("model", RUNNABLE[::8], ids=lambda model: model.id)
def test_the_command_of_a_model_runs(model: Model, folder: Path, mock: MockRunflow) -> None:
    _write_files(folder)
    done = subprocess.run(
        ["sh", "-c", command_example(model)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert any((folder / "results").iterdir())


def _write_files(folder: Path) -> None:
    (folder / "clip.mp4").write_bytes(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64))
    (folder / "speech.mp3").write_bytes(b"ID3\x04\0\0\0\0\0\0" + bytes(64))
