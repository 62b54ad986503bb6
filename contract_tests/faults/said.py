"""What functions say when they run: numbers, kept for the test that runs, also those of the processes that it starts."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

LISTENER: Final = "FAULTS_LISTENER"
"""The environment variable that tells processes who listens: the id of pytest's process, and a folder to write into."""


class Said(set[int]):
    """The numbers that were said since the last hearing."""

    def __init__(self) -> None:
        super().__init__()
        self._listeners: list[set[int]] = []

    def add(self, number: int) -> None:
        """Hear a number. A process that is not pytest's writes it down at once, for it may be killed."""
        for heard in self._listeners:
            heard.add(number)
        if number in self:
            return
        super().add(number)
        listener, _, folder = os.environ.get(LISTENER, "").partition(":")
        if folder and listener != str(os.getpid()):
            with open(Path(folder) / str(os.getpid()), "a", encoding="ascii") as file:
                file.write(f"{number}\n")

    @contextmanager
    def heard(self) -> Generator[set[int], None, None]:
        """The numbers that are said while the block lasts, whether for the first time or not."""
        found: set[int] = set()
        self._listeners.append(found)
        try:
            yield found
        finally:
            self._listeners[:] = [one for one in self._listeners if one is not found]


said: Final = Said()


def recalls(cached: Callable[..., Any]) -> Callable[..., Any]:
    """A function that remembers its results says each time what was said to make them: they were made for an earlier test."""
    known: set[int] = set()

    @functools.wraps(cached)
    def call(*arguments: Any, **named: Any) -> Any:
        with said.heard() as found:
            result = cached(*arguments, **named)
        known.update(found)
        for number in known - said:
            said.add(number)
        return result

    for name in ("cache_clear", "cache_info"):
        if hasattr(cached, name):
            setattr(call, name, getattr(cached, name))
    return call


class Hearing:
    """Listens in pytest's process, with a folder for what others write down."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        os.environ[LISTENER] = f"{os.getpid()}:{folder}"

    def take(self) -> set[int]:
        """What was said since the last time, here and elsewhere."""
        found = set(said)
        said.clear()
        for path in self._folder.iterdir():
            found.update(int(line) for line in path.read_text(encoding="ascii").splitlines() if line)
            path.unlink()
        return found
