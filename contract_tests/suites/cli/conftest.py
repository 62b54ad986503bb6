"""The command as a process, in a pipe or in a pseudo-terminal, and a mock server for it."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest
from attrs import frozen
from runflow_client import _sync
from runflow_client.cli import commands
from runflow_mock import AcceleratedClock, MockRunflow

from ..client.answering import Answering, Told, answering
from ..processes import without_trio
from ..warm import HANGS, InTerminal, Warm, modules_in, warm

__all__ = ["HANGS", "without_trio"]

MODULE = "runflow_client.cli"
COMMAND = (sys.executable, "-m", MODULE)
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


@pytest.fixture(scope="session")
def unasked() -> Iterator[Answering]:
    """Return a server for commands that send nothing: it is asked for nothing."""
    with answering(lambda asked: Told({"code": "X", "message": "no"}, 500)) as server:
        yield server


@pytest.fixture
def nothing_sent(unasked: Answering) -> Iterator[dict[str, str]]:
    """Return variables of a client that sends nothing in this test."""
    yield {"RUNFLOW_BASE_URL": unasked.base_url, "RUNFLOW_API_KEY": "rf_live_x"}
    assert unasked.asked == []


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def warm_command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Return a process that has imported what the commands import."""
    modules = [*modules_in(commands), *modules_in(_sync), "httpcore", "rich.progress"]
    with warm(tmp_path_factory, *modules) as process:
        yield process


@pytest.fixture
def runflow(warm_command: Warm, environment: dict[str, str], tmp_path: Path) -> Run:
    """Run the command in pipes, in an empty folder."""

    def run(*arguments: str, stdin: str = "", **variables: str) -> Done:
        done = warm_command.run(
            MODULE, arguments, {**environment, **variables}, tmp_path, stdin=stdin
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


Spawn = Callable[..., Any]


@pytest.fixture
def spawn(warm_command: Warm, environment: dict[str, str], tmp_path: Path) -> Iterator[Spawn]:
    """Run the command in a pseudo-terminal."""
    children: list[InTerminal] = []

    def begin(*arguments: str, columns: int = 100, **variables: str) -> InTerminal:
        child = warm_command.spawn(
            MODULE, arguments, {**environment, **variables}, tmp_path, columns
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
