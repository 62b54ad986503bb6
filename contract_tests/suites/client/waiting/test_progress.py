"""`on_update=progress()`: bars in a terminal, plain lines elsewhere, one run and many."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import pexpect
import pytest
from attrs import define, field
from runflow_client import progress
from runflow_client._progress import ProgressDisplay
from runflow_mock import AcceleratedClock, MockRunflow

HANGS = 60
MANY = """
import asyncio
from runflow_client import AsyncRunflow, progress

async def main():
    bars = progress()
    async with AsyncRunflow() as client:
        runs = (client.run("google/nano-banana-pro", {"prompt": str(n)}, on_update=bars)
                for n in range(3))
        await asyncio.gather(*runs)
    print("all done")

asyncio.run(main())
"""
ONE = """
from runflow_client import Runflow, progress
with Runflow() as client:
    client.run("google/nano-banana-pro", {"prompt": "x"}, on_update=progress())
print("all done")
"""
GIVEN_UP = ONE.replace("on_update", "timeout=1, on_update")
WITHOUT_RICH = "import sys; sys.modules['rich'] = None\n" + ONE
SHOWN_CURSOR = "\x1b[?25h"
ERASED_LINE = "\x1b[2K"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    """Return a server on which time passes by itself."""
    with MockRunflow(clock=AcceleratedClock(30)) as server:
        yield server


def environment(mock: MockRunflow) -> dict[str, str]:
    return {
        **os.environ,
        "RUNFLOW_BASE_URL": mock.base_url,
        "RUNFLOW_API_KEY": mock.api_key,
        "TERM": "xterm",
    }


def in_a_terminal(code: str, mock: MockRunflow, folder: Path, **variables: str) -> str:
    """What the program shows in a terminal."""
    script = folder / "program.py"
    script.write_text(code)
    child = pexpect.spawn(
        sys.executable,
        [str(script)],
        env={**environment(mock), **variables},
        dimensions=(24, 100),
        encoding="utf-8",
        timeout=HANGS,
    )
    child.expect(pexpect.EOF)
    child.close()
    return str(child.before)


def in_a_pipe(code: str, mock: MockRunflow) -> list[str]:
    """The lines that the program writes to stderr."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(mock),
        timeout=HANGS,
    )
    assert done.stdout == "all done\n"
    return done.stderr.splitlines()


@pytest.mark.parametrize("code", [ONE, MANY])
def test_bars_are_drawn_in_a_terminal(mock: MockRunflow, tmp_path: Path, code: str) -> None:
    shown = in_a_terminal(code, mock, tmp_path)
    for run in mock.runs:
        assert f"run {run['id'][-8:]}" in shown
    assert "succeeded" in shown.rpartition(ERASED_LINE)[2], "it stays"
    assert shown.rstrip().endswith("all done")
    assert shown.rindex(SHOWN_CURSOR) < shown.index("all done")


@pytest.mark.parametrize("code", [ONE, MANY])
def test_a_pipe_gets_one_line_at_every_change(mock: MockRunflow, code: str) -> None:
    lines = in_a_pipe(code, mock)
    assert mock.runs
    for run in mock.runs:
        own = [line for line in lines if line.startswith(f"run {run['id']}: ")]
        assert "succeeded" in own[-1]
        assert len(own) > 1


def test_without_rich_a_terminal_gets_lines(mock: MockRunflow, tmp_path: Path) -> None:
    shown = in_a_terminal(WITHOUT_RICH, mock, tmp_path)
    (run,) = mock.runs
    assert f"run {run['id']}: succeeded" in shown
    assert "\x1b" not in shown


def test_a_dumb_terminal_gets_lines(mock: MockRunflow, tmp_path: Path) -> None:
    assert "\x1b" not in in_a_terminal(ONE, mock, tmp_path, TERM="dumb")


def test_a_wait_that_is_given_up_leaves_the_cursor(mock: MockRunflow, tmp_path: Path) -> None:
    mock.next_outcome("never")
    shown = in_a_terminal(GIVEN_UP, mock, tmp_path)
    assert "WaitTimeout" in shown
    assert shown.rindex(SHOWN_CURSOR) > shown.rindex("\x1b[?25l")


RUN, BATCH, EVALUATION = ({"id": f"0198c0de-0000-7000-8000-00000000000{n}"} for n in "123")
NODES = {"nodes_completed": 3, "nodes_total": 7}
ITEMS = {"items_total": 9, "items_succeeded": 2, "items_failed": 3, "items_canceled": 1}
STATES: Final = (
    ({**RUN, "status": "queued", "nodes_completed": None, "nodes_total": None}, "run", "queued"),
    ({**RUN, "status": "running", **NODES}, "run", "running 3/7"),
    ({**BATCH, "status": "running", **ITEMS}, "batch", "running 6/9"),
    ({**BATCH, "status": "running", **ITEMS, "items_failed": None}, "batch", "running 3/9"),
    ({**EVALUATION, "status": "pending"}, "evaluation", "pending"),
)


@pytest.mark.parametrize(("facts", "kind", "told"), STATES)
def test_each_kind_of_state_is_shown_with_its_share(
    facts: dict[str, Any], kind: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    display = progress()
    display(SimpleNamespace(has_ended=False, **facts))
    display(SimpleNamespace(has_ended=True, **{**facts, "status": "over"}))
    first, last = capsys.readouterr().err.splitlines()
    assert first == f"{kind} {facts['id']}: {told}, 0 s"
    assert last == f"{kind} {facts['id']}: over{told.removeprefix(facts['status'])}, 0 s"


STROKES: Final = 2000


def test_threads_that_share_a_display_draw_one_after_another() -> None:
    told: list[str] = []

    @define
    class Strokes:
        """A view that needs a while for each of its strokes."""

        def show(self, state: Any) -> None:
            for _ in range(STROKES):
                told.append(state.id)

        def close(self) -> None:
            """Keep what was drawn."""

    display = ProgressDisplay(Strokes())
    states = [SimpleNamespace(id=str(number), has_ended=False) for number in range(40)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(display, states))
    finally:
        sys.setswitchinterval(interval)
    drawn = [told[at : at + STROKES] for at in range(0, len(told), STROKES)]
    assert [len({*one}) for one in drawn] == [1] * len(states)


def test_a_display_draws_until_all_that_it_has_seen_has_ended() -> None:
    @define
    class Seen:
        """A view that counts."""

        shown: list[str] = field(factory=list[str])
        closed: int = 0

        def show(self, state: Any) -> None:
            self.shown.append(state.id)

        def close(self) -> None:
            self.closed += 1
            self.shown.append("closed")

    view = Seen()
    display = ProgressDisplay(view)
    for name, has_ended, closed in (
        ("a", False, 0),
        ("b", False, 0),
        ("a", False, 0),
        ("a", True, 0),
        ("b", True, 1),
        ("c", False, 1),
    ):
        display(SimpleNamespace(id=name, has_ended=has_ended))
        assert view.closed == closed
    display.close()
    assert view.shown == ["a", "b", "a", "a", "b", "closed", "c", "closed"]
    display(SimpleNamespace(id="d", has_ended=True))
    assert view.shown[-2:] == ["d", "closed"], "what was given up is not waited for"
    with suppress(LookupError), display as entered:
        assert entered is display
        display(SimpleNamespace(id="e", has_ended=False))
        raise LookupError
    assert view.shown[-2:] == ["e", "closed"], "it ends with the block"
