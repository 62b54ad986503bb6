"""The demo, as `make demo` runs it: on the mock server, and against an API after asking."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from runflow_mock import AcceleratedClock, MockRunflow

DEMO = Path(__file__).parents[3] / "examples" / "demo.py"


def demo(folder: Path, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNFLOW_")}
    return subprocess.run(
        [sys.executable, str(DEMO)],
        cwd=folder,
        env={**kept, **environment},
        input=typed,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_demo_makes_a_picture_and_trusts_only_what_was_signed(tmp_path: Path) -> None:
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "… running" in done.stdout
    assert "callback verified: RunCompleted" in done.stdout
    assert "forged callback refused: SignatureMismatch" in done.stdout
    (picture,) = (tmp_path / "demo-output").iterdir()
    with Image.open(picture) as image:
        assert image.size == (2048, 2048)


@pytest.mark.parametrize(("typed", "runs"), [("n\n", 0), ("y\n", 1)])
def test_against_an_api_it_says_the_price_and_asks_first(
    tmp_path: Path, typed: str, runs: int
) -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        done = demo(tmp_path, typed, RUNFLOW_API_KEY=mock.api_key, RUNFLOW_BASE_URL=mock.base_url)
        assert done.returncode == 0, done.stderr
        assert "0.15 USD" in done.stdout
        assert len(mock.ledger) == runs


def test_a_refused_key_is_told_in_words(tmp_path: Path) -> None:
    with MockRunflow() as mock:
        done = demo(
            tmp_path, "y\n", RUNFLOW_API_KEY="rf_live_wrong", RUNFLOW_BASE_URL=mock.base_url
        )
    assert done.returncode == 1
    assert "Unauthorized" in done.stderr
    assert "Traceback" not in done.stderr
