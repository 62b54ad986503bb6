"""How fast the mock server is: one create and one poll, side by side with Prism if it is given; and
10,000 live runs.

As a command: `python -m benchmarks.mock_server --prism node_modules/.bin/prism`, with Prism from
`npm install @stoplight/prism-cli@5.14.2`. Times are medians of sequential requests over one
connection to each.
"""

from __future__ import annotations

import argparse
import re
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager

import httpx
from runflow_mock import MockRunflow, Settings, SteppedClock, Timings, uniform
from runflow_mock.contract.document import find_document
from runflow_mock.state.keys import DEFAULT_KEY

CREATE = "/v1/models/google/nano-banana-pro/runs"
BODY = {
    "input": {"prompt": "A cathedral made entirely of stained glass"},
    "client_ref": "benchmark",
}
POLL_WITHOUT_STATE = "/v1/runs/0190aaaa-0000-7000-8000-000000000001"
TIMEOUT = 60.0  # seconds
TURN = 25  # requests


def milliseconds(act: Callable[[], httpx.Response], expected: int, count: int) -> list[float]:
    """Return the times of `count` requests in milliseconds. Raise RuntimeError if one is answered
    otherwise.
    """
    times: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        response = act()
        times.append((time.perf_counter() - started) * 1000)
        if response.status_code != expected:
            raise RuntimeError(
                f"answered {response.status_code} instead of {expected}: {response.text[:300]}"
            )
    return times


class Measured:
    """The times of one server's creates and polls."""

    def __init__(self, name: str, api: httpx.Client, path: str) -> None:
        self.name = name
        self._api = api
        self._path = path
        self._creates: list[float] = []
        self._polls: list[float] = []

    def measure(self, count: int) -> None:
        """Create and poll that often."""
        self._creates += milliseconds(lambda: self._api.post(CREATE, json=BODY), 201, count)
        self._polls += milliseconds(lambda: self._api.get(self._path), 200, count)

    def report(self) -> float:
        """Print the medians and return their sum in milliseconds."""
        create, poll = statistics.median(self._creates), statistics.median(self._polls)
        print(
            f"{self.name:14} create {create:7.2f} ms   poll {poll:7.2f} ms   cycle "
            f"{create + poll:7.2f} ms",
            flush=True,
        )
        return create + poll


@contextmanager
def mock_process() -> Generator[str]:
    """Start `runflow-mock` as a process of its own and yield its base URL."""
    command = [sys.executable, "-m", "runflow_mock", "--port", "0", "--balance", "1000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if "listens on" in line)
        yield said.split()[-1]
        process.terminate()


@contextmanager
def prism_process(executable: str) -> Generator[str]:
    """Start Prism on the document and yield its base URL once it listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [executable, "mock", "-h", "127.0.0.1", "-p", str(port), str(find_document())]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout is not None
        output = process.stdout
        for line in output:
            if re.search(r"listening on", line):
                break
        # Prism writes a line for each request; unread, they would fill the pipe and stop it.
        threading.Thread(target=lambda: [None for _ in output], daemon=True).start()
        yield f"http://127.0.0.1:{port}"
        process.terminate()


def client_of(url: str) -> httpx.Client:
    """Return a client of that server with the mock's key."""
    headers = {"Authorization": f"Bearer {DEFAULT_KEY}"}
    return httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=TIMEOUT)


def compare(prism: str | None, count: int) -> bool:
    """Measure the mock server and Prism in turns; return whether the mock's cycle is as fast at
    least.
    """
    with ExitStack() as stack:
        ours = stack.enter_context(client_of(stack.enter_context(mock_process())))
        created = ours.post(CREATE, json=BODY)
        servers = [Measured("runflow-mock", ours, f"/v1/runs/{created.json()['id']}")]
        if prism is not None:
            theirs = stack.enter_context(client_of(stack.enter_context(prism_process(prism))))
            servers.append(Measured("prism", theirs, POLL_WITHOUT_STATE))
        # In turns, so that whatever else the machine does is shared by both.
        for _ in range(count // TURN):
            for server in servers:
                server.measure(TURN)
        cycles = [server.report() for server in servers]
    print(f"runflow-mock is {cycles[-1] / cycles[0]:.1f} times as fast")
    return cycles[0] <= cycles[-1]


def many_runs(count: int) -> None:
    """Let that many runs live at once in one process, to their end, and say what it took."""
    settings = Settings(
        opening_balance="1000000", timings=Timings(uniform(1, 60), uniform(1, 60), uniform(1, 60))
    )
    with MockRunflow(SteppedClock(), settings=settings) as mock, client_of(mock.base_url) as api:
        started = time.perf_counter()
        last = ""
        for _ in range(count):
            last = api.post(CREATE, json=BODY).json()["id"]
        print(f"{count} runs created in {time.perf_counter() - started:.1f} s")
        mock.advance(30)
        states: dict[str, int] = {}
        for run in mock.runs:
            states[run["status_code"]] = states.get(run["status_code"], 0) + 1
        print(f"alive after 30 s of their time: {states}")
        poll = statistics.median(milliseconds(lambda: api.get(f"/v1/runs/{last}"), 200, 200))
        query = {"q": f"id.EQ:'{last}'"}
        find = statistics.median(milliseconds(lambda: api.get("/v1/runs", params=query), 200, 5))
        print(f"poll of one {poll:.2f} ms, search among all {find:.1f} ms")
        started = time.perf_counter()
        mock.advance(200)
        print(
            f"the rest of all lives in {time.perf_counter() - started:.2f} s; billed "
            f"{len(mock.ledger)}"
        )


def main() -> int:
    """Run the benchmark; return 1 if Prism was faster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prism", help="the prism executable to compare with")
    parser.add_argument("--count", type=int, default=300, help="requests of each kind")
    parser.add_argument("--runs", type=int, default=10_000, help="live runs in one process")
    chosen = parser.parse_args()
    fast = compare(chosen.prism, chosen.count)
    many_runs(chosen.runs)
    return 0 if fast else 1


if __name__ == "__main__":
    sys.exit(main())
