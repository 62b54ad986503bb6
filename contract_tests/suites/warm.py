"""Programs in processes that have imported already what they need: each is forked from one process.

They have an environment, a folder, streams, a terminal and a status of their own, as processes that
are started have: project/test_warm.py compares both. What they save is the start of an interpreter
and its imports, which take longer than most commands. The thorough profile, and a run that
measures coverage, start an interpreter for each program.
"""

import contextlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Final

import pexpect.fdpexpect
import pytest
from attrs import define, frozen

from .processes import path_without_trio
from .profile import is_thorough

HANGS: Final = 60
"""Seconds; only a program that hangs takes so long."""

PROGRAM: Final = Path(__file__).with_name("warm_process.py")

MEASURED: Final = "COVERAGE_PROCESS_START"
"""Coverage begins with an interpreter, and asks there which test started it."""


@define
class Process:
    """A program that runs."""

    number: int
    _connection: socket.socket
    _status: int | None = None

    def wait(self) -> int:
        """Return its status when it has ended; a signal's is negative.

        Raises:
            TimeoutError: it has not ended.
        """
        if self._status is None:
            with self._connection, self._connection.makefile() as lines:
                self._status = int(lines.readline())
        return self._status

    def kill(self) -> None:
        """End it, if it has not ended."""
        if self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.number, signal.SIGKILL)
            self.wait()


@frozen
class Warm:
    """The process that has imported, at the path of its socket."""

    path: Path
    python_path: str
    """Its PYTHONPATH, which programs have to have too: otherwise they are started."""

    def start(
        self,
        module: str,
        arguments: Sequence[str],
        streams: tuple[int, int, int],
        environment: Mapping[str, str],
        folder: Path,
        *,
        terminal: bool = False,
    ) -> Process:
        """Start a program with stdin, stdout and stderr; a terminal's program can be interrupted
        with its keys.
        """
        request = {
            "module": module,
            "arguments": [*arguments],
            "environment": {**environment},
            "folder": os.fspath(folder),
            "terminal": terminal,
            "cold": is_thorough() or MEASURED in environment,
        }
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(HANGS)
        connection.connect(os.fspath(self.path))
        content = json.dumps(request).encode()
        sent = socket.send_fds(connection, [content], streams)
        connection.sendall(content[sent:])
        connection.shutdown(socket.SHUT_WR)
        number = b""
        while not number.endswith(b"\n"):  # one byte each: its status may follow at once
            byte = connection.recv(1)
            assert byte, "the process that forks has ended"
            number += byte
        return Process(int(number), connection)

    def run(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        stdin: str = "",
    ) -> "subprocess.CompletedProcess[str]":
        """Run a program in pipes, and return how it ended and what it printed."""
        with ExitStack() as stack:
            ends = [os.pipe() for _ in range(3)]
            ours = [
                stack.enter_context(open(ends[0][1], "w", encoding="utf-8")),
                stack.enter_context(open(ends[1][0], encoding="utf-8")),
                stack.enter_context(open(ends[2][0], encoding="utf-8")),
            ]
            theirs = (ends[0][0], ends[1][1], ends[2][1])
            try:
                process = self.start(module, arguments, theirs, environment, folder)
            finally:
                for descriptor in theirs:
                    os.close(descriptor)
            pool = stack.enter_context(ThreadPoolExecutor(2))
            stack.callback(process.kill)  # first: then the pipes end
            printed = [pool.submit(one.read) for one in ours[1:]]
            with contextlib.suppress(BrokenPipeError), ours[0] as typed:
                typed.write(stdin)
            out, err = (one.result(HANGS) for one in printed)
            return subprocess.CompletedProcess([module, *arguments], process.wait(), out, err)

    def spawn(
        self,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        columns: int,
    ) -> "InTerminal":
        """Run a program in a pseudo-terminal of 24 lines."""
        ours, theirs = os.openpty()
        _resize(theirs, 24, columns)
        try:
            process = self.start(
                module, arguments, (theirs, theirs, theirs), environment, folder, terminal=True
            )
        finally:
            os.close(theirs)
        return InTerminal(ours, process)


if TYPE_CHECKING:
    Spawned = pexpect.fdpexpect.fdspawn[str]
else:  # which has no parameters
    Spawned = pexpect.fdpexpect.fdspawn


class InTerminal(Spawned):
    """A program in a pseudo-terminal, as `pexpect.spawn` has it."""

    def __init__(self, terminal: int, process: Process) -> None:
        super().__init__(terminal, encoding="utf-8", timeout=HANGS)
        self.process = process
        self.pid = process.number
        self.exitstatus: int | None = None
        """Its status, if no signal ended it."""

    def sendintr(self) -> None:
        """Press Ctrl-C."""
        self.send("\x03")

    def setwinsize(self, rows: int, columns: int) -> None:
        """Make the terminal larger or smaller."""
        _resize(self.child_fd, rows, columns)

    def wait(self) -> int:
        """Return its status when it has ended."""
        status = self.process.wait()
        self.exitstatus = status if status >= 0 else None
        return status

    def close(self, force: bool = False) -> None:  # as pexpect has it
        """Close the terminal; with `force` end the program first."""
        if force:
            self.process.kill()
        super().close()


def _resize(terminal: int, rows: int, columns: int) -> None:
    import termios  # not on Windows

    termios.tcsetwinsize(terminal, (rows, columns))


def modules_in(package: ModuleType) -> list[str]:
    """Return the names of the modules in a package."""
    return [one.name for one in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]


@contextmanager
def warm(factory: pytest.TempPathFactory, *modules: str) -> Iterator[Warm]:
    """Start a process that imports these modules, and end it. It does not have trio."""
    path, python_path = factory.mktemp("warm") / "socket", path_without_trio(factory)
    with subprocess.Popen(
        [sys.executable, os.fspath(PROGRAM), os.fspath(path), *modules],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": python_path},
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield Warm(path, python_path)
        finally:
            process.stdin.close()
