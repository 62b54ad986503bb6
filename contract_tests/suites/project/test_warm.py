"""A program of a warm process is as one that was started: streams, environment, folder, terminal,
status, and what its modules were told when they were imported.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from ..profile import is_thorough
from ..warm import HANGS, MEASURED, Warm, warm

TELL = """
import os, sys, time
streams = (sys.stdin, sys.stdout, sys.stderr)
names = ("encoding", "errors", "line_buffering", "write_through", "newlines", "name")
told = {
    "arguments": sys.argv[1:],
    "name": __name__,
    "folders": [os.getcwd(), sys.path[0]],
    "variables": sorted(os.environ),
    "own": os.environ["OWN"],
    "zone": time.strftime("%z", time.localtime(0)),
    **{one.name: [str(getattr(one, name)) for name in names] for one in streams},
    "same": [*streams] == [sys.__stdin__, sys.__stdout__, sys.__stderr__],
    "terminals": [one.isatty() for one in streams],
    "typed": sys.stdin.read(),
    "open": len(os.listdir("/dev/fd")),
}
for name, value in told.items():
    print(name, ascii(value))
"""
PROGRAMS = {
    "tells what it has": TELL,
    "ends with a number": "import sys; print('half', end=''); sys.exit(7)",
    "ends with a sentence": "import sys; sys.exit('no')",
    "raises": "raise ValueError('no')",
    "is interrupted": "raise KeyboardInterrupt",
    "is killed": "import os, signal; print('x', flush=True); os.kill(os.getpid(), signal.SIGTERM)",
    "ends at once": "import os; print('x'); os._exit(3)",
    "has something to do at its end": "import atexit; atexit.register(print, 'end')",
    "has a thread": "import threading; threading.Timer(0.01, print, ['late']).start()",
    "writes into a closed pipe": "import os; os.close(1); print('x')",
    "knows no signal": "import signal; print(*map(signal.getsignal, (2, 13, 15, 17)))",
    "writes other letters": "import sys; print('é\\r\\n☃'); print('☃', file=sys.stderr)",
}
VARIABLES: dict[str, dict[str, str]] = {
    "none": {},
    "another zone": {"TZ": "Asia/Tokyo"},
    "unbuffered": {"PYTHONUNBUFFERED": "1"},
    "buffered": {"PYTHONUNBUFFERED": ""},
    "another encoding": {"PYTHONIOENCODING": "latin-1:replace"},
}


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    with warm(tmp_path_factory, "runpy") as made:
        yield made


def ends(done: "subprocess.CompletedProcess[str]") -> tuple[int, list[str], list[str]]:
    """How it ended. A traceback names other lines of the standard library."""
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()[-1:]


def both(
    process: Warm, program: str, folder: Path, **variables: str
) -> list[tuple[int, list[str], list[str]]]:
    """How the program ends that was forked, and that was started."""
    (folder / "program.py").write_text(program, encoding="utf-8")
    python_path = process.python_path
    environment = {**os.environ, "PYTHONPATH": python_path, "OWN": "its own", **variables}
    forked = process.run("program", ["-x", "é"], environment, folder, stdin="typed\r\n")
    started = subprocess.run(
        [sys.executable, "-m", "program", "-x", "é"],
        input="typed\r\n",
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        env=environment,
        cwd=folder,
        timeout=HANGS,
        check=False,
    )
    return [ends(forked), ends(started)]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_is_forked_ends_as_one_that_is_started(
    process: Warm, tmp_path: Path, name: str
) -> None:
    forked, started = both(process, PROGRAMS[name], tmp_path)
    assert forked == started


@pytest.mark.parametrize("name", VARIABLES)
def test_a_program_sees_its_own_environment(process: Warm, tmp_path: Path, name: str) -> None:
    forked, started = both(process, TELL, tmp_path, **VARIABLES[name])
    assert forked == started


@pytest.fixture
def in_terminal(process: Warm, tmp_path: Path) -> Any:
    (tmp_path / "program.py").write_text(
        "import os, sys, time\n"
        "print(os.get_terminal_size(), [os.isatty(one) for one in range(3)])\n"
        "print(os.tcgetpgrp(0) == os.getpgrp() == os.getsid(0) == os.getpid())\n"
        "print('typed', input(), flush=True)\n"
        "time.sleep(60)\n"
    )
    child = process.spawn("program", [], os.environ, tmp_path, 77)
    yield child
    child.close(force=True)


def test_a_program_in_a_terminal_has_its_size_and_is_interrupted_by_its_keys(
    in_terminal: Any,
) -> None:
    in_terminal.expect_exact("os.terminal_size(columns=77, lines=24) [True, True, True]")
    in_terminal.expect_exact("True")
    in_terminal.sendline("word")
    in_terminal.expect_exact("typed word")
    in_terminal.sendintr()
    in_terminal.expect_exact("KeyboardInterrupt")
    in_terminal.expect(pexpect.EOF)
    assert in_terminal.wait() == -2


SAYS_HOW_IT_BEGAN = "import sys; print('started' if '-m' in sys.orig_argv else 'forked')"


def test_what_an_import_read_of_the_environment_is_read_anew_where_it_differs(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "asks.py").write_text("import os; SAID = os.environ.get('ASKED', 'nothing')")
    (tmp_path / "program.py").write_text(f"{SAYS_HOW_IT_BEGAN}\nimport asks; print(asks.SAID)")
    monkeypatch.setenv("PYTHONPATH", os.fspath(tmp_path))
    forked = "started" if is_thorough() else "forked"
    with warm(tmp_path_factory, "asks") as process:
        environment = {**os.environ, "PYTHONPATH": process.python_path}
        cases: list[tuple[dict[str, str], str]] = [
            ({}, f"{forked}\nnothing\n"),
            ({"ASKED": "this"}, "started\nthis\n"),
            ({"OTHER": "this"}, f"{forked}\nnothing\n"),
        ]
        for variables, said in cases:
            done = process.run("program", [], {**environment, **variables}, tmp_path)
            assert done.stdout == said


def test_a_program_that_is_measured_is_started(process: Warm, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(SAYS_HOW_IT_BEGAN)
    (tmp_path / "settings").write_text(f"[run]\ndata_file = {tmp_path}/measured\n")
    environment = {
        **os.environ,
        "PYTHONPATH": process.python_path,
        MEASURED: str(tmp_path / "settings"),
    }
    assert process.run("program", [], environment, tmp_path).stdout == "started\n"
    assert (tmp_path / "measured").is_file()


def test_a_program_that_hangs_is_killed_with_its_terminal(in_terminal: Any) -> None:
    in_terminal.close(force=True)
    with pytest.raises(ProcessLookupError):
        os.kill(in_terminal.pid, 0)
