"""What starting the command costs: `runflow --help` beside `python -c "import typer"`.

Fresh interpreters take turns, and CPU time is measured: a shared machine disturbs it least.
`python -m benchmarks.command` prints it alone.
"""

import json
import os
import subprocess
import sys
from functools import partial
from typing import Final

from benchmarks.measuring import in_turns, median, median_ratio

TURNS: Final = 11
HELP: Final = (sys.executable, "-m", "runflow_client.cli", "--help")
YARDSTICK: Final = (sys.executable, "-c", "import typer")


def cpu_milliseconds(command: tuple[str, ...]) -> float:
    """Return the CPU time of a process, its own and the system's for it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    return (usage.ru_utime + usage.ru_stime) * 1000


def measure(turns: int = TURNS) -> dict[str, float]:
    """Return the medians of both, and the median of their ratio in the same turn."""
    commands = {"help": HELP, "typer": YARDSTICK}
    times = in_turns(
        {name: partial(cpu_milliseconds, one) for name, one in commands.items()}, turns
    )
    medians = {name: median(spent) for name, spent in times.items()}
    return {**medians, "ratio": median_ratio(times["help"], times["typer"])}


if __name__ == "__main__":
    print(json.dumps(measure()))
