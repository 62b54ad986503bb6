"""A hundred threads that wait on one Runflow, each for a run of its own.

As a command, `python -m benchmarks.threads --server URL` measures them in this process and prints
JSON. Threads do not share their polls: each reads its own run, at first quickly and then every four
seconds.
"""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final

import httpx
from runflow_client import Run, Runflow

from benchmarks.measuring import median, percentile, print_measured, resident_kilobytes
from benchmarks.scripted_server import BODY, MODEL
from benchmarks.waiting import ENDING, KEY, PATIENCE, SETTLING, STEADY

THREADS: Final = 100
LIMITS: Final = httpx.Limits(max_connections=THREADS, max_keepalive_connections=THREADS)


class CountingTransport(httpx.HTTPTransport):
    """Counts what is sent."""

    def __init__(self) -> None:
        super().__init__(limits=LIMITS)
        self.requests = 0
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests += 1
        return super().handle_request(request)


def _lag(done: Future[Run], returned: float) -> float:
    ended = done.result().completed_at
    assert ended is not None
    return returned - ended.timestamp()


def measure(base_url: str, count: int = THREADS) -> dict[str, Any]:
    """Let so many threads wait, and say what it cost."""
    transport = CountingTransport()
    returned: dict[Future[Run], float] = {}
    with (
        httpx.Client(transport=transport, timeout=PATIENCE, trust_env=False) as http,
        httpx.Client(base_url=base_url, timeout=PATIENCE, trust_env=False) as control,
        Runflow(KEY, base_url=base_url, http_client=http) as client,
        ThreadPoolExecutor(count) as pool,
    ):
        client.submit(MODEL, BODY)  # loads the code
        before = resident_kilobytes()
        waits = [pool.submit(client.run, MODEL, BODY) for _ in range(count)]
        for one in waits:
            one.add_done_callback(lambda done: returned.setdefault(done, time.time()))
        time.sleep(SETTLING)
        memory = (resident_kilobytes() - before) / count
        requests, cpu = transport.requests, time.process_time()
        time.sleep(STEADY)
        control.post("/_bench/ends", json={"after": 0.0, "within": ENDING})
        time.sleep(ENDING)
        requests, cpu = transport.requests - requests, time.process_time() - cpu
        done, unfinished = wait(waits, timeout=PATIENCE)
    lags = [_lag(one, returned[one]) for one in done if one.exception() is None]
    return {
        "threads": count,
        "requests": requests,
        "cpu": cpu,
        "memory": memory,
        "lag_median": median(lags),
        "lag_p99": percentile(lags, 0.99),
        "dead": len(unfinished) + len(done) - len(lags),
    }


if __name__ == "__main__":
    print_measured(measure, __doc__)
