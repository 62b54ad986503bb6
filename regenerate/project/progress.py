"""Report what a target does, a line a step: shown as it goes on, and kept for the report."""

import contextlib
import io
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, Literal, TextIO

from attrs import define, field

from ..document.json_tree import JSONObject, JSONValue, readable_text

Outcome = Literal["changed", "unchanged", "sound", "refused", "failed"]

_WIDTH: Final = 10
_TICK_SECONDS: Final = 0.2


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@define
class Step:
    """What one step reports: a message for people, and facts for machines."""

    message: str = ""
    facts: JSONObject = field(factory=dict[str, JSONValue])


@define
class Progress:
    """The steps of one target. Lines go to `out`; `terminal` shows the running step."""

    target: str
    out: TextIO = field(factory=lambda: sys.stdout)
    terminal: TextIO | None = field(factory=lambda: sys.stderr if sys.stderr.isatty() else None)
    clock: Callable[[], float] = time.monotonic
    outcome: Outcome = "failed"
    refusal: str | None = None
    facts: JSONObject = field(factory=dict[str, JSONValue])
    has_recovered: bool = field(init=False, default=False)
    """Whether an interrupted change before this target was finished."""
    _done: list[JSONValue] = field(init=False, factory=list[JSONValue])

    @contextlib.contextmanager
    def step(self, name: str) -> Generator[Step, None, None]:
        """Do one step inside.

        Its message is shown when it is done; when it raises, the step counts as refused.
        """
        step, began, sound = Step(), self.clock(), False
        try:
            with _showing(self.terminal, name, self.clock):
                yield step
            sound = True
        finally:
            entry: JSONObject = {
                "step": name,
                "done": sound,
                "seconds": round(self.clock() - began, 3),
            }
            self._done.append({**entry, "message": step.message, **step.facts})
            if sound:
                self.say(f"{name:<{_WIDTH}} {step.message}")

    def recovered(self, names: tuple[str, ...]) -> None:
        """Report what an interrupted change before this target left to be replaced, if anything."""
        if names:
            self.has_recovered = True
            with self.step("recover") as step:
                step.message = f"an interrupted change was finished: {', '.join(names)}"

    def say(self, text: str) -> None:
        """Show a line. Where its reader has ended, the target goes to its end all the same."""
        try:
            print(text, file=self.out, flush=True)
        except BrokenPipeError:
            if self.out is sys.stdout:  # where Python writes at its end what is left
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.out = io.StringIO()

    def report(self) -> JSONObject:
        """Return everything that happened, for machines."""
        return {
            "target": self.target,
            "outcome": self.outcome,
            "refusal": self.refusal,
            "steps": list(self._done),
            **self.facts,
        }

    def write(self, folder: Path) -> Path:
        """Write the report as `<target>.json` into the folder and give back its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.target}.json"
        staged = path.with_suffix(f".{os.getpid()}")
        staged.write_text(readable_text(self.report()), encoding="utf-8")
        os.replace(staged, path)
        return path


@contextlib.contextmanager
def _showing(
    terminal: TextIO | None, name: str, clock: Callable[[], float]
) -> Generator[None, None, None]:
    """Show on a terminal which step is going on and for how many seconds, until it is done."""
    if terminal is None:
        yield
        return
    done, began = threading.Event(), clock()

    def tick() -> None:
        while not done.wait(_TICK_SECONDS):
            print(
                f"\r\x1b[2K{name:<{_WIDTH}} … {clock() - began:.0f} s",
                end="",
                file=terminal,
                flush=True,
            )

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()
        print("\r\x1b[2K", end="", file=terminal, flush=True)
