"""Every example runs as it stands, against the mock server."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from runflow_mock import AcceleratedClock, MockRunflow

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("name", "billed", "saved", "said"),
    [
        ("one_picture", 1, 1, "paid 0.15 USD"),
        ("video_with_progress", 1, 1, "succeeded"),
        ("ten_variations", 10, 10, "seed 9"),
        ("batch", 3, 0, "picture-2"),
    ],
)
def test_an_example_runs(tmp_path: Path, name: str, billed: int, saved: int, said: str) -> None:
    with MockRunflow(clock=AcceleratedClock(60)) as mock:
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / f"{name}.py")],
            cwd=tmp_path,
            env={**os.environ, "RUNFLOW_API_KEY": mock.api_key, "RUNFLOW_BASE_URL": mock.base_url},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
        assert len(mock.ledger) == billed
        assert len(list(tmp_path.iterdir())) >= saved
