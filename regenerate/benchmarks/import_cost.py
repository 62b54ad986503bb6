"""What importing the client and one operation costs, as a multiple of importing httpx alone.

Each round starts fresh interpreters in turn, so that a busy machine slows all of them down alike. The times are those
of `python -X importtime`: the sum over all modules that the interpreter has not imported anyway.

    python -m regenerate.benchmarks.import_cost [--rounds 9] [--root generated] [--operation models.create_run]
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
GOAL: Final = 1.2
LINE: Final = re.compile(r"import time:\s+(\d+) \|\s+\d+ \| *(\S+)")


def import_times(statement: str, folder: Path, compiled: Path) -> dict[str, int]:
    """Give the microseconds that each module took when a fresh interpreter ran a statement.

    `compiled` keeps the compiled modules from one interpreter to the next, whatever the environment says of them.
    """
    command = [sys.executable, "-X", "importtime", "-c", statement]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(compiled)
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return {match[2]: int(match[1]) for match in LINE.finditer(finished.stderr)}


def main() -> int:
    """Print the medians and the ratio; 1 if it is above the goal."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=9)
    options.add_argument("--root", type=Path, default=ROOT / "generated")
    options.add_argument("--package", default="runflow_api")
    options.add_argument("--operation", default="models.create_run")
    chosen = options.parse_args()
    client = f"import {chosen.package}.client, {chosen.package}.api.{chosen.operation}"
    statements = {"httpx": "import httpx", "attrs": "import attrs", "client and one operation": client}
    totals: dict[str, list[int]] = {name: [] for name in statements}
    modules: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder)
        anyway = import_times("pass", chosen.root, compiled).keys()
        for statement in statements.values():
            import_times(statement, chosen.root, compiled)
        for _ in range(chosen.rounds):
            for name, statement in statements.items():
                times = import_times(statement, chosen.root, compiled)
                totals[name].append(sum(time for module, time in times.items() if module not in anyway))
                modules[name] = sum(1 for module in times if module.split(".")[0] == chosen.package)
    medians = {name: statistics.median(values) for name, values in totals.items()}
    for name, median in medians.items():
        print(f"{name}: {median / 1000:.1f} ms, {modules[name]} modules of {chosen.package}")
    # Round by round: what slows a machine down for a while slows down both.
    pairs = zip(totals["client and one operation"], totals["httpx"], strict=True)
    ratio = statistics.median(whole / alone for whole, alone in pairs)
    print(f"ratio to httpx alone, median of {chosen.rounds} rounds: {ratio:.3f} (goal: {GOAL} or less)")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
