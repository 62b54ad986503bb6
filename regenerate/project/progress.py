"""What a target did, a line a step: shown as it goes on, and kept for the report beside it."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final, Literal, TextIO

import attrs

from ..document.json_tree import JSONObject, JSONValue, readable_text

Outcome = Literal["changed", "unchanged", "sound", "refused", "failed"]

_WIDTH: Final = 10
_TICK_SECONDS: Final = 0.2


def counted(number: int, noun: str) -> str:
    """A number with its noun: ``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


@attrs.define
class Step:
    """What one step says: a line for people, and facts for machines."""

    message: str = ""
    facts: JSONObject = attrs.field(factory=dict[str, JSONValue])


@attrs.define
class Progress:
    """The steps of one target. Lines go to ``out``; ``terminal`` shows what is going on, or None."""

    target: str
    out: TextIO = attrs.field(factory=lambda: sys.stdout)
    terminal: TextIO | None = attrs.field(factory=lambda: sys.stderr if sys.stderr.isatty() else None)
    clock: Callable[[], float] = time.monotonic
    outcome: Outcome = "failed"
    refusal: str | None = None
    facts: JSONObject = attrs.field(factory=dict[str, JSONValue])
    _done: list[JSONValue] = attrs.field(init=False, factory=list[JSONValue])

    @contextlib.contextmanager
    def step(self, name: str) -> Generator[Step, None, None]:
        """Do one step inside: what its note says is shown when it is done, and that it was refused when it raises."""
        step, began, sound = Step(), self.clock(), False
        try:
            with _showing(self.terminal, name, self.clock):
                yield step
            sound = True
        finally:
            entry: JSONObject = {"step": name, "done": sound, "seconds": round(self.clock() - began, 3)}
            self._done.append({**entry, "message": step.message, **step.facts})
            if sound:
                self.say(f"{name:<{_WIDTH}} {step.message}")

    def recovered(self, names: tuple[str, ...]) -> None:
        """Say what an interrupted change before this target had still to put in its place; nothing for nothing."""
        if names:
            with self.step("recover") as step:
                step.message = f"an interrupted change was finished: {', '.join(names)}"

    def say(self, text: str) -> None:
        """Show a line."""
        print(text, file=self.out, flush=True)

    def report(self) -> JSONObject:
        """Everything that happened, for machines."""
        return {
            "target": self.target,
            "outcome": self.outcome,
            "refusal": self.refusal,
            "steps": list(self._done),
            **self.facts,
        }

    def write(self, folder: Path) -> Path:
        """Write the report as ``<target>.json`` into the folder and give back its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.target}.json"
        staged = path.with_suffix(f".{os.getpid()}")
        staged.write_text(readable_text(self.report()), encoding="utf-8")
        os.replace(staged, path)
        return path


@contextlib.contextmanager
def _showing(terminal: TextIO | None, name: str, clock: Callable[[], float]) -> Generator[None, None, None]:
    """Show on a terminal which step is going on and for how many seconds, until it is done."""
    if terminal is None:
        yield
        return
    done, began = threading.Event(), clock()

    def tick() -> None:
        while not done.wait(_TICK_SECONDS):
            print(f"\r\x1b[2K{name:<{_WIDTH}} … {clock() - began:.0f} s", end="", file=terminal, flush=True)

    ticking = threading.Thread(target=tick, daemon=True)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()
        print("\r\x1b[2K", end="", file=terminal, flush=True)
