"""Runs of pytest in a tree, each a process of its own that ends with all that it started."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import define, field


@define
class Starter:
    """Starts runs in this tree by way of starting.py."""

    tree: Path
    environment: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def run(self, arguments: Sequence[str], output: Path, seconds: float) -> int | None:
        """Run pytest; give its exit status, None if it took longer than so many seconds. What it says goes to the file."""
        process = self._opened()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"arguments": arguments, "output": str(output)}).encode() + b"\n")
        run = int(process.stdout.readline())
        ended, _, _ = select.select([process.stdout], [], [], seconds)
        _end(run)
        status = int(process.stdout.readline())
        return status if ended else None

    def close(self) -> None:
        """Start nothing any more."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _opened(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "faults.starting"],
                cwd=self.tree,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,  # so that nothing waits in a buffer while we wait for it
            )
        return self._process


def _end(group: int) -> None:
    """End a run with whatever it left behind."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
