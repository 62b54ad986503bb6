"""`make bench`: everything measured, one table, and benchmarks/results.json.

The site's page of figures and its chart are made of that file (`make docs`).

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
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from benchmarks import (
    acknowledging,
    command,
    decoding,
    imports,
    pipeline,
    start,
    threads,
    transfers,
)
from benchmarks.measuring import LoopLag, percentile, usual_environment
from benchmarks.table import render, rows_of

HOUSE: Final = Path(__file__).parents[1]
MANY: Final = 1_000
VERY_MANY: Final = 10_000
OTHERS: Final = 2_000
RESULTS: Final = HOUSE / "benchmarks" / "results.json"
OURS: Final = "import sys; sys.path[2:2] = ['generated', 'overlay']; "


@contextmanager
def server(module: str = "benchmarks.scripted_server") -> Generator[str]:
    """Start this server as a process of its own and give its base URL."""
    arguments = [sys.executable, "-m", module]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def run(module: str, *arguments: str, python: Path = Path(sys.executable)) -> dict[str, Any]:
    """Run one measurement beside a fresh scripted server and give what it printed."""
    with server() as base_url:
        return run_alone(module, *arguments, "--server", base_url, python=python)


def run_alone(module: str, *arguments: str, python: Path = Path(sys.executable)) -> dict[str, Any]:
    """Run one measurement as a process of its own and give what it printed."""
    line = [str(python), "-W", "ignore", "-m", module, *arguments]
    done = subprocess.run(
        line, check=True, stdout=subprocess.PIPE, cwd=HOUSE, env=usual_environment()
    )
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def in_threads() -> dict[str, Any]:
    """Measure threads that wait on one synchronous client."""
    print(f"  waiting: {threads.THREADS} threads ...", file=sys.stderr, flush=True)
    return run("benchmarks.threads")


def files() -> dict[str, Any]:
    """Move large files with this client and with httpx, in turns."""
    module = "benchmarks.transfers"
    with server("benchmarks.storage_server") as base_url:
        place = ("--server", base_url)
        return transfers.measure(
            lambda scene, client: run_alone(module, "--what", scene, "--client", client, *place)
        )


def scale() -> dict[str, Any]:
    """Make clients of larger and larger documents."""

    def make_one(operations: int) -> dict[str, Any]:
        print(f"  pipeline: {operations} operations ...", file=sys.stderr, flush=True)
        return run_alone("benchmarks.pipeline", "--operations", str(operations))

    return pipeline.measure(make_one)


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
    statements = {
        "httpx": "import httpx",
        "one generated operation": OURS
        + "import runflow_api.client, runflow_api.api.models.create_run",
        "Runflow, and a client": OURS + "from runflow_client import Runflow; Runflow('benchmark')",
        "httpx, and a client": "import httpx; httpx.Client()",
        "replicate": "import replicate",
        "fal-client": "import fal_client",
        "openai": "import openai",
        "runwayml": "import runwayml",
    }
    return imports.compare(python, statements, "httpx")


def others() -> dict[str, Any]:
    """Measure the overlay where its list shows as many newer runs of another program first."""
    print(f"  waiting: behind {OTHERS} newer runs ...", file=sys.stderr, flush=True)
    arguments = ("--client", "overlay", "--runs", str(MANY), "--others", str(OTHERS))
    return run("benchmarks.waiting", *arguments)


def parts(peers_python: Path) -> dict[str, Callable[[], dict[str, Any]]]:
    """Everything that is measured, by name."""
    return {
        "waiting": lambda: {
            "overlay": {**waiting("overlay", MANY), **held()},
            "naive": waiting("naive", MANY),
            "naive, as httpx comes": waiting("naive, as httpx comes", MANY),
            "overlay, very many": waiting("overlay", VERY_MANY),
            "overlay, behind others": others(),
            "threads": in_threads(),
        },
        "start": lambda: start.measure(peers_python),
        "imports": lambda: import_times(peers_python),
        "command": command.measure,
        "decoding": decoding.measure,
        "layer": lambda: run("benchmarks.layer"),
        "peers": lambda: run("benchmarks.peers", python=peers_python),
        "acknowledging": acknowledging.measure,
        "files": files,
        "pipeline": scale,
    }


def measure(chosen: Mapping[str, Callable[[], dict[str, Any]]]) -> dict[str, Any]:
    """Measure these parts. Each says when and where it was measured."""
    found: dict[str, Any] = {}
    for name, part in chosen.items():
        print(f"  {name} ...", file=sys.stderr, flush=True)
        measured = part()
        where = {"python": platform.python_version(), "cores": os.cpu_count()}
        found[name] = {"date": date.today().isoformat(), **where, "measured": measured}
    return found


def main() -> None:
    """Measure, write the results, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    peers = HOUSE / ".venv-bench/bin/python"
    parser.add_argument("--peers", type=Path, default=peers, help="a Python with the peers")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument(
        "--only", default="", help="parts, separated by commas: the others stay as they were"
    )
    chosen = parser.parse_args()
    known = parts(chosen.peers.absolute())
    only = [name for name in chosen.only.split(",") if name]
    if unknown := set(only) - known.keys():
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    measured = measure({name: known[name] for name in only or known})
    found: dict[str, Any] = {}
    if only and chosen.results.exists():
        found = json.loads(chosen.results.read_text(encoding="utf-8"))
    found.update(measured)
    chosen.results.parent.mkdir(parents=True, exist_ok=True)
    chosen.results.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(render(rows_of(found)))


if __name__ == "__main__":
    main()
