"""The Prefect recipe under Prefect itself, its process killed in between: `make test-prefect`."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from runflow_mock import MockRunflow, SteppedClock

pytest.importorskip("prefect", reason="Prefect is installed by make test-prefect")

PAGE = Path(__file__).parents[3] / "docs" / "recipes" / "prefect.md"
HANGS = 300
"""Seconds; only what hangs takes so long."""


def start(mock: MockRunflow, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "pictures.py"],
        cwd=folder,
        env={
            **os.environ,
            **mock.environment,
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(HANGS),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Prefect's own server is a process below it
    )


def until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + HANGS
    while not holds():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_flow_that_is_killed_continues_with_the_runs_that_exist(tmp_path: Path) -> None:
    block = re.search(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert block is not None
    (tmp_path / "pictures.py").write_text(block[1])
    with MockRunflow(SteppedClock()) as mock:  # its runs end when the test says so
        process = start(mock, tmp_path)
        until(lambda: len(mock.runs) == 2, process)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        before = len(mock.requests)
        process = start(mock, tmp_path)
        until(lambda: len(mock.requests) >= before + 4, process)
        mock.advance(600)
        told, _ = process.communicate(timeout=HANGS)
        assert process.returncode == 0, told
        assert "['7.png', '8.png']" in told
        assert len(mock.runs) == len(mock.ledger) == 2
