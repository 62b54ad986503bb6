"""The figures of a contract run, and the command that repeats a failure."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import runflow_api

from ..profile import PROFILE, SEED

ROOT = Path(__file__).parents[3]
FIGURES = ("-p", "contract_tests.suites.conformance.figures")


def contract(report: Path, *arguments: str, clients: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest with the figures, and with the generated client of a folder."""
    left = {
        name: value
        for name, value in os.environ.items()
        if name not in (PROFILE, SEED, "PYTEST_XDIST_WORKER")
    }
    path = os.pathsep.join(one for one in (clients, os.environ.get("PYTHONPATH", "")) if one)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:hypothesispytest",  # none of these draws
        *FIGURES,
        "--contract-report",
        str(report),
    ]
    return subprocess.run(
        [*command, *arguments],
        cwd=ROOT,
        env={**left, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_held_cases_are_counted_by_operation(tmp_path: Path) -> None:
    done = contract(tmp_path, "contract_tests/suites/conformance/test_callbacks.py", "-n", "2")
    assert done.returncode == 0, done.stdout
    content = json.loads((tmp_path / "contract.json").read_text())
    held = sum(of["callbacks"]["held"] for of in content["operations"].values())
    assert (content["holds"], content["checks"]["callbacks"]) == (True, {"held": held, "failed": 0})
    assert held > 100
    assert f"callbacks: {held} held, 0 failed" in done.stdout
    assert "`POST /v1/models/{owner}/{slug}/runs`" in (tmp_path / "contract.md").read_text()


def test_the_smallest_failure_of_an_operation_is_named_with_a_line_that_plays_it_again(
    tmp_path: Path,
) -> None:
    client = tmp_path / "client" / "runflow_api"
    shutil.copytree(Path(runflow_api.__file__).parent, client)
    operation = client / "api" / "runs" / "get_run.py"
    operation.write_text(operation.read_text().replace('"/v1/runs/', '"/v1/run/'))
    requests = "contract_tests/suites/conformance/test_requests.py"
    done = contract(tmp_path, requests, "-k", "runs", "--tb=no", clients=str(client.parent))
    assert done.returncode == 1
    content = json.loads((tmp_path / "contract.json").read_text())
    figures = {operation: of["requests"] for operation, of in content["operations"].items()}
    assert figures["GET /v1/runs/{id}"]["failed"] > 1
    assert figures["GET /v1/runs/{id}"]["held"] == 0
    assert figures["GET /v1/runs"] == {"held": figures["GET /v1/runs"]["held"], "failed": 0}
    (line,) = content["replays"]
    assert f"To see it again: {line}" in done.stdout
    program, *arguments = shlex.split(line)
    assert program == "python"
    again = contract(tmp_path, *arguments[2:], "--tb=no", clients=str(client.parent))
    assert re.search(r"^1 failed", again.stdout, re.MULTILINE), again.stdout
