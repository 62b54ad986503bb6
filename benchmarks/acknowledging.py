"""How many callbacks a second are acknowledged through uvicorn into the inbox, beside a handler
written by hand that checks the HMAC and inserts.

    python -m benchmarks.acknowledging

The server runs on one core, the load (and PostgreSQL) on the other. Each connection sends its next
callback when the last one is answered, and every answer means that the event is on the disk: SQLite
with `synchronous=FULL` in WAL mode, PostgreSQL with `fsync` and `synchronous_commit`. What counts
are the ratios within one run. Linux only: `taskset` pins the processes.
"""

import argparse
import asyncio
import hmac
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from attrs import define, field

from benchmarks.measuring import median, percentile
from benchmarks.receivers import PATH, SECRET

HOUSE: Final = Path(__file__).parents[1]
CONNECTIONS: Final = (1, 64)
TURNS: Final = 5
"""The receivers take turns, for a disk is not equally fast all the time."""
SECONDS: Final = 0.6
"""Of one receiver's turn."""
WARM_UP: Final = 0.3
URL_LENGTH: Final = 600
"""Makes a body of about 1 kB."""


def requests() -> Iterator[bytes]:
    """Signed deliveries of different runs, as bytes of HTTP."""
    key, moment = SECRET.encode(), "2026-05-06T10:00:00.000+00:00"
    url = "https://storage.test/" + "a" * URL_LENGTH
    process = uuid4().hex[:8]
    for number in count():
        body = json.dumps(
            {
                "event": "run.completed",
                "run_id": f"{process}-0000-7000-8000-{number:012}",
                "status": "succeeded",
                "output": {"outputs": [{"type": "image", "url": url}]},
                "duration_ms": 102345,
                "created_at": moment,
                "completed_at": moment,
                "metadata": None,
            }
        ).encode()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nRunflow-Request-Id: req_{number}\r\n"
            f"Runflow-Signature: {hmac.digest(key, body, 'sha256').hex()}\r\n\r\n"
        )
        yield head.encode() + body


@define
class Load:
    """What the connections have seen: seconds of each answer, and when the counting ends."""

    deliveries: Iterator[bytes]
    counts_from: float
    until: float
    times: list[float] = field(factory=list[float])
    open: int = 0


class _Connection(asyncio.Protocol):
    """Sends a delivery, waits for its answer, and sends the next one."""

    def __init__(self, load: Load, over: asyncio.Event) -> None:
        self._load, self._over = load, over
        self._began = 0.0
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        self._load.open += 1
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(b"\r\n\r\nstored"):
            return
        if not self._answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not acknowledged: {self._answer!r}")
        now = time.perf_counter()
        if self._load.counts_from <= now < self._load.until:
            self._load.times.append(now - self._began)
        if now < self._load.until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.open -= 1
        if not self._load.open:
            self._over.set()

    def _send(self) -> None:
        self._answer = b""
        self._began = time.perf_counter()
        self._transport.write(next(self._load.deliveries))


async def _drive(port: int, connections: int, seconds: float) -> list[float]:
    began = time.perf_counter() + WARM_UP
    load, over = Load(requests(), began, began + seconds), asyncio.Event()
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(load, over), "127.0.0.1", port)
    await asyncio.wait_for(over.wait(), WARM_UP + seconds + 30)
    return load.times


@contextmanager
def server(receiver: str, url: str, core: int) -> Generator[int, None, None]:
    """Start the receiver on this core and give its port."""
    line = ["taskset", "--cpu-list", str(core), sys.executable, "-m", "benchmarks.receivers"]
    with subprocess.Popen(
        [*line, receiver, url], stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def acknowledged(
    receiver: str, url: str, core: int, connections: int, seconds: float
) -> list[float]:
    """Measure one receiver: the seconds that each answer took."""
    with server(receiver, url, core) as port:
        return asyncio.run(_drive(port, connections, seconds))


def _in_turns(
    receivers: Mapping[str, str], url: str, core: int, connections: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Measure these receivers in turns: what each acknowledges in a second, and milliseconds. The
    medians of the turns count, for in some of them the disk serves others.
    """
    turns: dict[str, list[list[float]]] = {name: [] for name in receivers}
    for _ in range(TURNS):
        for name, receiver in receivers.items():
            turns[name].append(acknowledged(receiver, url, core, connections, seconds))
    return {
        name: {
            "a second": median([len(times) / seconds for times in measured]),
            "median, ms": median([percentile(times, 0.5) * 1e3 for times in measured]),
            "p99, ms": median([percentile(times, 0.99) * 1e3 for times in measured]),
        }
        for name, measured in turns.items()
    }


@contextmanager
def sqlite() -> Generator[str, None, None]:
    """A new file's URL, on the disk that holds the checkout."""
    (HOUSE / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="inbox-", dir=HOUSE / "build") as folder:
        yield f"sqlite:///{folder}/inbox.sqlite3"


@contextmanager
def postgresql() -> Generator[str, None, None]:
    """The URL of a new server of its own."""
    line = [sys.executable, "-m", "contract_tests.suites.callbacks.postgresql"]
    with subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


OURS: Final = {"inbox": "inbox", "inbox_in_starlette": "inbox_in_starlette"}
RECEIVERS: Final = {
    "sqlite": (
        sqlite,
        {"naive": "naive_sqlite", "naive, in threads": "naive_sqlite_in_threads", **OURS},
    ),
    "postgresql": (postgresql, {"naive": "naive_postgresql", **OURS}),
}


def measure(
    seconds: float = SECONDS, databases: Iterable[str] = tuple(RECEIVERS)
) -> dict[str, dict[str, Any]]:
    """Measure all, by database, number of connections, and receiver."""
    found: dict[str, dict[str, Any]] = {}
    before = os.sched_getaffinity(0)
    server_core, load_core = sorted(before)[:2]
    os.sched_setaffinity(0, {load_core})
    try:
        for database in databases:
            opened, receivers = RECEIVERS[database]
            with opened() as url:
                found[database] = {
                    str(connections): _in_turns(receivers, url, server_core, connections, seconds)
                    for connections in CONNECTIONS
                }
    finally:
        os.sched_setaffinity(0, before)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each receiver's turn")
    parser.add_argument("--database", choices=RECEIVERS, help="that one alone")
    chosen = parser.parse_args()
    databases = [chosen.database] if chosen.database else RECEIVERS
    print(json.dumps(measure(chosen.seconds, databases), indent=2))


if __name__ == "__main__":
    main()
