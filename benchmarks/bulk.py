"""A bulk run of many items beside a naive gather, against the mock server in a process of its own.

`python -m benchmarks.bulk` measures both, 10,000 items with 2,000 at work at once; `--way` one of
them. Outputs are not saved, so that what is compared is creating and waiting. The mock's clock is
real, and a run takes 20 to 40 seconds.

Counted are the requests that the client sends, the CPU seconds and the highest resident memory of
its process. The naive way is one create for each item and one GET every two seconds until it ends,
behind a semaphore.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx
from runflow_client import AsyncRunflow, bulk
from runflow_mock import MockRunflow, Settings, Timings, uniform

from benchmarks.waiting import NAIVE_PAUSE, CountingTransport

MODEL: Final = "google/nano-banana-pro"
ITEMS: Final = 10_000
CONCURRENCY: Final = 2_000

Work = Callable[[httpx.AsyncClient, str, str, int, int], Awaitable[int]]


async def bulk_way(
    http: httpx.AsyncClient, base_url: str, key: str, items: int, concurrency: int
) -> int:
    """Run `bulk.run` with a journal."""

    def given() -> Iterator[bulk.Item]:
        for number in range(items):
            yield bulk.Item(f"k{number}", {"prompt": f"A cat {number}"})

    with tempfile.TemporaryDirectory() as folder:
        client = AsyncRunflow(key, base_url=base_url, http_client=http)
        started = bulk.run(
            MODEL,
            given(),
            journal=Path(folder) / "j.sqlite",
            client=client,
            concurrency=concurrency,
        )
        done = 0
        async for result in started:
            done += result.status == "done"
    return done


async def naive_way(
    http: httpx.AsyncClient, base_url: str, key: str, items: int, concurrency: int
) -> int:
    """Create, and GET until it ends; nothing is kept, and what fails is lost."""
    permits = asyncio.Semaphore(concurrency)
    http.headers["Authorization"] = f"Bearer {key}"

    async def one(number: int) -> bool:
        async with permits:
            try:
                created = await http.post(
                    f"{base_url}/v1/models/{MODEL}/runs",
                    json={"input": {"prompt": f"A cat {number}"}},
                )
                url = f"{base_url}/v1/runs/{created.json()['id']}"
                while True:
                    state: dict[str, Any] = (await http.get(url)).json()
                    if state["status_code"] == "succeeded":
                        return True
                    await asyncio.sleep(NAIVE_PAUSE)
            except (httpx.HTTPError, LookupError):
                return False

    return sum(await asyncio.gather(*(one(number) for number in range(items))))


WAYS: Final[dict[str, Work]] = {"bulk": bulk_way, "naive": naive_way}


async def measure(
    way: str, base_url: str, key: str, items: int, concurrency: int
) -> dict[str, Any]:
    """Work through the items, and say what it cost this process."""
    many = None if way == "naive" else 100
    transport = CountingTransport(
        httpx.Limits(max_connections=many, max_keepalive_connections=many)
    )
    timeout = None if way == "naive" else httpx.Timeout(60.0, connect=10.0)
    async with httpx.AsyncClient(transport=transport, timeout=timeout, trust_env=False) as http:
        begun, cpu = time.monotonic(), time.process_time()
        done = await WAYS[way](http, base_url, key, items, concurrency)
        return {
            "way": way,
            "items": items,
            "done": done,
            "created": transport.created,
            "requests": transport.requests,
            "seconds": time.monotonic() - begun,
            "cpu": time.process_time() - cpu,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }


def run(way: str, items: int, concurrency: int) -> dict[str, Any]:
    """Measure one way in a process of its own, against a mock server in this one."""
    settings = Settings(opening_balance="1000000", timings=Timings(1, 1, uniform(18, 38)))
    with MockRunflow(settings=settings) as mock:
        arguments = ["--way", way, "--items", str(items), "--concurrency", str(concurrency)]
        arguments += ["--server", mock.base_url, "--key", mock.api_key]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.bulk", *arguments],
            check=True,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[1],
        )
        measured: dict[str, Any] = json.loads(done.stdout)
        return {**measured, "billed": len(mock.ledger)}


def main() -> None:
    """Measure both ways, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--way", choices=sorted(WAYS))
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--concurrency", type=int, default=CONCURRENCY)
    parser.add_argument("--server", help="base URL of a mock server that runs")
    parser.add_argument("--key")
    chosen = parser.parse_args()
    if chosen.server:
        what = (chosen.way, chosen.server, chosen.key, chosen.items, chosen.concurrency)
        json.dump(asyncio.run(measure(*what)), sys.stdout)
        return
    for way in [chosen.way] if chosen.way else sorted(WAYS):
        found = run(way, chosen.items, chosen.concurrency)
        print(
            f"{way}: {found['done']} of {found['items']} done, {found['billed']} billed, "
            f"{found['requests']} requests, {found['cpu']:.1f} s of CPU, "
            f"{found['memory']:.0f} MB at most, {found['seconds']:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
