"""`make bench`: everything measured, one table, and reports/bench.json.

Each way of waiting is a process of its own, one after the other on a server of its own. Shared
machines lie: what counts are ratios within one run and CPU time, and next to the lag of the event
loop stands the lag of one that does nothing at the same time.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks import command, decoding, imports
from benchmarks.measuring import LoopLag, percentile
from benchmarks.table import Row, render, rows_of

HOUSE: Final = Path(__file__).parents[1]
MANY: Final = 1_000
VERY_MANY: Final = 10_000
OURS: Final = "import sys; sys.path[2:2] = ['generated', 'overlay']; "


@contextmanager
def server() -> Generator[str]:
    """Start the scripted server as a process of its own and give its base URL."""
    arguments = [sys.executable, "-m", "benchmarks.scripted_server"]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def run(module: str, *arguments: str, python: Path = Path(sys.executable)) -> dict[str, Any]:
    """Run one measurement beside a fresh server and give what it printed."""
    with server() as base_url:
        line = [str(python), "-W", "ignore", "-m", module, *arguments, "--server", base_url]
        measured: dict[str, Any] = json.loads(
            subprocess.run(line, check=True, stdout=subprocess.PIPE, cwd=HOUSE).stdout
        )
    return measured


def waiting(client: str, runs: int) -> dict[str, Any]:
    """Measure one way of waiting, and meanwhile the lag of an event loop that does nothing else."""

    async def beside() -> tuple[dict[str, Any], LoopLag]:
        idle = LoopLag()
        with idle.watching():
            arguments = ("benchmarks.waiting", "--client", client, "--runs", str(runs))
            measured = await asyncio.to_thread(run, *arguments)
        return measured, idle

    print(f"  waiting: {client}, {runs} runs ...", file=sys.stderr, flush=True)
    measured, idle = asyncio.run(beside())
    return {**measured, "idle_loop_late_p99": percentile(idle.late, 0.99)}


def held() -> dict[str, Any]:
    """Measure what a waiting run holds. Not of the naive loop: its requests never cease, and
    tracing them takes all there is.
    """
    print(f"  memory: overlay, {MANY} runs ...", file=sys.stderr, flush=True)
    return run("benchmarks.waiting", "--client", "overlay", "--runs", str(MANY), "--held")


def import_times(python: Path) -> dict[str, dict[str, float]]:
    """What the imports cost in that environment, which has nothing that httpx would load when it
    happens to be there.
    """
    print("  imports ...", file=sys.stderr, flush=True)
    statements = {
        "httpx": "import httpx",
        "httpx and attrs": "import httpx, attrs",
        "one generated operation": OURS
        + "import runflow_api.client, runflow_api.api.models.create_run",
        "runflow_client": OURS + "import runflow_client",
        "Runflow": OURS + "from runflow_client import Runflow",
        "Runflow, and a client": OURS + "from runflow_client import Runflow; Runflow('benchmark')",
        "httpx, and a client": "import httpx; httpx.Client()",
        "replicate": "import replicate",
        "fal-client": "import fal_client",
        "openai": "import openai",
    }
    return imports.compare(python, statements, "httpx")


def measure(peers_python: Path, quick: bool) -> dict[str, Any]:
    """Everything, by name."""
    found: dict[str, Any] = {
        "machine": {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
        },
        "waiting": {
            "overlay": {**waiting("overlay", MANY), **held()},
            "naive": waiting("naive", MANY),
            "naive, as httpx comes": waiting("naive, as httpx comes", MANY),
        },
    }
    if not quick:
        found["waiting"]["overlay, very many"] = waiting("overlay", VERY_MANY)
    found["imports"] = import_times(peers_python)
    print("  runflow --help ...", file=sys.stderr, flush=True)
    found["command"] = command.measure()
    print("  a page of 500 runs ...", file=sys.stderr, flush=True)
    found["decoding"] = decoding.measure()
    print("  one GET ...", file=sys.stderr, flush=True)
    found["layer"] = run("benchmarks.layer")
    found["peers"] = run("benchmarks.peers", python=peers_python)
    return found


def main() -> None:
    """Measure, write the report, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--peers",
        type=Path,
        default=HOUSE / ".venv-bench/bin/python",
        help="a Python with the peers",
    )
    parser.add_argument("--report", type=Path, default=HOUSE / "reports/bench.json")
    parser.add_argument("--quick", action="store_true", help="without the very many runs")
    chosen = parser.parse_args()
    found = measure(chosen.peers.absolute(), chosen.quick)
    rows: list[Row] = rows_of(found)
    found["goals"] = {row.what: row.met for row in rows if row.met is not None}
    chosen.report.parent.mkdir(parents=True, exist_ok=True)
    chosen.report.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(render(rows))


if __name__ == "__main__":
    main()
