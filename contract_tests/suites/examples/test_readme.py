"""The snippets and commands of the README run as they stand, against the mock server, and what it
names is there.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from runflow_client import Runflow
from runflow_client.testing import sign
from runflow_mock import AcceleratedClock, MockRunflow

HOUSE = Path(__file__).parents[3]
README = HOUSE / "README.md"
TEXT = README.read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
CODE = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL))


@pytest.fixture(autouse=True)
def _a_place_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNFLOW_CALLBACK_SECRET", "whsec_readme")
    Image.new("RGB", (40, 30), "orange").save("photo.jpg")


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) >= 4


def test_the_first_screen_says_the_price_shows_progress_and_saves_the_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = TEXT.partition(SNIPPETS[0])
    assert shown[0].count("\n") + SNIPPETS[0].count("\n") < 24
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        exec(compile(SNIPPETS[0], str(README), "exec"), {"__name__": "snippet"})
    price, *statuses, last = capsys.readouterr().out.splitlines()
    promised = re.search(r"\.basis\)  # (.*)", SNIPPETS[0])
    assert promised is not None
    assert price == promised[1]
    assert statuses[-1] == "succeeded"
    assert re.fullmatch(r"cathedral\.png: 0\.15 USD, \d+ ms", last)
    with Image.open(tmp_path / "cathedral.png") as image:
        assert image.size == (2048, 2048)


def test_the_snippets_keep_both_type_checkers_content(tmp_path: Path) -> None:
    files: list[str] = []
    for number, snippet in enumerate(SNIPPETS):
        path = tmp_path / f"snippet_{number}.py"
        path.write_text(snippet, encoding="utf-8")
        files.append(str(path))
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "include": files}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    for command in (
        ["mypy", "--strict", *files],
        ["pyright", "--pythonpath", sys.executable, "--project", str(tmp_path)],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=HOUSE,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^##+ (.*)$", TEXT, re.M)
    }
    links = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert {link[1:] for link in links if link.startswith("#")} <= headings
    for link in links:
        assert link.startswith(("#", "https://")) or (HOUSE / link).exists(), link


def test_prose_has_at_most_a_hundred_columns() -> None:
    assert [line for line in TEXT.splitlines() if len(line) > 100 and line[0] != "|"] == []


def test_the_targets_of_make_are_those_of_the_makefile() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    named = {text.split()[1] for text in CODE if text.startswith("make ")}
    assert named
    assert named <= targets


def places(beginning: str, folder: Path) -> dict[str, Path]:
    """Read the first column of the table after these words: the names, and their paths in it."""
    table = TEXT.partition(beginning)[2].partition("\n\n|")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.M)
    return {name: folder / name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


CLIENT = HOUSE / "overlay/runflow_client"
TREE = places("Each folder is one step", HOUSE)
ROOMS = places("imports point down this list", CLIENT)


@pytest.mark.parametrize("name", [*TREE, *ROOMS])
def test_a_place_is_there(name: str) -> None:
    assert {**TREE, **ROOMS}[name].exists()


def test_the_rooms_of_the_client_are_all_named() -> None:
    rooms = {path.name for path in CLIENT.iterdir()} - {"__pycache__", "py.typed"}
    assert rooms == {place.name for place in ROOMS.values()}


def test_to_change_something_there_are_the_places_to_look_in() -> None:
    rows = re.findall(
        r"^\| .* \| (.*) \| (.*) \|$", TEXT.partition("To change")[2].partition("## ")[0], re.M
    )
    roots = [HOUSE, CLIENT, HOUSE / "contract_tests"]
    names = [name for row in rows for cell in row for name in re.findall(r"`([^`]+)`", cell)]
    found = [name for name in names if any((root / name).exists() for root in roots)]
    assert len(found) > 10
    assert [name for name in names if name not in found and not name.startswith("make ")] == []


def test_the_command_of_the_first_screen_saves_the_picture(tmp_path: Path) -> None:
    command = re.findall(r"^runflow run .*$", TEXT, re.M)[0]
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        folders = [str(Path(sys.executable).parent), os.environ["PATH"]]
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env={
                **os.environ,
                "PATH": os.pathsep.join(folders),
                "RUNFLOW_API_KEY": mock.api_key,
                "RUNFLOW_BASE_URL": mock.base_url,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert len(mock.ledger) == 1
    with Image.open(tmp_path / "cathedral.png") as image:
        assert image.size == (2048, 2048)


def test_the_options_of_the_mock_server_are_there() -> None:
    lines = re.findall(r"^runflow-mock (--.*?)  +#", TEXT, re.M)
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


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.strip().splitlines()[-1][:40])
def test_a_snippet_runs(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        names: dict[str, object] = {"__name__": "snippet"}
        exec(compile(snippet, str(README), "exec"), names)
        for name, function in list(names.items()):
            if name.startswith("test_") and callable(function):
                function(mock)
                assert len(mock.ledger) == 1
        receive = names.get("receive")
        if callable(receive):
            body = b'{"event": "run.completed", "run_id": "r-1"}'
            receive(body, {"Runflow-Signature": sign(body, "whsec_readme")})
        elif "client.run(" in snippet:
            assert len(mock.ledger) == (10 if "gather" in snippet else 1)


def test_attach_is_as_the_readme_says() -> None:
    with (
        MockRunflow(clock=AcceleratedClock(60)) as mock,
        Runflow(mock.api_key, base_url=mock.base_url) as client,
    ):
        run_id = client.submit("google/nano-banana-pro", {"prompt": "a cathedral"}).id
        assert client.runs.attach(run_id).wait().status == "succeeded"
