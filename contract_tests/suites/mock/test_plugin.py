"""The pytest plugin, in a pytest of its own."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import runflow_mock
from runflow_mock.pytest_plugin import refuse_unused

DEADLINE = 120  # seconds; only a process that hangs takes so long

USERS_TESTS = """
import os
import httpx
import pytest
from runflow_mock import Settings, SteppedClock

def call(method, path, **arguments):
    headers = {"Authorization": "Bearer " + os.environ["RUNFLOW_API_KEY"]}
    url = os.environ["RUNFLOW_BASE_URL"] + path
    return httpx.request(method, url, headers=headers, **arguments)

@pytest.mark.parametrize("number", range(6))
def test_state_is_fresh_and_a_run_ends_within_a_few_polls(runflow_mock, number):
    assert runflow_mock.runs == []
    body = {"input": {"prompt": str(number)}}
    run = call("POST", "/v1/models/google/nano-banana-pro/runs", json=body).json()
    polls = 0
    while call("GET", "/v1/runs/" + run["id"]).json()["status_code"] != "succeeded":
        polls += 1
    assert polls < 10
    assert [entry.run_id for entry in runflow_mock.ledger] == [run["id"]]

def test_helpers(runflow_mock):
    runflow_mock.fail_next("get_balance", status=503)
    assert call("GET", "/v1/billing/balance").status_code == 503
    runflow_mock.advance(60)

def test_a_run_ends_by_itself(runflow_mock):
    body = {"input": {"prompt": "x"}}
    run = call("POST", "/v1/models/google/nano-banana-pro/runs", json=body).json()
    runflow_mock.settle()
    assert call("GET", "/v1/runs/" + run["id"]).json()["status_code"] == "succeeded"

class TestSteps:
    @pytest.fixture
    def runflow_mock_clock(self):
        return SteppedClock(step=1.0)

    def test_every_poll_makes_progress(self, runflow_mock):
        body = {"input": {"prompt": "x"}}
        run = call("POST", "/v1/models/google/nano-banana-pro/runs", json=body).json()
        polls = 0
        while call("GET", "/v1/runs/" + run["id"]).json()["status_code"] != "succeeded":
            polls += 1
        assert 0 < polls < 10

class TestOverride:
    @pytest.fixture
    def runflow_mock_settings(self):
        return Settings(opening_balance="1")

    def test_settings_can_be_chosen(self, runflow_mock):
        assert runflow_mock.balance == 1

def test_a_test_without_a_server_has_the_environment_of_before():
    assert not {"RUNFLOW_BASE_URL", "RUNFLOW_API_KEY", "RUNFLOW_SKIP_WAITS_AT"} & set(os.environ)
"""


UNUSED_PLANS = """
from runflow_mock import Fault

def test_a_fault(runflow_mock):
    runflow_mock.fail_next("get_run", status=503, contains="other")

def test_an_outcome(runflow_mock):
    runflow_mock.next_outcome("failed", model="google/nano-banana-pro")

def test_a_stopped_server(runflow_mock):
    runflow_mock.fail_next("*", fault="lost_callback")
    runflow_mock.stop()

def test_a_fault_of_chance(runflow_mock):
    runflow_mock.fail_next("get_run", status=503, probability=0.5)

def test_a_fault_that_is_cleared(runflow_mock):
    runflow_mock.fail_next("get_run", status=503)
    runflow_mock.faults.clear()
"""


NOT_LOADED = ("schemathesis", "hypothesispytest", "anyio")
"""Plugins of this environment that take a second of each process and that no user's test needs."""


def run_pytest(
    folder: Path, *arguments: str, tests: str | Mapping[str, str] = USERS_TESTS
) -> subprocess.CompletedProcess[str]:
    """Run files of tests, by name, or one of them."""
    for name, text in ({"test_users.py": tests} if isinstance(tests, str) else tests).items():
        (folder / name).write_text(text, encoding="utf-8")
    loaded = [] if "runflow_mock" in installed_plugins() else ["-p", "runflow_mock.pytest_plugin"]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        *(option for name in NOT_LOADED for option in ("-p", f"no:{name}")),
        *loaded,
        *arguments,
        str(folder),
    ]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def installed_plugins() -> set[str]:
    from importlib.metadata import entry_points

    return {entry.name for entry in entry_points(group="pytest11")}


def test_each_test_has_its_own_server_and_a_plan_that_was_never_used_fails_it_at_its_teardown(
    tmp_path: Path,
) -> None:
    files = {"test_users.py": USERS_TESTS, "test_unused.py": UNUSED_PLANS}
    result = run_pytest(tmp_path, tests=files)
    assert "16 passed, 3 errors" in result.stdout, result.stdout + result.stderr
    assert "ERROR test_users.py" not in result.stdout
    for unused in (
        "fault 'status' for get_run with 'other'",
        "outcome 'failed' for google/nano-banana-pro",
        "fault 'lost_callback' for *",
    ):
        assert f"planned, but never used: {unused}" in result.stdout


def test_the_fixture_works_in_parallel(tmp_path: Path) -> None:
    result = run_pytest(tmp_path, "-n", "2")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "11 passed" in result.stdout


def test_every_plan_that_is_left_is_named() -> None:
    refuse_unused([])
    with pytest.raises(pytest.fail.Exception, match=r"^planned, but never used: one; two$"):
        refuse_unused(["one", "two"])


def test_the_plugin_loads_nothing_of_the_server_before_it_is_asked_for() -> None:
    code = (
        "import sys, runflow_mock.pytest_plugin; "
        "print({'uvicorn', 'PIL', 'jsonschema_rs'} & set(sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE, check=True
    )
    assert result.stdout.strip() == "set()"


def test_every_public_name_is_there() -> None:
    assert {name: getattr(runflow_mock, name) for name in dir(runflow_mock)}
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = runflow_mock.no_such_name
