"""Many runs that are waited for at once: AsyncRunflow beside a naive loop, each in a process of its
own.

As a command, `python -m benchmarks.waiting --client overlay --runs 1000 --server URL` measures one
of them and prints JSON. All runs are created and waited for; for STEADY seconds nothing ends; then,
within ENDING seconds, everything does.

What a waiting run holds is measured in a process of its own (`--held`): everything that Python has
allocated since before the runs were begun, by tracemalloc, divided by the runs. That is all
somebody holds who calls `asyncio.gather(*(client.run(...) for ...))`: the client's part and each
run's asyncio task, and nothing of this benchmark's. The resident memory of the process, beside it,
is higher: all runs are begun at once here, and what their creates needed is free again but stays
with the process.
"""

import argparse
import asyncio
import gc
import json
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import datetime
from typing import Any, Final

import httpx
from attrs import asdict, define, field, frozen
from runflow_client import AsyncRun, AsyncRunflow

from benchmarks.measuring import LoopLag, median, percentile, resident_kilobytes
from benchmarks.scripted_server import BODY, MODEL

STEADY: Final = 10.0
ENDING: Final = 10.0
SETTLING: Final = 4.0
"""Seconds between the last create and the measurement: the first, quick polls are over and buffers
have their size.
"""

WARM_UP: Final = 40
"""Runs that are carried through before: connections are open and code is loaded when memory is
first read.
"""

PATIENCE: Final = 60.0
"""Seconds after the last end in which a run must have come back, or it counts as dead."""

NAIVE_PAUSE: Final = 2.0
KEY: Final = "benchmark"

Wait = Callable[[], Coroutine[Any, Any, Any]]


class CountingTransport(httpx.AsyncHTTPTransport):
    """Counts what is sent, and what was created."""

    def __init__(self, limits: httpx.Limits) -> None:
        super().__init__(limits=limits)
        self.requests = 0
        self.created = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests += 1
        response = await super().handle_async_request(request)
        self.created += response.status_code == 201
        return response


@frozen
class Way:
    """One way of waiting: how the HTTP client is made, and what waits with it."""

    limits: httpx.Limits
    timeout: httpx.Timeout | None
    make: Callable[[httpx.AsyncClient, str], Wait]
    completed_at: Callable[[Any], datetime]
    """When the run ended, from what the wait gave back."""


def overlay(http: httpx.AsyncClient, base_url: str) -> Wait:
    """One call of `AsyncRunflow.run`."""
    client = AsyncRunflow(KEY, base_url=base_url, http_client=http)
    return lambda: client.run(MODEL, BODY)


def naive(http: httpx.AsyncClient, base_url: str) -> Wait:
    """A create, and then one GET every NAIVE_PAUSE seconds until the run has ended."""

    async def wait() -> dict[str, Any]:
        created = await http.post(
            f"{base_url}/v1/models/{MODEL}/runs", json={"input": BODY, "client_ref": "naive"}
        )
        url = f"{base_url}/v1/runs/{created.json()['id']}"
        while True:
            state: dict[str, Any] = (await http.get(url)).json()
            if state["status_code"] == "succeeded":
                return state
            await asyncio.sleep(NAIVE_PAUSE)

    return wait


def _of_model(run: AsyncRun) -> datetime:
    assert run.completed_at is not None
    return run.completed_at


def _of_json(state: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(state["completed_at"])


_DEFAULT_LIMITS: Final = httpx.Limits(max_connections=100, max_keepalive_connections=20)

WAYS: Final = {
    "overlay": Way(_DEFAULT_LIMITS, httpx.Timeout(60.0, connect=10.0), overlay, _of_model),
    # As many connections as it likes, and nothing times out in the pool's queue: so it survives,
    # and is at its fastest.
    "naive": Way(
        httpx.Limits(max_connections=None, max_keepalive_connections=None), None, naive, _of_json
    ),
    "naive, as httpx comes": Way(_DEFAULT_LIMITS, httpx.Timeout(5.0), naive, _of_json),
}


@frozen
class Measured:
    """What one way of waiting cost. Times are seconds, memory is resident kB for each run."""

    runs: int
    requests: int
    cpu: float
    memory: float
    lag_median: float
    lag_p99: float
    loop_late_p99: float
    loop_busy_p99: float
    dead: int
    deaths: dict[str, int]


@define
class Returns:
    """How the waits ended: seconds between a run's end and its return, and what the others
    died of.
    """

    completed_at: Callable[[Any], datetime]
    lags: list[float] = field(factory=list[float])
    deaths: Counter[str] = field(factory=Counter[str])

    @property
    def count(self) -> int:
        """The waits that are over."""
        return len(self.lags) + self.deaths.total()

    def note(self, task: asyncio.Task[Any]) -> None:
        """Note how this wait ended. Hears of it from its task, so that nobody else waits along."""
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self.lags.append(time.time() - self.completed_at(task.result()).timestamp())
        else:
            self.deaths[type(error).__name__] += 1


def start(wait: Wait, runs: int, returns: Returns) -> list[asyncio.Task[Any]]:
    """Begin that many waits, as asyncio.gather does."""
    tasks = [asyncio.create_task(wait()) for _ in range(runs)]
    note = returns.note  # one for all
    for task in tasks:
        task.add_done_callback(note)
    return tasks


async def measure(way: Way, base_url: str, runs: int, others: int = 0) -> Measured:
    """Let that many runs be waited for on the scripted server, and say what it cost.

    `others` is how many newer runs of another program its list shows first.
    """
    async with _prepared(way, base_url) as (wait, control, transport):
        await control.post("/_bench/others", json={"count": others})
        before = resident_kilobytes()
        returns = Returns(way.completed_at)
        tasks = await _started(wait, runs, returns, transport)
        memory = (resident_kilobytes() - before) / runs
        requests, cpu, lag = transport.requests, time.process_time(), LoopLag()
        with lag.watching():
            await asyncio.sleep(STEADY)
            await control.post("/_bench/ends", json={"after": 0.0, "within": ENDING})
            await asyncio.sleep(ENDING)
        requests, cpu = transport.requests - requests, time.process_time() - cpu
        _, unfinished = await asyncio.wait(tasks, timeout=PATIENCE)
        returns.deaths["never came back"] = len(unfinished)
        for task in unfinished:
            task.cancel()
    return Measured(
        runs=runs,
        requests=requests,
        cpu=cpu,
        memory=memory,
        lag_median=median(returns.lags),
        lag_p99=percentile(returns.lags, 0.99),
        loop_late_p99=percentile(lag.late, 0.99),
        loop_busy_p99=percentile(lag.busy, 0.99),
        dead=returns.deaths.total(),
        deaths={kind: count for kind, count in returns.deaths.items() if count},
    )


async def measure_held(way: Way, base_url: str, runs: int) -> float:
    """The kB that Python has allocated for each of that many runs while they are waited for."""
    async with _prepared(way, base_url) as (wait, _, transport):
        gc.collect()
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        tasks = await _started(wait, runs, Returns(way.completed_at), transport)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    return (after - before) / 1024 / runs


@asynccontextmanager
async def _prepared(
    way: Way, base_url: str
) -> AsyncGenerator[tuple[Wait, httpx.AsyncClient, CountingTransport], None]:
    """The way's wait, warmed up; the client that controls the server; and what counts the
    requests.
    """
    transport = CountingTransport(way.limits)
    async with (
        httpx.AsyncClient(transport=transport, timeout=way.timeout, trust_env=False) as http,
        httpx.AsyncClient(base_url=base_url, timeout=PATIENCE, trust_env=False) as control,
    ):
        wait = way.make(http, base_url)
        await _carry_through(way, wait, WARM_UP, control, transport)
        transport.created = 0
        yield wait, control, transport


async def _started(
    wait: Wait, runs: int, returns: Returns, transport: CountingTransport
) -> list[asyncio.Task[Any]]:
    """Begin that many waits, all at once, and let them settle."""
    tasks = start(wait, runs, returns)
    while transport.created + returns.count < runs:
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLING)
    return tasks


async def _carry_through(
    way: Way, wait: Wait, runs: int, control: httpx.AsyncClient, transport: CountingTransport
) -> None:
    """Let that many runs be created, waited for and end at once."""
    tasks = start(wait, runs, Returns(way.completed_at))
    while transport.created < runs:
        await asyncio.sleep(0.05)
    await control.post("/_bench/ends", json={"after": 0.0, "within": 0.1})
    await asyncio.wait(tasks, timeout=PATIENCE)


def _held(way: Way, base_url: str, runs: int) -> dict[str, float]:
    # Imports of this benchmark calculate with decimals, which leaves decimal's settings in the
    # context of this thread, and each task would hold a copy. A program begins with an empty one.
    return {"held": Context().run(asyncio.run, measure_held(way, base_url, runs))}


def main() -> None:
    """Measure one way of waiting and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--client", choices=sorted(WAYS), default="overlay")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--server", required=True, help="base URL of benchmarks.scripted_server")
    parser.add_argument(
        "--held", action="store_true", help="measure nothing but what a waiting run holds, kB"
    )
    parser.add_argument("--others", type=int, default=0, help="newer runs of another program")
    chosen = parser.parse_args()
    what = (WAYS[chosen.client], chosen.server, chosen.runs)
    if chosen.held:
        json.dump(_held(*what), sys.stdout)
    else:
        json.dump(asdict(asyncio.run(measure(*what, chosen.others))), sys.stdout)


if __name__ == "__main__":
    main()
