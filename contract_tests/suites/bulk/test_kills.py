"""A bulk run that is killed at random moments pays every item once."""

import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

from runflow_client import bulk
from runflow_mock import AcceleratedClock, MockRunflow

KILLS = int(os.environ.get("RUNFLOW_BULK_KILLS", "4"))
ITEMS = int(os.environ.get("RUNFLOW_BULK_ITEMS", "24"))
SPEED = 20.0


def plan_faults(mock: MockRunflow) -> None:
    chances = (("reset_after", 0.1), ("reset_before", 0.05), ("status", 0.05))
    for number, (kind, probability) in enumerate(chances):
        for operation in ("create_run", "list_runs", "get_run"):
            mock.fail_next(
                operation, fault=kind, count=None, probability=probability, seed=number, status=503
            )
    mock.fail_next("create_run", fault="status", status=429, count=None, probability=0.1, seed=9)


def start(mock: MockRunflow, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("worker.py")), str(folder), str(ITEMS)],
        env={**os.environ, "RUNFLOW_API_KEY": mock.api_key, "RUNFLOW_BASE_URL": mock.base_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_kills_at_random_moments_pay_every_item_once(tmp_path: Path) -> None:
    source = random.Random(20)
    with MockRunflow(AcceleratedClock(SPEED)) as mock:
        plan_faults(mock)
        for _ in range(KILLS):
            process = start(mock, tmp_path)
            time.sleep(source.uniform(0.3, 1.5))  # the moment is what is drawn; any will do
            process.send_signal(signal.SIGKILL)
            process.communicate()
        process = start(mock, tmp_path)
        told, _ = process.communicate(timeout=300)
        assert process.returncode == 0, told
        runs = mock.runs
        assert len(runs) == ITEMS
        assert {run["status_code"] for run in runs} == {"succeeded"}
    with bulk.Journal.read(tmp_path / "j.sqlite") as journal:
        assert journal.summary() == bulk.Summary(done=ITEMS, spent=Decimal("0.15") * ITEMS)
    files = sorted((tmp_path / "out").iterdir())
    assert [path.stem for path in files] == [f"item-{number:04}" for number in range(ITEMS)]
