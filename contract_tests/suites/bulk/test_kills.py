"""A bulk run of eight at once, with an API in trouble, is killed at random moments and pays every
item once. `test_every_moment` kills one of one at a time at each of its moments.
"""

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

KILLS = int(os.environ.get("RUNFLOW_BULK_KILLS", "2"))
ITEMS = int(os.environ.get("RUNFLOW_BULK_ITEMS", "24"))
SPEED = 20.0


def plan_faults(mock: MockRunflow) -> None:
    chances = (("reset_after", 0.1), ("reset_before", 0.05), ("status", 0.05))
    for number, (kind, probability) in enumerate(chances):
        for operation in ("create_run", "list_runs", "get_run"):
            status = 503 if kind == "status" else None
            mock.fail_next(
                operation,
                fault=kind,
                count=None,
                probability=probability,
                seed=number,
                status=status,
            )
    mock.fail_next("create_run", fault="status", status=429, count=None, probability=0.1, seed=9)


def content_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "out").iterdir()}


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
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    killed.mkdir()
    undisturbed.mkdir()
    with MockRunflow(AcceleratedClock(SPEED)) as mock:
        plan_faults(mock)
        in_time = 0
        for _ in range(KILLS):
            process = start(mock, killed)
            time.sleep(source.uniform(0.3, 1.5))  # the moment is what is drawn; any will do
            process.send_signal(signal.SIGKILL)
            process.communicate()
            in_time += process.returncode == -signal.SIGKILL
        process = start(mock, killed)
        told, _ = process.communicate(timeout=300)
        assert process.returncode == 0, told
        assert in_time, "no kill came before the end"
        print(f"{in_time} of {KILLS} kills came before the end")
        runs = mock.runs
        assert len(runs) == ITEMS
        assert {run["status_code"] for run in runs} == {"succeeded"}
    with bulk.Journal.read(killed / "j.sqlite") as journal:
        assert journal.summary() == bulk.Summary(done=ITEMS, spent=Decimal("0.15") * ITEMS)
    files = sorted((tmp_path / "killed" / "out").iterdir())
    assert [path.stem for path in files] == [f"item-{number:04}" for number in range(ITEMS)]
    with MockRunflow(AcceleratedClock(SPEED)) as mock:
        process = start(mock, undisturbed)
        told, _ = process.communicate(timeout=300)
        assert process.returncode == 0, told
    assert content_of(killed) == content_of(undisturbed)
