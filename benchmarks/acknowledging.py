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
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from attrs import define, field

from benchmarks.measuring import percentile
from benchmarks.receivers import PATH, SECRET

HOUSE: Final = Path(__file__).parents[1]
CONNECTIONS: Final = (1, 64)
SECONDS: Final = 5.0
WARM_UP: Final = 1.0
SERVER_CORE, LOAD_CORE = 0, 1
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
def server(receiver: str, url: str) -> Generator[tuple[int, int], None, None]:
    """Start the receiver on the server's core and give its port and process id."""
    line = ["taskset", "--cpu-list", str(SERVER_CORE), sys.executable, "-m", "benchmarks.receivers"]
    with subprocess.Popen(
        [*line, receiver, url], stdout=subprocess.PIPE, text=True, cwd=HOUSE
    ) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.terminate()


def _cpu(pid: int) -> float:
    """Seconds of CPU that the process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def acknowledged(receiver: str, url: str, connections: int, seconds: float) -> dict[str, float]:
    """Measure one receiver: acknowledged in a second, milliseconds, CPU of the server."""
    with server(receiver, url) as (port, pid):
        before = time.perf_counter(), _cpu(pid)
        times = asyncio.run(_drive(port, connections, seconds))
        spent, passed = _cpu(pid) - before[1], time.perf_counter() - before[0]
    return {
        "a second": len(times) / seconds,
        "median, ms": percentile(times, 0.5) * 1e3,
        "p99, ms": percentile(times, 0.99) * 1e3,
        "busy": spent / passed,
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


RECEIVERS: Final = {
    "sqlite": (sqlite, ("naive_sqlite", "inbox", "inbox_in_starlette")),
    "postgresql": (postgresql, ("naive_postgresql", "inbox", "inbox_in_starlette")),
}


def measure(
    seconds: float = SECONDS, databases: Iterable[str] = tuple(RECEIVERS)
) -> dict[str, dict[str, dict[str, Any]]]:
    """Measure all, by database, number of connections, and receiver."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        for database in databases:
            opened, receivers = RECEIVERS[database]
            for connections in CONNECTIONS:
                measured = found.setdefault(database, {}).setdefault(str(connections), {})
                for receiver in receivers:
                    with opened() as url:
                        name = receiver.removesuffix(f"_{database}")
                        measured[name] = acknowledged(receiver, url, connections, seconds)
    finally:
        os.sched_setaffinity(0, before)
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each case")
    parser.add_argument("--database", choices=RECEIVERS, help="that one alone")
    chosen = parser.parse_args()
    databases = [chosen.database] if chosen.database else RECEIVERS
    print(json.dumps(measure(chosen.seconds, databases), indent=2))


if __name__ == "__main__":
    main()
