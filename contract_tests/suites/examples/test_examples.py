"""Every example runs as it stands, against the mock server."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from runflow_client import Runflow, inputs
from runflow_mock import AcceleratedClock, MockRunflow

from ..callbacks.example_process import RECEIVERS, running_example

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=AcceleratedClock(60)) as server:
        yield server


def run_example(name: str, folder: Path, mock: MockRunflow, *arguments: str) -> str:
    """Run the program in the folder and give back what it said; it must end well."""
    done = subprocess.run(
        [sys.executable, str(EXAMPLES / f"{name}.py"), *arguments],
        cwd=folder,
        env={**os.environ, "RUNFLOW_API_KEY": mock.api_key, "RUNFLOW_BASE_URL": mock.base_url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("name", "billed", "saved", "said"),
    [
        ("one_picture", 1, {"0.png": 1}, "paid 0.15 USD"),
        ("video_with_progress", 1, {"0.mp4": 1}, "succeeded"),
        ("ten_variations", 10, {"variation-?.png": 10}, "seed 9"),
        ("batch", 3, {"cut-out/?-0.png": 3}, "3 of 3 done"),
    ],
)
def test_an_example_runs(
    tmp_path: Path, mock: MockRunflow, name: str, billed: int, saved: dict[str, int], said: str
) -> None:
    assert said in run_example(name, tmp_path, mock)
    assert len(mock.ledger) == billed
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {pattern: len(list(tmp_path.glob(pattern))) for pattern in saved} == saved
    assert len(files) == sum(saved.values())
    for path in files:
        if path.suffix == ".png":
            with Image.open(path) as image:
                image.verify()


@pytest.mark.parametrize("arguments", [(), ("holiday.jpg",)], ids=["photo.jpg", "named"])
def test_a_photo_of_this_machine_is_edited(
    tmp_path: Path, mock: MockRunflow, arguments: tuple[str, ...]
) -> None:
    photo = tmp_path / (arguments or ("photo.jpg",))[0]
    Image.new("RGB", (40, 30), "orange").save(photo)
    assert "saved edited/0.png" in run_example("edit_a_photo", tmp_path, mock, *arguments)
    with Image.open(tmp_path / "edited" / "0.png") as image:
        image.verify()
    (reference,) = mock.runs[0]["input"]["image_urls"]
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        url = client.assets.get(reference.removeprefix("runflow://assets/")).url
    assert url is not None
    assert httpx.get(url, trust_env=False).content == photo.read_bytes()


def test_the_web_application_hears_of_a_run_that_really_was(
    tmp_path: Path, mock: MockRunflow
) -> None:
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        secret = client.callbacks.secrets.create("example").plain_secret
        with running_example(RECEIVERS / "with_fastapi.py", tmp_path, secret) as receiver:
            handle = client.submit(
                inputs.GoogleNanoBananaPro(prompt="a cathedral"), callback_url=receiver.url
            )
            heard = receiver.lines_until(re.compile(r"handled: run (\S+) succeeded after \d+ ms"))
        assert heard[1] == handle.id
        assert handle.refresh().status == "succeeded"


def test_the_readme_lists_the_programs() -> None:
    table = re.findall(
        r"^\| `([a-z_/]+\.py)", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    small = {path.name for path in EXAMPLES.glob("*.py")} - {"demo.py"}
    assert set(table) == small | {"receivers/with_fastapi.py"}
    assert len(table) == 6
