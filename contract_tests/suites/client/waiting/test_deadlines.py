"""Whatever a server sends bit by bit, a wait ends at its deadline, in both colours. On sockets, for
it is reads of sockets that would go on for ever.
"""

import asyncio
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import anyio.to_thread
import pytest
from runflow_client import AsyncRunflow, RequestTimeout, RetryPolicy, Runflow, WaitTimeout

from ...dripping import PAUSE, STUCK, dripping, ending_within
from ...http_library import httpx

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
ONE_ATTEMPT = RetryPolicy(attempts=1)
TIMEOUT = 0.3
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

FLOODS: dict[str, tuple[bytes, bytes]] = {
    "1xx responses": (b"", 100 * b"HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n"),
    "empty gzip blocks": (
        DRIPS["empty gzip blocks"][0],
        b"%x\r\n%s\r\n" % (5000, 1000 * b"\x00\x00\x00\xff\xff"),
    ),
    "white space": (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"400\r\n%s\r\n" % (1024 * b" ")),
}
"""What never lets a read wait."""


@pytest.fixture(params=[*DRIPS, *(f"a flood of {what}" for what in FLOODS)])
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    is_flood = request.param not in DRIPS
    bits = FLOODS[request.param.removeprefix("a flood of ")] if is_flood else DRIPS[request.param]
    with dripping(*bits, pause=0.0 if is_flood else PAUSE) as url:
        yield url


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


@pytest.fixture
def hanging_name(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A name that nobody resolves until the test is over."""
    over, real = threading.Event(), socket.getaddrinfo

    def resolve(host: Any, *more: Any, **options: Any) -> Any:
        if host in {"hangs.example", b"hangs.example"}:
            over.wait(STUCK)
            raise socket.gaierror("nobody answered")
        return real(host, *more, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    try:
        yield "https://hangs.example"
    finally:
        over.set()


@pytest.mark.parametrize("own", [False, True], ids=["", "with an HTTP client of the caller's"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_name_that_is_not_resolved_keeps_no_wait(
    colour: str, own: bool, hanging_name: str
) -> None:
    async def wait() -> None:
        http = httpx.AsyncClient(timeout=30.0, trust_env=False) if own else None
        async with AsyncRunflow("rf_live_x", base_url=hanging_name, http_client=http) as client:
            with pytest.raises(WaitTimeout):
                await client.runs.attach(RUN_ID).wait(TIMEOUT)
        if http is not None:
            await http.aclose()

    if colour == "async":
        with ending_within(LATEST):  # asyncio.run() waits for threads of the event loop
            asyncio.run(wait())
        return
    http = httpx.Client(timeout=30.0, trust_env=False) if own else None
    with (
        http or nullcontext(),
        Runflow("rf_live_x", base_url=hanging_name, http_client=http) as client,
        ending_within(LATEST),
        pytest.raises(WaitTimeout) as caught,
    ):
        client.runs.attach(RUN_ID).wait(TIMEOUT)
    assert "hangs.example" in str(caught.value.__cause__)


def test_names_that_hang_take_no_thread_of_the_program(hanging_name: str) -> None:
    base_url = hanging_name.replace("https", "http")  # requests share connections of HTTP/2

    async def wait() -> None:
        async with AsyncRunflow(
            "rf_live_x", base_url=base_url, timeout=30.0, insecure_hosts=["hangs.example"]
        ) as client:
            before = set(threading.enumerate())  # some of them may end meanwhile
            tasks = [asyncio.create_task(client.runs.get(RUN_ID)) for _ in range(30)]
            async with asyncio.timeout(STUCK):
                while len(set(threading.enumerate()) - before) < len(tasks):
                    await asyncio.sleep(0.001)
            limiter = anyio.to_thread.current_default_thread_limiter()
            assert limiter.borrowed_tokens == 0
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(wait())


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
