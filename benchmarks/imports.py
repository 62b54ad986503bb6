"""What an import costs: sums of `-X importtime` in fresh interpreters that take turns, so that what
disturbs hits all.
"""

import subprocess
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.measuring import in_turns, median, median_ratio

TURNS: Final = 11


def milliseconds(python: Path, statement: str) -> float:
    """The time of all modules that the statement loads in a fresh interpreter, without what the
    interpreter loads itself.
    """
    done = subprocess.run(
        [str(python), "-I", "-X", "importtime", "-c", statement],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [
        line.removeprefix("import time:").split("|")
        for line in done.stderr.splitlines()
        if "|" in line
    ]
    names = [parts[2].strip() for parts in lines]
    return sum(float(parts[0]) for parts in lines[names.index("site") + 1 :]) / 1000


def compare(
    python: Path, statements: Mapping[str, str], yardstick: str, turns: int = TURNS
) -> dict[str, dict[str, float]]:
    """For each named statement the median time, and the median of its ratios to the yardstick's in
    the same turn.
    """
    tasks = {name: partial(milliseconds, python, one) for name, one in statements.items()}
    times = in_turns(tasks, turns)
    return {
        name: {"milliseconds": median(spent), "ratio": median_ratio(spent, times[yardstick])}
        for name, spent in times.items()
    }
