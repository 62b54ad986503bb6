"""The version stands in one place, a release has its notes, a missing extra says how to get it."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
import runflow_client
import yaml

from release.notes import notes_of

ROOT = Path(__file__).parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CHANGES = "# Changes\n\n## 1.2.0 (2027-01-02)\n\nNew.\n\n## 1.1.0\n\nOld.\n\n## 1.0.0\n"


def test_the_version_stands_in_one_place() -> None:
    assert runflow_client.__version__ == version("runflow-client")
    assert "version" not in PROJECT["project"]


def test_the_package_has_links() -> None:
    links = distribution("runflow-client").metadata.get_all("Project-URL")
    assert links is not None
    assert any("runflow.io" in link for link in links)


@pytest.mark.parametrize(
    "package", PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
)
def test_every_package_of_the_wheel_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()


def test_a_release_has_the_entry_of_its_version() -> None:
    assert notes_of("v1.2.0", "1.2.0", CHANGES) == "New.\n"
    assert notes_of("v1.1.0", "1.1.0", CHANGES) == "Old.\n"


@pytest.mark.parametrize(
    ("tag", "own"), [("v1.2.1", "1.2.0"), ("1.2.0", "1.2.0"), ("v1.0.0", "1.0.0"), ("v2", "2")]
)
def test_a_release_without_is_refused(tag: str, own: str) -> None:
    with pytest.raises(ValueError, match=r"__version__|no entry|is empty"):
        notes_of(tag, own, CHANGES)


WITHOUT = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {missing!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name.partition(".")[0] in {missing!r} else found(name, package)
)
{program}
"""


@pytest.mark.parametrize(
    ("extra", "missing", "program"),
    [
        ("inbox", ["sqlalchemy"], "import runflow_client.callbacks.inbox"),
        (
            "inbox,postgresql",
            ["psycopg"],
            "from runflow_client.callbacks.inbox import Inbox\nInbox('postgresql://host/app')",
        ),
        ("cli", ["typer"], "from runflow_client.cli.main import main; sys.exit(main())"),
        ("mock", ["starlette"], "from runflow_mock import MockRunflow; MockRunflow().__enter__()"),
        ("mock", ["uvicorn"], "from runflow_mock import MockRunflow; MockRunflow().__enter__()"),
        ("mock", ["PIL"], "from runflow_mock import MockRunflow; MockRunflow().__enter__()"),
        (
            "mock",
            ["jsonschema_rs"],
            "from runflow_mock import MockRunflow; MockRunflow().__enter__()",
        ),
        ("mock", ["starlette"], "from runflow_mock.__main__ import main; sys.exit(main([]))"),
        (
            "mock,mock-tls",
            ["trustme"],
            "from runflow_mock import *; MockRunflow(settings=Settings(tls=True)).__enter__()",
        ),
        (
            "ray",
            ["ray"],
            "from runflow_client.bulk.ray import run_rows\n"
            "run_rows(None, 'google/nano-banana-pro', job='nightly')",
        ),
        ("conformance", ["jsonschema_rs"], "import runflow_conformance; runflow_conformance.Tap"),
    ],
)
def test_a_missing_extra_says_how_to_get_it(extra: str, missing: list[str], program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(missing=missing, program=program)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode != 0
    assert f'pip install "runflow-client[{extra}]"' in done.stderr


def test_every_instruction_to_install_has_the_same_form() -> None:
    said = [
        found
        for folder in (
            "overlay",
            "contract_tests/runflow_mock",
            "contract_tests/runflow_conformance",
        )
        for path in (ROOT / folder).rglob("*.py")
        for found in re.findall(r"pip install [^\n]{0,60}", path.read_text(encoding="utf-8"))
    ]
    assert len(said) > 5
    assert [
        one for one in said if not re.match(r'pip install "runflow-client\[[\w,-]+\]"', one)
    ] == []


GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").rglob("action.yml"))


def tool(name: str, *arguments: str | Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).parent / name, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "paths"),
    [("workflows", WORKFLOWS), ("actions", ACTIONS)],
    ids=["workflows", "actions"],
)
def test_a_workflow_is_as_github_reads_it(schema: str, paths: list[Path]) -> None:
    assert paths
    told = tool("check-jsonschema", "--builtin-schema", f"vendor.github-{schema}", *paths)
    assert told == ""


def test_no_workflow_runs_what_others_can_change() -> None:
    """Actions are pinned by SHA, no input is run as code, permissions are narrow."""
    told = tool("zizmor", "--offline", "--no-progress", "--quiet", GITHUB)
    assert told == ""


@pytest.mark.parametrize("path", sorted(GITHUB.rglob("*.yml")), ids=lambda path: path.name)
def test_a_form_can_be_read(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))


NEEDS_NO_WORD = {"http2", "bulk", "pictures", "mutation", "release", "docs", "dev"}
"""Used if it is there, by this repository only, or tried in a suite of its own: bulk, pictures."""


def test_every_extra_says_how_to_get_it() -> None:
    tried = {
        extra
        for mark in test_a_missing_extra_says_how_to_get_it.pytestmark  # type: ignore[attr-defined]
        for extra, *_ in mark.args[1]
    }
    extras = set(PROJECT["project"]["optional-dependencies"])
    assert {name for one in tried for name in one.split(",")} == extras - NEEDS_NO_WORD
