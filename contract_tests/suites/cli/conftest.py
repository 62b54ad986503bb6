"""The command as a process, in a pipe or in a pseudo-terminal, and a mock server for it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from attrs import frozen
from runflow_mock import AcceleratedClock, MockRunflow

from ..processes import without_trio

__all__ = ["without_trio"]

HANGS = 60
"""Seconds; only a command that hangs takes so long."""
COMMAND = (sys.executable, "-m", "runflow_client.cli")
MODEL = "google/nano-banana-pro"
ASKED = ("run", MODEL, "--prompt", "A cathedral")


@frozen
class Done:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    """Return a server on which a run takes a fifth of a second."""
    with MockRunflow(clock=AcceleratedClock(30)) as server:
        yield server


@pytest.fixture
def environment(mock: MockRunflow, tmp_path: Path) -> dict[str, str]:
    """Return an environment with the server's address and key, and a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNFLOW_")}
    for size in ("COLUMNS", "LINES"):  # they would count for more than the terminal's own
        kept.pop(size, None)
    return {
        **kept,
        "HOME": str(tmp_path / "home"),
        "RUNFLOW_BASE_URL": mock.base_url,
        "RUNFLOW_API_KEY": mock.api_key,
        "TERM": "xterm",
    }


Run = Callable[..., Done]


@pytest.fixture
def runflow(environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in pipes, in an empty folder."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> Done:
        done = subprocess.run(
            [*COMMAND, *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=HANGS,
            env={**environment, **variables},
            cwd=tmp_path,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


Spawn = Callable[..., Any]


@pytest.fixture
def spawn(environment: dict[str, str], tmp_path: Path) -> Iterator[Spawn]:
    """Run the command in a pseudo-terminal."""
    children: list[Any] = []

    def begin(*arguments: str, columns: int = 100, **variables: str) -> Any:
        child = pexpect.spawn(
            COMMAND[0],
            [*COMMAND[1:], *arguments],
            env={**environment, **variables},
            cwd=str(tmp_path),
            dimensions=(24, columns),
            encoding="utf-8",
            timeout=HANGS,
        )
        children.append(child)
        return child

    yield begin
    for child in children:
        child.close(force=True)


def ended(child: Any) -> tuple[int | None, str]:
    """Wait until the command has ended; its exit code, and what it printed since the last match."""
    child.expect(pexpect.EOF)
    child.wait()  # to close it at once may send a signal to a process that is about to exit
    child.close()
    return child.exitstatus, str(child.before)
