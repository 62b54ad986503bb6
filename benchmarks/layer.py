"""What `client.api` adds to one GET: CPU of get-run beside bare httpx and json, in one process, in turns."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import httpx
from runflow_api.api.runs import get_run
from runflow_client import Runflow

from benchmarks.measuring import median
from benchmarks.scripted_server import BODY, MODEL

PAIRS: Final = 30
REQUESTS: Final = 100
"""Requests of each kind in one turn. The ratio of each pair of turns counts, so that what disturbs hits both."""

KEY: Final = "benchmark"


def cpu(act: Callable[[], object]) -> float:
    """Seconds of CPU of this process for one request, over REQUESTS of them."""
    started = time.process_time()
    for _ in range(REQUESTS):
        act()
    return (time.process_time() - started) / REQUESTS


def compare(bare: Callable[[], object], layer: Callable[[], object], pairs: int = PAIRS) -> dict[str, float]:
    """The medians of both (microseconds of CPU a request), and the median of the ratios of each pair of turns."""
    cpu(bare), cpu(layer)  # connections are opened and code is loaded
    turns: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            second, first = cpu(layer), cpu(bare)
        else:
            first, second = cpu(bare), cpu(layer)
        turns.append((first, second))
    return {
        "bare": median([first for first, _ in turns]) * 1e6,
        "layer": median([second for _, second in turns]) * 1e6,
        "ratio": median([second / first for first, second in turns]),
    }


def measure(base_url: str, pairs: int = PAIRS) -> dict[str, Any]:
    """Compare on this server, which has one run that has ended."""
    headers = {"Authorization": f"Bearer {KEY}"}
    with (
        httpx.Client(headers=headers, timeout=httpx.Timeout(60.0, connect=10.0)) as http,
        Runflow(KEY, base_url=base_url) as client,
    ):
        created = http.post(f"{base_url}/v1/models/{MODEL}/runs", json={"input": BODY, "client_ref": "one"})
        http.post(f"{base_url}/_bench/ends", json={"after": 0.0, "within": 0.0})
        url, run_id = f"{base_url}/v1/runs/{created.json()['id']}", UUID(created.json()["id"])

        def bare() -> object:
            response = http.get(url)
            response.raise_for_status()
            return json.loads(response.content)

        return compare(bare, lambda: get_run.sync(run_id, client=client.api), pairs)


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="base URL of benchmarks.scripted_server")
    json.dump(measure(parser.parse_args().server), sys.stdout)


if __name__ == "__main__":
    main()
