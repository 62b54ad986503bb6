"""Every Python snippet of the README runs as it stands, against the mock server."""

import json
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
SNIPPETS = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


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
    shown = README.read_text(encoding="utf-8").partition(SNIPPETS[0])
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
    text = README.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^a-z0-9 -]", "", line.lower()).replace(" ", "-")
        for line in re.findall(r"^## (.*)$", text, re.M)
    }
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert {link[1:] for link in links if link.startswith("#")} <= headings
    for link in links:
        assert link.startswith(("#", "https://")) or (HOUSE / link).exists(), link


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda text: text.strip().splitlines()[-1][:40])
def test_a_snippet_runs(snippet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
        monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
        names: dict[str, object] = {"__name__": "snippet"}
        exec(compile(snippet, str(README), "exec"), names)
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
