"""Failures: the exit code and the JSON document of each, and no traceback."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from runflow_client import WaitTimeout
from runflow_client.cli.shared.exit_codes import ExitCode
from runflow_client.cli.shared.failures import describe
from runflow_mock import MockRunflow

from ..files.storage import PNG
from .conftest import ASKED, MODEL, Run
from .in_process import run_here


def test_a_run_that_fails(runflow: Run, mock: MockRunflow) -> None:
    mock.next_outcome("failed", count=2, failure_code="NSFW", failure_message="not that")
    done = runflow(*ASKED)
    assert (done.code, done.out) == (4, "")
    assert "NSFW: not that" in done.err
    error = runflow(*ASKED, "--json").document["error"]
    assert (error["kind"], error["exit_code"]) == ("RunFailed", 4)
    assert error["run_id"] in {run["id"] for run in mock.runs}


def test_a_run_that_is_canceled(runflow: Run, mock: MockRunflow) -> None:
    mock.next_outcome("canceled")
    assert runflow(*ASKED).code == 4


def test_time_up_names_the_command_that_waits_again(runflow: Run, mock: MockRunflow) -> None:
    mock.next_outcome("never")
    done = runflow(*ASKED, "--timeout", "1")
    assert done.code == 5
    assert f"runflow runs wait {mock.runs[0]['id']}" in done.err
    error = runflow("runs", "wait", mock.runs[0]["id"], "--timeout", "1", "--json").document[
        "error"
    ]
    assert (error["kind"], error["exit_code"]) == ("WaitTimeout", 5)


def test_a_wait_that_saw_no_status_says_so() -> None:
    error = WaitTimeout("run", "r-7", SimpleNamespace(status=None), seconds=1.5, resume_hint="")
    assert describe(error).message == "run r-7 was still without a status after 1.5 s"


def test_a_lost_create_names_the_command_that_finds_it(runflow: Run, mock: MockRunflow) -> None:
    mock.fail_next("create_run", fault="reset_after", count=None)
    mock.fail_next("list_runs", status=403, count=None)
    done = runflow(*ASKED, "--client-ref", "order-7")
    assert done.code == 7
    assert "runflow runs list --client-ref order-7" in done.err
    error = runflow(*ASKED, "--client-ref", "order-8", "--json").document["error"]
    assert (error["kind"], error["client_ref"]) == ("OutcomeUnknown", "order-8")


def test_a_create_that_is_never_answered_ends_in_time_and_names_the_run(
    runflow: Run, mock: MockRunflow
) -> None:
    mock.fail_next("create_run", fault="stall", count=None)
    done = runflow(*ASKED, "--timeout", "3", "--client-ref", "order-9")
    assert done.code == 7
    assert "runflow runs list --client-ref order-9" in done.err


def test_an_upload_that_is_never_answered_ends_in_time_and_says_that_there_is_no_run(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "photo.png").write_bytes(PNG + bytes(1000))
    mock.fail_next("storage", fault="stall", count=None)
    given = ("--prompt", "x", "--image-urls", "photo.png", "--timeout", "2")
    error = runflow("run", f"{MODEL}/edit", *given, "--json").document["error"]
    assert (error["kind"], error["exit_code"]) == ("RequestTimeout", 6)
    assert "no run was created" in error["message"]
    assert mock.runs == []
    mock.faults.clear()  # on a slow machine time may be up before the storage is asked


def test_what_an_upload_took_is_taken_off_the_wait(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "photo.png").write_bytes(PNG + bytes(1000))
    mock.next_outcome("never")
    given = ("--prompt", "x", "--image-urls", "photo.png", "--timeout", "5")
    done = runflow("run", f"{MODEL}/edit", *given)
    assert done.code == 5
    assert f"run {mock.runs[0]['id']} was still" in done.err
    assert "after 5 s" in done.err


def test_only_some_outputs_are_a_result_that_says_so(runflow: Run, mock: MockRunflow) -> None:
    mock.next_outcome("partial_succeeded")
    done = runflow(*ASKED, "--num-images", "2")
    assert done.code == 0
    assert "only some of the outputs were made" in done.err


def test_credit_that_runs_out(runflow: Run, mock: MockRunflow) -> None:
    mock.balance = "0.20"
    assert runflow(*ASKED).code == 0
    done = runflow(*ASKED)
    assert done.code == 3
    assert "app.runflow.io" in done.err
    assert len(mock.ledger) == 1


def test_a_key_that_is_refused_in_the_middle(runflow: Run, mock: MockRunflow) -> None:
    mock.fail_next("get_run", status=401, count=None)
    done = runflow(*ASKED)
    assert done.code == 3
    *_, remedy, again = done.err.splitlines()
    assert remedy.endswith("runflow login")
    assert again.endswith(f"runflow runs wait {mock.runs[0]['id']}")
    assert len(mock.runs) == 1


BATCH = ("batches", "create", "runflow/background-removal", "-", "--yes")
LINES = '{"image_url": "https://example.com/1.png"}\n{"image_url": "https://example.com/2.png"}'


@pytest.mark.parametrize("status", [401, 402])
def test_a_batch_that_is_refused_creates_nothing(
    runflow: Run, mock: MockRunflow, status: int
) -> None:
    mock.fail_next("create_batch", status=status)
    done = runflow(*BATCH, stdin=LINES)
    assert (done.code, done.out) == (3, "")
    assert len(re.findall("^runflow: ", done.err, re.MULTILINE)) == 1
    assert ("runflow login" if status == 401 else "app.runflow.io") in done.err
    assert mock.runs == []


@pytest.mark.parametrize("status", [401, 402])
def test_a_batch_whose_wait_is_refused_names_the_command_that_waits_again(
    runflow: Run, mock: MockRunflow, status: int
) -> None:
    mock.fail_next("get_batch", status=status, count=None)
    done = runflow(*BATCH, stdin=LINES)
    assert (done.code, done.out) == (3, "")
    (again,) = re.findall(r"runflow batches wait [\w-]+$", done.err.rstrip())
    assert len(mock.runs) == 2
    mock.faults.clear()
    assert "2 of 2 succeeded" in runflow(*again.split()[1:]).out
    assert len(mock.runs) == 2


def test_a_model_that_the_api_does_not_have_is_suggested(runflow: Run, mock: MockRunflow) -> None:
    done = runflow("run", "google/nano-banana-po", "-i", "prompt=x", "--yes")
    assert done.code == 3
    assert f"Did you mean '{MODEL}'?" in done.err
    assert not mock.runs


def test_a_file_where_a_folder_should_be(runflow: Run, tmp_path: Path) -> None:
    run_id = runflow(*ASKED, "--detach").out.strip()
    (tmp_path / "file").write_text("")
    done = runflow("runs", "save", run_id, "-o", "file/x.png")
    assert done.code == 2
    assert "folder" in done.err


@pytest.mark.parametrize("given", [(), ("--json",), ("--quiet",)])
def test_a_traceback_is_shown_with_debug_alone(given: tuple[str, ...]) -> None:
    for debug in ((), ("--debug",)):
        done = run_here("runs", "get", "123", *given, *debug, RUNFLOW_API_KEY="rf_live_x")
        assert ("Traceback" in done.err) == (debug != ())
        assert "Traceback" not in done.out


def test_every_exit_code_stands_in_the_help(runflow: Run) -> None:
    shown = runflow("--help").out
    for code in ExitCode:
        assert f"  {int(code):>3}  " in shown


REMOVAL = ("batches", "create", "runflow/background-removal", "inputs.jsonl", "--yes")
EVALUATE = ("evaluations", "create", "--image-url", "https://me.test/a.png", "--task-type", "edit")


@pytest.mark.parametrize("value", ["nan", "inf", "1e300"])
@pytest.mark.parametrize(
    "command",
    [
        (*ASKED, "--timeout"),
        (*REMOVAL, "--timeout"),
        (*EVALUATE, "--timeout"),
        ("secrets", "rotate", "--file", "secrets.txt", "--quiet-for"),
        ("login", "--no-browser", "--timeout"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_number_that_cannot_be_right_is_refused_before_anything_is_sent(
    nothing_sent: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    value: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inputs.jsonl").write_text('{"image_url": "https://me.test/a.png"}\n')
    done = run_here(*command, value, **nothing_sent)
    assert done.code == 2
    assert command[-1] in done.err
