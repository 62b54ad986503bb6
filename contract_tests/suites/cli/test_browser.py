"""A page is opened by the system's own program, else by Python, and a machine without a browser
says so.
"""

import os
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from runflow_client.cli.shared.browser import open_page

from .test_login import Browser, log_in

PAGE: Final = "https://app.runflow.io/x?a=1&b=2"
STATUS: Final = Path("/proc/self/stat")
"""Where Linux says in which session a process is."""
PROGRAMS: Final[dict[str, tuple[str, bool]]] = {
    "opens it": ("exit 0", True),
    "has no browser": ("exit 3", False),
    "failed": ("exit 4", False),
    "runs as the browser does": ("read end < end", True),
    "reads nothing": ("! read -r typed", True),
}
if STATUS.exists():
    PROGRAMS["does not get Ctrl-C"] = (
        'read -r id name state parent group session rest < /proc/$$/stat; [ "$session" = "$$" ]',
        True,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a folder that alone has programs, while a line is typed on stdin."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.platform", "linux")
    before = os.dup(0)
    reading, writing = os.pipe()
    os.write(writing, b"typed\n")
    os.dup2(reading, 0)
    yield tmp_path
    os.dup2(before, 0)
    for descriptor in (before, reading, writing):
        os.close(descriptor)


def write(program: Path, line: str) -> None:
    program.write_text(f'#!/bin/sh\necho "$@" >> asked\necho noise\necho noise >&2\n{line}\n')
    program.chmod(0o755)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_program_of_the_system_is_asked_and_heard(
    folder: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    line, is_open = PROGRAMS[name]
    os.mkfifo(folder / "end")
    write(folder / "xdg-open", line)
    patience = 0.2 if name.startswith("runs") else 60.0
    assert open_page(PAGE, patience=patience) is is_open
    if name.startswith("runs"):
        (folder / "end").write_text("now\n")
    assert (folder / "asked").read_text() == f"{PAGE}\n"
    assert capfd.readouterr() == ("", "")


def test_a_mac_has_a_program_of_another_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    write(folder / "xdg-open", "exit 3")
    write(folder / "open", "exit 0")
    assert open_page(PAGE)


@pytest.mark.parametrize("is_open", [True, False])
def test_without_a_program_python_opens_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, is_open: bool
) -> None:
    opened: list[str] = []

    def page(url: str) -> bool:
        opened.append(url)
        return is_open

    monkeypatch.setattr(webbrowser, "open", page)
    assert open_page(PAGE) is is_open
    assert opened == [PAGE]


@pytest.mark.parametrize("is_open", [True, False])
def test_a_login_without_a_browser_says_so_and_waits_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_open: bool
) -> None:
    browser = Browser(is_there=is_open)
    done = log_in(monkeypatch, tmp_path, browser)
    assert done.code == 0
    told = f"Agree on this page:\n{browser.pages[0]}\n"
    told += "" if is_open else "No browser could be opened: open the page yourself.\n"
    assert done.err == told
