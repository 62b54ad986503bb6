"""Several processes, killed at any moment: nothing acknowledged is lost, and nothing takes effect
twice.
"""

import http.client
import os
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, create_engine, text

from . import receiver_process
from .deliveries import encode, event_of, signed
from .receiver_process import SECRET, open_inbox, record

KILLS = 50
SENDERS = {"threads": 4, "uvicorn": 16}
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked")


class Load:
    """Deliveries without end, each repeated until it is acknowledged, as Runflow would."""

    def __init__(self, port: int, senders: int) -> None:
        self._port = port
        self._senders = senders
        self._over = threading.Event()
        self._progress = threading.Condition()
        self.begun = 0
        self.acknowledged: set[str] = set()
        self.broken = 0

    def _send(self, sender: int) -> None:
        number = 0
        while not self._over.is_set():
            number += 1
            run_id = f"run-{sender}-{number}"
            repeat = number % 5 == 0
            while not self._over.is_set():
                with self._progress:
                    self.begun += 1
                    self._progress.notify_all()
                try:
                    status = self._deliver(encode(run_id))
                except (OSError, http.client.HTTPException):
                    self.broken += 1
                    continue
                if status == 200:
                    self.acknowledged.add(run_id)
                    if not repeat:
                        break
                    repeat = False

    def _deliver(self, body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        try:
            connection.request("POST", "/", body, signed(body, SECRET))
            return connection.getresponse().status
        finally:
            connection.close()

    @contextmanager
    def running(self) -> Iterator[None]:
        crew = [
            threading.Thread(target=self._send, args=(sender,), daemon=True)
            for sender in range(self._senders)
        ]
        for thread in crew:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in crew:
                thread.join()

    def wait_for(self, more: int) -> None:
        """Wait until so many more deliveries have begun."""
        with self._progress:
            goal = self.begun + more
            assert self._progress.wait_for(lambda: self.begun >= goal, 60), (
                "the receivers stand still"
            )


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE effects (run_id TEXT, process INTEGER)"))
    yield engine
    engine.dispose()


@contextmanager
def processes(
    listener: socket.socket, database_url: str, server: str = "threads"
) -> Iterator[Callable[[str], None]]:
    """Receivers and workers that obey the words that are given to the function."""
    with subprocess.Popen(
        [
            sys.executable,
            "-W",
            "error",
            str(Path(receiver_process.__file__)),
            str(listener.fileno()),
            database_url,
            server,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[listener.fileno()],
        text=True,
    ) as process:

        def order(word: str) -> None:
            print(word, file=process.stdin, flush=True)
            assert process.stdout is not None
            assert process.stdout.readline() == f"{word}\n"

        yield order


def test_several_processes_share_the_work_and_nothing_is_done_twice(
    database_url: str, engine: Engine
) -> None:
    inbox = open_inbox(database_url, 0)
    bodies = [encode(f"run-{number}") for number in range(100)]
    for body in bodies:
        inbox.put(event_of(body), body)
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        processes(listener, database_url) as order,
    ):
        order("drain")
    with engine.connect() as connection:
        effects = connection.execute(text("SELECT run_id, process FROM effects")).all()
    assert inbox.counts().handled == len(bodies)
    inbox.close()
    assert sorted(effect.run_id for effect in effects) == sorted(
        f"run-{number}" for number in range(100)
    )
    assert len({effect.process for effect in effects}) == receiver_process.WORKERS


@pytest.mark.parametrize("server", SENDERS)
def test_nothing_acknowledged_is_lost_and_nothing_happens_twice(
    database_url: str, engine: Engine, server: str
) -> None:
    random = Random(20260506)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        load = Load(listener.getsockname()[1], SENDERS[server])
        with processes(listener, database_url, server) as order:
            with load.running():
                for _ in range(KILLS):
                    order("start")
                    load.wait_for(random.randrange(24))
                    order("kill")
                order("start")
                load.wait_for(16)
            order("kill")

    last = open_inbox(database_url, KILLS + 2)
    while last.work_once(record, transactional=True):
        pass
    with engine.connect() as connection:
        died = connection.execute(
            text("SELECT count(*) FROM runflow_inbox WHERE attempts > 1")
        ).scalar_one()
        effects = Counter(connection.execute(text("SELECT run_id FROM effects")).scalars())
    counts = last.counts()
    last.close()
    assert load.acknowledged <= effects.keys()
    assert set(effects.values()) == {1}
    assert (counts.waiting, counts.handled, counts.dead) == (0, len(effects), 0)
    # The test means something only if the receivers were busy when they died: with requests, and
    # with events in hand.
    assert died > KILLS / 4
    assert load.broken > KILLS / 4
