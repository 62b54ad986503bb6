"""A PostgreSQL server that takes bytes and does not answer: what needs it ends, and says so."""

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from attrs import define, field
from runflow_client.callbacks import Receiver
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import OperationalError

from ..dripping import ending_within
from .deliveries import RUN_ID, SECRET, encode, event_of, signed

GIVEN = 1
CONNECT = 2
"""Seconds that psycopg makes of it."""
ANSWER = 2 * GIVEN
SLACK = 5.0


@define(eq=False)
class Between:
    """Stands between an inbox and its server, and lets so many bytes of each answer through."""

    server: str
    listener: socket.socket
    passes: int | None = None
    """Bytes of what the server says from now on; None for all."""
    ends: list[socket.socket] = field(factory=list[socket.socket])
    threads: list[threading.Thread] = field(factory=list[threading.Thread])

    def start(self, function: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=function, args=arguments)
        self.threads.append(thread)
        thread.start()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.socket(socket.AF_UNIX)
                self.ends += [near, far]
                far.connect(self.server)
                self.start(self.pass_on, near, far)
                self.start(self.answer, far, near)

    def pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while asked := near.recv(65536):
                far.sendall(asked)
        hang_up(far)

    def answer(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while answered := far.recv(65536):
                near.sendall(answered if self.passes is None else answered[: self.passes])
        hang_up(near)

    def close(self) -> None:
        hang_up(self.listener)
        self.threads[0].join()
        for end in self.ends:
            hang_up(end)
        for thread in self.threads:
            thread.join()
        for end in self.ends:
            end.close()


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def between(postgresql_url: str) -> Iterator[Between]:
    folder = make_url(postgresql_url).query.get("host")
    if not isinstance(folder, str) or not folder.startswith("/"):
        pytest.skip("the server of RUNFLOW_TEST_DATABASE_URL has no socket in a folder")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Between(f"{folder}/.s.PGSQL.5432", listener)
        proxy.start(proxy.accept)
        yield proxy
        proxy.close()


@pytest.fixture
def inbox(between: Between) -> Iterator[Inbox]:
    port = between.listener.getsockname()[1]
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres?connect_timeout={GIVEN}"
    inbox = Inbox(url, table="silent", policy=HandlingPolicy(lease=ANSWER))
    yield inbox
    between.passes = None
    inbox.close()
    left = [one.name for one in threading.enumerate() if one.name == "runflow-inbox-lease"]
    assert left == [], "a lease is renewed whose handler has returned"


SILENCES = {"nothing": 0, "stops in the middle": 3}


def receive(inbox: Inbox, number: int) -> int:
    body = encode(RUN_ID[:-3] + f"{number:03}")
    delivery = Receiver(SECRET, inbox.put).open("POST", signed(body))
    delivery.add(body)
    return delivery.answer().status


@pytest.mark.parametrize("silence", SILENCES)
def test_a_receiver_answers_503_from_the_first_request_on(
    between: Between, inbox: Inbox, silence: str
) -> None:
    between.passes = SILENCES[silence]
    with ending_within(CONNECT + SLACK):
        assert receive(inbox, 1) == 503
    between.passes = None
    assert receive(inbox, 1) == 200


def test_a_receiver_answers_503_when_the_server_stops_in_the_middle(
    between: Between, inbox: Inbox
) -> None:
    assert receive(inbox, 2) == 200
    between.passes = SILENCES["stops in the middle"]
    with ending_within(ANSWER + 2 * CONNECT + SLACK):
        assert receive(inbox, 3) == 503
    between.passes = None
    assert receive(inbox, 3) == 200


def work(inbox: Inbox) -> object:
    return inbox.work_once(lambda event: None)


def work_in_a_transaction(inbox: Inbox) -> object:
    return inbox.work_once(lambda event, connection: None, transactional=True)


CALLS: dict[str, Callable[[Inbox], object]] = {
    "put": lambda inbox: inbox.put(event_of(encode()), encode()),
    "lease": lambda inbox: inbox.lease(),
    "work": work,
    "transactional work": work_in_a_transaction,
    "counts": lambda inbox: inbox.counts(),
    "dead_letters": lambda inbox: inbox.dead_letters(),
    "requeue": lambda inbox: inbox.requeue(),
    "prune": lambda inbox: inbox.prune(),
}


def test_every_call_ends(between: Between, inbox: Inbox) -> None:
    inbox.counts()
    between.passes = 0
    with ThreadPoolExecutor(len(CALLS)) as pool, ending_within(ANSWER + 2 * CONNECT + SLACK):
        begun = {name: pool.submit(call, inbox) for name, call in CALLS.items()}
        ends = {name: type(one.exception()) for name, one in begun.items()}
    assert set(ends.values()) <= {OperationalError, TimeoutError}, ends


def test_workers_end_when_they_are_asked_to(between: Between, inbox: Inbox) -> None:
    leasing = threading.Event()
    receive(inbox, 4)

    def handler(_event: object) -> None:
        between.passes = 0
        leasing.set()

    with ending_within(2 * (ANSWER + 2 * CONNECT) + SLACK), inbox.working(handler, threads=3):
        assert leasing.wait(20)


def test_a_statement_of_a_transactional_handler_ends_too(between: Between, inbox: Inbox) -> None:
    receive(inbox, 5)
    raised: list[BaseException] = []

    def handler(_event: object, connection: Connection) -> None:
        between.passes = 0
        try:
            connection.execute(text("SELECT 1"))
        except BaseException as error:
            raised.append(error)
            between.passes = None
            raise

    arguments: dict[str, Any] = {"transactional": True}
    with ending_within(ANSWER + 2 * CONNECT + SLACK):
        assert inbox.work_once(handler, **arguments) == "failed"
    assert "did not answer within" in str(raised[0])
