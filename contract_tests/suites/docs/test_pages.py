"""What the pages name is there: links, targets, places, exit codes, options."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from runflow_client import Runflow
from runflow_client.cli.shared.exit_codes import MEANINGS
from runflow_mock import MockRunflow

from .blocks import DOCS, PAGES, README, ROOT

CLIENT = ROOT / "overlay/runflow_client"
GUIDES = DOCS / "guides"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def without_blocks(text: str) -> str:
    return re.sub(r"```.*?```", "", text, flags=re.DOTALL)


ROOMS_PAGE = text_of(DOCS / "maintainers" / "rooms.md")
CODE = [
    text for page in PAGES for text in re.findall(r"`([^`\n]+)`", without_blocks(text_of(page)))
]


def test_the_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", text_of(README))
    assert len(links) > 10
    for link in links:
        assert link.startswith("https://") or (ROOT / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_prose_has_at_most_a_hundred_columns(page: Path) -> None:
    lines = text_of(page).splitlines()
    assert [line for line in lines if len(line) > 100 and line[0] not in "|!"] == []


def test_the_readme_is_one_screen() -> None:
    assert len(text_of(README).splitlines()) < 75


def test_the_targets_of_make_are_those_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", text_of(ROOT / "Makefile"), re.M))
    named = {text.split()[1] for text in CODE if text.startswith("make ")}
    assert named
    assert named <= targets


def test_the_extras_of_the_readme_are_those_of_the_package() -> None:
    import tomllib

    extras = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    table = text_of(README).partition("| extra |")[2].partition("\n\n")[0]
    named = [name for row in re.findall(r"^\| (`.*?) \|", table, re.M) for name in row.split(", ")]
    assert sorted(name.strip("`") for name in named) == sorted(extras)


def places(beginning: str, folder: Path) -> dict[str, Path]:
    """Read the first column of the table after these words: the names, and their paths in it."""
    table = ROOMS_PAGE.partition(beginning)[2].partition("\n\n|")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.M)
    return {name: folder / name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


TREE = places("# Where each thing lives", ROOT)
ROOMS = places("## Inside the client", CLIENT)


@pytest.mark.parametrize("name", [*TREE, *ROOMS])
def test_a_place_is_there(name: str) -> None:
    assert {**TREE, **ROOMS}[name].exists()


def test_the_rooms_of_the_client_are_all_named() -> None:
    rooms = {path.name for path in CLIENT.iterdir()} - {"__pycache__", "py.typed"}
    assert rooms == {place.name for place in ROOMS.values()}


def test_to_change_something_there_are_the_places_to_look_in() -> None:
    rows = re.findall(
        r"^\| .* \| (.*) \| (.*) \|$", ROOMS_PAGE.partition("## Where to look")[2], re.M
    )
    roots = [ROOT, CLIENT, ROOT / "contract_tests"]
    names = [name for row in rows for cell in row for name in re.findall(r"`([^`]+)`", cell)]
    found = [name for name in names if any((root / name).exists() for root in roots)]
    assert len(found) > 10
    assert [name for name in names if name not in found and not name.startswith("make ")] == []


def test_the_options_of_the_mock_server_are_there() -> None:
    lines = re.findall(r"^runflow-mock (--.*?)  +#", text_of(GUIDES / "mock-server.md"), re.M)
    options = {word for line in lines for word in line.split() if word.startswith("--")}
    told = subprocess.run(
        [sys.executable, "-m", "runflow_mock", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout
    assert len(options) >= 4
    assert {option for option in options if option not in told} == set()


def test_the_exit_codes_are_those_of_the_command() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", text_of(GUIDES / "command-line.md"), re.MULTILINE)
    assert rows == [(str(int(code)), meaning) for code, meaning in MEANINGS.items()]


def test_attach_is_as_the_guide_says(mock: MockRunflow) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        run_id = client.submit("google/nano-banana-pro", {"prompt": "a cathedral"}).id
        assert client.runs.attach(run_id).wait().status == "succeeded"


def test_the_patterns_of_testing_are_numbered() -> None:
    numbers = re.findall(r"^## (\d+)\. ", text_of(GUIDES / "testing.md"), re.MULTILINE)
    assert numbers == [str(number) for number in range(1, 11)]


def test_every_refusal_of_a_step_is_explained() -> None:
    sources = [path for path in (ROOT / "regenerate").rglob("*.py") if "tests" not in path.parts]
    classes = {
        name
        for path in sources
        for name, bases in re.findall(r"^class (\w+)\((.*)\):", text_of(path), re.MULTILINE)
        if re.search(r"(Error|Exception|NotAcceptable)\b", bases) and not name.startswith("_")
    }
    rows = re.findall(r"^\| `(\w+)` \|", text_of(DOCS / "maintainers/refusals.md"), re.MULTILINE)
    assert len(rows) == len(set(rows))
    assert set(rows) == classes
