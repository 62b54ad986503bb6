"""A receiver of the examples in a process of its own, as its reader would run it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define

RECEIVERS = Path(__file__).parents[3] / "examples" / "receivers"

_RUNNING = re.compile(r"[Rr]unning on (http://127\.0\.0\.1:\d+)")


@define
class RunningExample:
    """A receiver that runs: where callbacks go, and the lines that it prints."""

    url: str
    lines: Iterator[str]
    stop: Callable[[], None]

    def lines_until(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Read lines until one has the pattern."""
        return _lines_until(self.lines, pattern)


def _lines_until(lines: Iterator[str], pattern: re.Pattern[str]) -> re.Match[str]:
    seen: list[str] = []
    for line in lines:
        seen.append(line)
        if found := pattern.search(line):
            return found
    raise AssertionError(f"the example ended and had said: {''.join(seen)}")


@contextmanager
def running_example(
    example: Path, folder: Path, secret: str
) -> Generator[RunningExample, None, None]:
    """Run the receiver with its inbox in the folder. It is stopped at the end, if not before."""
    environment = {
        **os.environ,
        "PORT": "0",
        "RUNFLOW_CALLBACK_SECRET": f"whsec_next {secret}",
        "RUNFLOW_INBOX": str(folder / "inbox.sqlite3"),
        "PYTHONWARNINGS": "error",
    }
    with subprocess.Popen(
        [sys.executable, str(example)],
        env=environment,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        try:
            yield RunningExample(
                _lines_until(lines, _RUNNING)[1] + "/runflow/callbacks", lines, process.terminate
            )
        finally:
            process.terminate()
