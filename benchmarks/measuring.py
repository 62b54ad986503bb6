"""What is read off a process while it works: CPU, memory, the event loop's lag; and how numbers are
summed up.
"""

import argparse
import asyncio
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TICK: Final = 0.01
"""Seconds between two looks at the event loop."""

_CERTIFICATES: Final = {"SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"}


def usual_environment() -> dict[str, str]:
    """The environment as on most machines: certificates are those that httpx brings."""
    return {name: value for name, value in os.environ.items() if name not in _CERTIFICATES}


def resident_kilobytes() -> float:
    """The memory that this process holds now, after the garbage is collected (Linux: from
    /proc).
    """
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


def peak_megabytes() -> float:
    """The most memory that this process has held (Linux: from /proc). What getrusage says would
    begin with what its parent held.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line.split()[1] for line in status.splitlines() if "VmHWM" in line)) / 1024


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of them lies; not a number where there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    """The median; not a number where there is none."""
    return statistics.median(values) if values else float("nan")


def median_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of what was measured in the same turn."""
    return median([one / base for one, base in zip(above, below, strict=True)])


def in_turns(tasks: Mapping[str, Callable[[], float]], turns: int) -> dict[str, list[float]]:
    """What each task gives in each turn. They alternate, so that what disturbs hits all.

    A turn before the first one loads code and writes byte code, and does not count.
    """
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(turns + 1):
        for name, task in tasks.items():
            measured = task()
            if turn:
                found[name].append(measured)
    return found


class LoopLag:
    """By how much the event loop is late, and how much CPU it spends between two looks.

    `late` is seconds that a sleep took too long: on a machine that others use too, their share is
    in it. `busy` is seconds of this process's CPU between two looks, which nobody else can
    lengthen.
    """

    def __init__(self) -> None:
        self.late: list[float] = []
        self.busy: list[float] = []

    async def watch(self) -> None:
        """Look until cancelled."""
        while True:
            due, cpu = time.monotonic() + TICK, time.process_time()
            await asyncio.sleep(TICK)
            self.late.append(max(0.0, time.monotonic() - due))
            self.busy.append(time.process_time() - cpu)

    @contextmanager
    def watching(self) -> Generator[None]:
        """Look for the length of a `with` block."""
        task = asyncio.get_running_loop().create_task(self.watch())
        try:
            yield
        finally:
            task.cancel()


def print_measured(measure: Callable[[str], object], description: str | None) -> None:
    """Be a command that measures against `--server`, a base URL of benchmarks.scripted_server, and
    prints the figures as JSON.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", required=True, help="base URL of benchmarks.scripted_server")
    json.dump(measure(parser.parse_args().server), sys.stdout)
