"""What a terminal shows while a step goes on, and that nothing of it stays."""

import io
import itertools
import os
import subprocess
import sys
import threading

import pytest

from ...project.paths import ROOT
from ...project.progress import Progress

CLEAN = "\r\x1b[2K"


class Terminal(io.StringIO):
    """A terminal that tells when a step in progress was shown."""

    def __init__(self, *, is_terminal: bool = True) -> None:
        super().__init__()
        self.shown = threading.Event()
        self.is_terminal = is_terminal

    def write(self, text: str) -> int:
        """Take a text."""
        written = super().write(text)
        if "…" in text:
            self.shown.set()
        return written

    def isatty(self) -> bool:
        """Whether people look at it."""
        return self.is_terminal


def fails(progress: Progress, terminal: Terminal) -> None:
    """Fail in a step that was shown."""
    with progress.step("a step of many letters"):
        assert terminal.shown.wait(60)
        raise KeyError("a")


def test_a_step_is_shown_with_its_seconds_until_it_is_done() -> None:
    terminal, out, times = Terminal(), io.StringIO(), itertools.count(0, 30)
    progress = Progress("test", out, terminal, clock=lambda: float(next(times)))
    before = threading.active_count()
    with progress.step("generate") as step:
        assert terminal.shown.wait(60)
        step.message = "done"
    assert threading.active_count() == before
    assert terminal.getvalue().startswith(f"{CLEAN}generate   … 30 s")
    assert terminal.getvalue().endswith(f" s{CLEAN}")
    assert out.getvalue() == "generate   done\n"
    terminal.shown.clear()
    shown = len(terminal.getvalue())
    with pytest.raises(KeyError):
        fails(progress, terminal)
    assert threading.active_count() == before
    assert terminal.getvalue()[shown:].startswith(f"{CLEAN}a step of many letters … 30 s")
    assert terminal.getvalue().endswith(f" s{CLEAN}")
    assert out.getvalue() == "generate   done\n"


@pytest.mark.parametrize("is_terminal", [True, False])
def test_steps_are_shown_where_people_look(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, error = Terminal(is_terminal=not is_terminal), Terminal(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", error)
    progress = Progress("test")
    assert progress.out is out
    assert progress.terminal is (error if is_terminal else None)
    with progress.step("a"):
        pass
    assert error.getvalue() == (CLEAN if is_terminal else "")


STEPS = """
import os
from regenerate.project.progress import Progress
progress = Progress("test", terminal=None)
for name in "abc":
    with progress.step(name):
        pass
os.write(2, " ".join(one["step"] for one in progress.report()["steps"] if one["done"]).encode())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_where_nobody_reads_on_what_is_being_done_is_done() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-c", STEPS],
            cwd=ROOT,
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, b"a b c")
