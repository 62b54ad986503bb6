"""The command `runflow-mock`, as a process of its own."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from .calling import create_run, get_run

DEADLINE = 60  # seconds; only a process that hangs takes so long


@pytest.fixture
def command() -> Iterator[subprocess.Popen[str]]:
    arguments = [sys.executable, "-m", "runflow_mock", "--port", "0", "--speed", "100000"]
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        if process.poll() is None:
            process.kill()


def read_banner(process: subprocess.Popen[str]) -> dict[str, str]:
    """Return the variables that the banner says to export."""
    found: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        match = re.search(r"export (\w+)=(\S+)", line)
        if match is not None:
            found[match[1]] = match[2]
        if "Ctrl-C" in line:
            break
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_banner_is_all_that_a_client_needs(
    command: subprocess.Popen[str], number: signal.Signals
) -> None:
    said = read_banner(command)
    headers = {"Authorization": f"Bearer {said['RUNFLOW_API_KEY']}"}
    with httpx.Client(base_url=said["RUNFLOW_BASE_URL"], headers=headers, trust_env=False) as api:
        run_id = create_run(api)["id"]
        while get_run(api, run_id)["status_code"] != "succeeded":
            pass
        command.send_signal(number)
        _, errors = command.communicate(timeout=DEADLINE)
    assert (command.returncode, errors) == (0, "")


def test_a_port_in_use_is_reported() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        arguments = [sys.executable, "-m", "runflow_mock", "--port", port]
        result = subprocess.run(
            arguments, capture_output=True, text=True, timeout=DEADLINE, check=False
        )
    assert result.returncode == 1
    assert "cannot start" in result.stderr
