"""Deadlines, pauses, keys and what is shown of progress, at the edges of each."""

import builtins
import io
import os
import re
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final

import anyio
from runflow_client import _config as config, _progress as progress, _time as time

from .addresses import environment
from .rows import Plain, result, table

MOMENTS: Final = (0.0, 4.0, 4.999998, 4.9999995, 5.0, 5.0000005, 6.0)


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for seconds in (None, 0.0, 5.0, -1.0):
        yield from table(f"a deadline after {seconds}", partial(_at, seconds), MOMENTS)
    for growth in (1.0, 2.0, 1.5):
        yield from table(
            f"backoff growing by {growth}",
            lambda one, growth=growth: time.backoff(one, 0.5, 1e12, growth),
            (1, 2, 3, 10, 32, 33, 34, 1000),
        )
    longest = partial(time.backoff, first=2.0, longest=5.0)
    yield from table("backoff, at most 5", longest, (1, 2, 3))
    clock, async_clock = time.SystemClock(), time.AsyncSystemClock()
    sleeps: dict[str, Callable[[float], None]] = {
        "sleep": clock.sleep,
        "asynchronous sleep": lambda one: anyio.run(async_clock.sleep, one),
        "sleep in trio": lambda one: anyio.run(async_clock.sleep, one, backend="trio"),
    }
    for name, sleep in sleeps.items():
        yield from table(f"{name}, as long as it is told to", partial(_has_slept, sleep), (0, 0.02))
    begun = monotonic()
    moments = (clock.now(), async_clock.now())
    yield f"* now\n    {all(begun <= one <= monotonic() for one in moments)}"
    yield from _keys()
    yield from _progress()


def _has_slept(sleep: Callable[[float], None], seconds: float) -> bool:
    """Say whether the time has passed: event loops wake a little early."""
    begun = monotonic()
    sleep(seconds)
    return monotonic() - begun >= seconds * 0.9


def _at(seconds: float | None, moment: float) -> Plain:
    """Return what the deadline says at the moment."""
    passed = [10.0]
    deadline = time.Deadline.after(lambda: passed[0], seconds)
    passed[0] += moment
    left = deadline.remaining()
    allows = [one for one in (0, 0.5, 1, 5, 100) if deadline.allows(one)]
    clips = [deadline.clip(one) for one in (None, 0.0, 1.0, 100.0)]
    shown = [None if one is None else round(one, 5) for one in (left, *clips)]
    return Plain(
        f"left {shown[0]}, passed {deadline.has_passed()}, allows {allows}, clips {shown[1:]}"
    )


KEYS: Final = (
    *("rf_live_a", "!", "~", "a b", "a\n", " a", "é", "\x7f", "\x20", '"a"', "'a", "a`", "a'b", ""),
)
STORED: Final[Mapping[str, bytes]] = {
    text.decode("latin-1"): text
    for text in (
        *(
            b'{"api_key": "rf_a"}',
            b'{"api_key": "rf_a", "name": "n"}',
            b'{"api_key": "rf_a", "name": 7}',
        ),
        *(
            b'{"api_key": ""}',
            b'{"api_key": 7}',
            b'{"api_key": null}',
            b'{"key": "rf_a"}',
            b"[]",
            b"{}",
        ),
        *(b"null", b'"rf_a"', b"", b"{", b"\xff", b'{"api_key": "a b"}', b'["api_key"]'),
    )
}


def _keys() -> Iterator[str]:
    with TemporaryDirectory() as name:
        home = Path(name)
        file = home / ".config" / "runflow" / "credentials.json"
        given = {
            "api_key": lambda one: _found(one, None, home),
            "RUNFLOW_API_KEY": lambda one: _found(None, one, home),
            "both": lambda one: _found("rf_x", one, home),
        }
        for how, find in given.items():
            yield from table(f"{how} as it is", find, KEYS)
        file.parent.mkdir(parents=True)
        yield from table("a stored key", partial(_stored, file, home, 0o600), STORED)
        for content in (b'{"api_key": "rf_a"}', b"{"):
            yield from table(
                f"mode of {content.decode()}",
                lambda one, content=content: _stored(file, home, one, content),
                {
                    oct(mode): mode
                    for mode in (0o600, 0o400, 0o700, 0o640, 0o604, 0o610, 0o601, 0o622)
                },
            )
        deep = {"no end": b"[" * 100_000}
        yield from table("a stored key without end", partial(_stored, file, home, 0o600), deep)
        kept = file.rename(home / "kept.json")
        kept.write_bytes(b'{"api_key": "rf_a"}')
        file.symlink_to(kept)
        yield from table("a link for the file", lambda one: _found(None, None, home), [0])
        file.unlink()
        kept.rename(file)
        misspelt = ["RUNFLOW_APIKEY", "RUNFLOW_KEY"]
        for variable in (None, "rf_x"):
            yield from table(
                f"a misspelt variable, {variable} in the right one and a stored key",
                lambda one, variable=variable: _found(None, variable, home, **{one: "x"}),
                misspelt,
            )
        yield from table("without a home", lambda one: _found(None, None, Path(one)), ["~"])
        file.unlink()
        file.mkdir()
        yield from table("a folder for the file", lambda one: _found(None, None, home), [0])
        file.rmdir()
        file.parent.rmdir()
        file.parent.write_text("x")
        yield from table("a file for its folder", lambda one: _found(None, None, home), [0])
        yield from table(
            "a misspelt variable",
            lambda one: _found(None, None, home, **{one: "x"}),
            misspelt,
        )


def _found(argument: str | None, variable: str | None, home: Path, **more: str) -> Plain:
    """Return the key that is found, and where, or what is said."""

    def find(key: Any) -> object:
        with environment(HOME=str(home), USERPROFILE=str(home), RUNFLOW_API_KEY=variable, **more):
            found = config.find_api_key(key)
        assert found.value not in repr(found)
        return found.value, found.source, found.name

    return Plain(result(find, argument).replace(str(home), "HOME"))


def _stored(file: Path, home: Path, mode: int, content: bytes) -> Plain:
    file.write_bytes(content)
    file.chmod(mode)
    try:
        return _found(None, None, home)
    finally:
        file.chmod(0o600)


ERASED: Final = "\x1b[2K"
RUN: Final = {"nodes_completed": None, "nodes_total": None}
BATCH: Final = {"items_total": 0, "items_succeeded": 0, "items_failed": 0, "items_canceled": 0}
STATES: Final[Mapping[str, dict[str, Any]]] = {
    "a run": RUN,
    "a run of nothing": {**RUN, "nodes_total": 0},
    "a run that begins": {**RUN, "nodes_total": 4},
    "a run, part of it": {"nodes_total": 4, "nodes_completed": 3},
    "an empty batch": BATCH,
    "a batch without facts": dict.fromkeys(BATCH),
    "a batch": {"items_total": 9, "items_succeeded": 1, "items_failed": 2, "items_canceled": 3},
    "an evaluation": {},
}


class Broken(io.StringIO):
    """A stream whose other end is gone."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


class Held(io.StringIO):
    """A stream that keeps what is written until it is flushed."""

    out = ""

    def flush(self) -> None:
        self.out = super().getvalue()

    def getvalue(self) -> str:
        return self.out


def _line(stream: io.StringIO) -> Plain:
    """Return what lines about a run write to this stream."""
    lines = progress.Lines()
    with redirect_stderr(stream):
        for status, completed in (("s", None), ("s", 3), (None, 3)):
            lines.show(
                SimpleNamespace(id="a", status=status, nodes_total=4, nodes_completed=completed)
            )
        lines.close()
    return Plain("nothing" if stream.closed else repr(stream.getvalue()))


def _lasting(moments: tuple[float, ...]) -> list[str]:
    """Return the lines about two runs at these moments, and again after they were forgotten."""
    passed = iter([*moments, *(one + 1000 for one in moments)])
    lines = progress.Lines(now=lambda: next(passed))
    written = io.StringIO()
    with redirect_stderr(written):
        for _ in range(2):
            for number in range(len(moments)):
                lines.show(SimpleNamespace(id="ab"[number % 2], status="s", **RUN))
            lines.close()
    return [line.rpartition(", ")[2] for line in written.getvalue().splitlines()]


def _progress() -> Iterator[str]:
    yield from table("how long it takes", _lasting, [(7.0, 8.0, 7.4, 9.5, 70.6, 3608.0)])
    closed = io.StringIO()
    closed.close()
    streams = {"open": io.StringIO(), "held": Held(), "closed": closed, "broken": Broken()}
    yield from table("lines to a stream", _line, streams)
    for has_ended in (False, True):
        yield from table(
            f"the bar of what has ended={has_ended}", partial(_bar, has_ended=has_ended), STATES
        )
    yield from table("drawn, and what disappears of it", _drawn, ("over", "[b]over[/i]"))
    yield from table("the last that is drawn", _frame, {"all of it": STATES})
    yield f"* bars that are closed are let go\n    {_are_let_go()}"
    terminals = {
        f"{terminal} as {stream.__name__}": (terminal, stream)
        for terminal in ("xterm", "dumb")
        for stream in (Screen, io.StringIO)
    }
    yield from table("the view in a terminal", lambda one: _view(*one), terminals)
    shells = ("ZMQInteractiveShell", "TerminalInteractiveShell")
    yield from table("bars can be drawn in a shell of IPython", _can_draw, shells)


def _can_draw(shell: str) -> bool:
    """Say whether bars can be drawn by a shell of this class; that of a notebook is no terminal."""
    builtins.get_ipython = type(shell, (), {})  # type: ignore[attr-defined] # as IPython does
    try:
        with environment(TERM="dumb"), redirect_stderr(io.StringIO()):
            return progress._console() is not None
    finally:
        del builtins.get_ipython  # type: ignore[attr-defined]


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def _view(terminal: str, stream: type[io.StringIO]) -> Plain:
    """Return what draws, and how many lines come to stderr of a run that ends."""
    written = stream()
    with environment(TERM=terminal), redirect_stderr(written):
        display = progress.progress()
        with display:
            display(SimpleNamespace(id="a", status="over", has_ended=True, **RUN))
            display(SimpleNamespace(id="b", status="over", has_ended=False, **RUN))
    shows = [f"run {one}" in written.getvalue() for one in "ab"]
    return Plain(f"{type(display._view).__name__}, shows {shows}")


def _drawn(status: str) -> Plain:
    """Return what runs that ended leave in a terminal, and whether it goes in the end."""
    from rich.console import Console

    told: list[str] = []
    for transient in (False, True):
        written = Screen()
        console = Console(file=written, force_terminal=True, width=90, legacy_windows=False)
        bars = progress.Bars(console, transient=transient)
        for name in ("a", "a", "b"):
            bars.show(SimpleNamespace(id=name, status=status, has_ended=True, **RUN))
            bars.close()
        shown, _, rest = written.getvalue().rpartition(status)
        names = [
            name
            for name in "ab"
            if re.search(f"run {name}\\W.*{re.escape(status)}", shown + status)
        ]
        told.append(f"{names} with the status, gone in the end: {ERASED in rest}")
    return Plain("; ".join(told))


_ANSI: Final = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_SPINS: Final = re.compile("[\u2800-\u28ff]")
_TIME: Final = re.compile(r"\d+:\d\d:\d\d")


def _frame(states: Mapping[str, dict[str, Any]]) -> Plain:
    """Return what is drawn last of these states, each of which has a share or has ended."""
    from rich.console import Console

    written = Screen()
    console = Console(file=written, force_terminal=True, width=90, legacy_windows=False)
    bars = progress.Bars(console)
    for number, facts in enumerate(states.values()):
        name, has_ended = f"[b]{number:05}", not (facts.get("nodes_total") or 0)
        status = "[i]so" if number else None
        bars.show(SimpleNamespace(id=name, status=status, has_ended=has_ended, **facts))
    bars.close()
    last = _ANSI.sub("", written.getvalue().rpartition(ERASED)[2])
    lines = "\n    ".join(line.rstrip() for line in last.splitlines())
    return Plain(_TIME.sub("<time>", _SPINS.sub("<spins>", lines)))


def _are_let_go() -> bool:
    """Say whether nothing holds bars that were closed, as what is done at the exit would."""
    from rich.console import Console

    bars = progress.Bars(Console(file=Screen(), force_terminal=True))
    bars.show(SimpleNamespace(id="a", status="over", has_ended=True, **RUN))
    bars.close()
    held = weakref.ref(bars)
    del bars
    return held() is None


def _bar(facts: Mapping[str, Any], *, has_ended: bool) -> Plain:
    """Return what the bar of a state holds, and after another state of the same."""
    from rich.console import Console

    console = Console(file=open(os.devnull, "w"), force_terminal=True)  # noqa: SIM115
    bars = progress.Bars(console)
    states = [
        SimpleNamespace(id="0123456789abcdef", status="running", has_ended=False, **facts),
        SimpleNamespace(id="0123456789abcdef", status="over", has_ended=has_ended, **facts),
    ]
    told: list[str] = []
    try:
        for state in states:
            bars.show(state)
            (task,) = bars.start().tasks
            ended = task.finished_time is not None or task.stop_time is not None
            told.append(
                f"{task.fields['name']} {task.description} {task.completed:g} of {task.total} "
                f"{task.fields['done']!r} ended={ended}"
            )
    finally:
        bars.close()
        console.file.close()
    return Plain(" | ".join(told))
