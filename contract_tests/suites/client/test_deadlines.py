"""Whatever a server sends bit by bit, a wait ends at its deadline, in both colours. On sockets, for
it is reads of sockets that would go on for ever.
"""

import asyncio
import socket
import threading
import time
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress

import pytest
from runflow_client import AsyncRunflow, RequestTimeout, RetryPolicy, Runflow, WaitTimeout

from ..http_library import httpx

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
ONE_ATTEMPT = RetryPolicy(attempts=1)
TIMEOUT = 0.3
PAUSE = 0.02
LATEST = TIMEOUT + 1.0

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
EMPTY_GZIP = zlib.compressobj(9, zlib.DEFLATED, 31).compress(b"")

DRIPS: dict[str, tuple[bytes, bytes]] = {
    "nothing": (b"", b""),
    "status line": (b"", b"H"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"),
    "1xx responses": (b"", b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"),
    "body": (HEAD + b"content-length: 100000\r\n\r\n", b" "),
    "chunks": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "chunk extension": (HEAD + b"transfer-encoding: chunked\r\n\r\n1;", b"a"),
    "empty gzip blocks": (
        HEAD
        + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
        + b"%x\r\n%s\r\n" % (len(EMPTY_GZIP), EMPTY_GZIP),
        b"5\r\n\x00\x00\x00\xff\xff\r\n",
    ),
}


@contextmanager
def dripping(first: bytes, then: bytes) -> Generator[str]:
    """Serve on a free port of 127.0.0.1: after a request the first bytes, then others for ever."""
    over = threading.Event()
    threads: list[threading.Thread] = []
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(first)
            while not over.wait(PAUSE):
                connection.sendall(then)

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listening.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        server.join()
        for thread in threads:
            thread.join()
        listening.close()


@pytest.fixture(params=list(DRIPS))
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with dripping(*DRIPS[request.param]) as url:
        yield url


@contextmanager
def ending_within(seconds: float) -> Generator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started <= seconds


def test_a_wait_ends_at_its_deadline(base_url: str) -> None:
    with (
        Runflow("rf_live_x", base_url=base_url, timeout=30.0) as client,
        ending_within(LATEST),
        pytest.raises(WaitTimeout),
    ):
        client.runs.attach(RUN_ID).wait(TIMEOUT)


def test_so_it_does_on_the_callers_own_http_client(base_url: str) -> None:
    with httpx.Client(timeout=30.0, trust_env=False) as http:
        client = Runflow("rf_live_x", base_url=base_url, http_client=http)
        with ending_within(LATEST), pytest.raises(WaitTimeout):
            client.runs.attach(RUN_ID).wait(TIMEOUT)


def test_a_wait_of_an_asynchronous_client_ends_at_its_deadline(base_url: str) -> None:
    async def wait() -> None:
        async with AsyncRunflow("rf_live_x", base_url=base_url, timeout=30.0) as client:
            with ending_within(LATEST), pytest.raises(WaitTimeout):
                await client.runs.attach(RUN_ID).wait(TIMEOUT)

    asyncio.run(wait())


@pytest.mark.parametrize("what", ["status line", "headers", "body", "empty gzip blocks"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_request_without_a_deadline_ends_too(colour: str, what: str) -> None:
    """Each read is answered within the client's timeout, and yet the answer never comes."""
    timeout = 0.05

    latest = 10 * timeout + 1.0

    async def read(base_url: str) -> None:
        async with AsyncRunflow(
            "rf_live_x", base_url=base_url, timeout=timeout, retries=ONE_ATTEMPT
        ) as client:
            with ending_within(latest), pytest.raises(RequestTimeout):
                await client.runs.get(RUN_ID)

    with dripping(*DRIPS[what]) as base_url:
        if colour == "async":
            asyncio.run(read(base_url))
            return
        with (
            Runflow("rf_live_x", base_url=base_url, timeout=timeout, retries=ONE_ATTEMPT) as client,
            ending_within(latest),
            pytest.raises(RequestTimeout),
        ):
            client.runs.get(RUN_ID)


def test_threads_that_wait_have_each_their_own_deadline() -> None:
    ended: dict[float, float] = {}

    def wait(client: Runflow, timeout: float) -> None:
        started = time.monotonic()
        with pytest.raises(WaitTimeout):
            client.runs.attach(RUN_ID).wait(timeout)
        ended[timeout] = time.monotonic() - started

    with (
        dripping(*DRIPS["headers"]) as base_url,
        Runflow("rf_live_x", base_url=base_url, timeout=30.0) as client,
    ):
        timeouts = [0.1 + 0.05 * n for n in range(10)]
        threads = [threading.Thread(target=wait, args=(client, timeout)) for timeout in timeouts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(ended) == timeouts
    assert all(timeout <= took <= timeout + 1.0 for timeout, took in ended.items())
