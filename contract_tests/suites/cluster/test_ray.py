"""Bulk runs on a real local Ray cluster, an actor of which is killed: `make test-ray`."""

import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest
from runflow_mock import AcceleratedClock, MockRunflow

pytest.importorskip("ray", reason="Ray is installed by make test-ray")

ROWS = 200
HANGS = 300
"""Seconds; only a cluster that hangs takes so long."""


def start(mock: MockRunflow, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("ray_rows.py")), str(folder)],
        env={**os.environ, **mock.environment, "RAY_DATA_DISABLE_PROGRESS_BARS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def results(folder: Path) -> list[dict[str, object]]:
    from pyarrow import parquet

    rows: list[dict[str, object]] = parquet.read_table(folder / "results").to_pylist()
    return sorted(rows, key=lambda row: str(row["key"]))


def test_an_actor_that_is_killed_pays_no_row_twice(tmp_path: Path) -> None:
    actors = tmp_path / "actors"
    actors.mkdir()
    with MockRunflow(AcceleratedClock(2)) as mock:
        mock.balance = Decimal(1000)
        process = start(mock, tmp_path)
        deadline = time.monotonic() + HANGS
        while len(mock.runs) < 60 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)  # until runs are under way
        first = {path.name for path in actors.iterdir()}
        os.kill(int(min(first)), signal.SIGKILL)
        alive = [run for run in mock.runs if run["status_code"] in {"queued", "running"}]
        told, _ = process.communicate(timeout=HANGS)
        assert process.returncode == 0, told
        assert alive, "runs were under way when the actor died"
        assert {path.name for path in actors.iterdir()} > first, "another actor took its rows"
        rows = results(tmp_path)
        assert [row["key"] for row in rows] == [f"k{number:03}" for number in range(ROWS)]
        assert {(row["status"], row["cost"]) for row in rows} == {("done", "0.15")}
        assert len(mock.runs) == len(mock.ledger) == ROWS
        assert len({row["run_id"] for row in rows}) == ROWS
        files = {path.name for path in (tmp_path / "out").iterdir()}
        begun = {name for name in files if name.startswith(".runflow-")}  # by the actor that died
        assert files - begun == {f"k{number:03}.png" for number in range(ROWS)}
