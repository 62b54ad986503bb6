"""What is left of a deadline is given to each thing that may block, and everything else goes on to
the network as it came.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import anyio
import anyio.lowlevel
import anyio.to_thread
import pytest
import trio
import trio.testing
from runflow_api.http_library import httpx
from runflow_client._transport import network
from runflow_client._transport.network import (
    DeadlineBackend,
    DeadlineStream,
    ResolvingBackend,
    deadline_in,
    ending_in,
    keep_deadlines,
    resolve,
    resolve_async,
)

from ..conftest import ENDING

LONG: Final = 1000.0
HOST: Final = "127.0.0.1"


class Network:
    """Stands for httpcore's network and for one of its connections."""

    def __init__(self, *refused: str) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.refused = refused

    def connect_tcp(self, host: str, port: int, **options: Any) -> "Network":
        self.told.append(("connect", host, port, options))
        if host in self.refused:
            raise OSError("refused")
        return self

    def connect_unix_socket(self, path: str, **options: Any) -> "Network":
        self.told.append(("unix", path, options))
        return self

    def sleep(self, seconds: float) -> None:
        self.told.append(("sleep", {"timeout": seconds}))

    def start_tls(self, *given: Any, **options: Any) -> "Network":
        self.told.append(("tls", *given, options))
        return self

    def read(self, size: int, **options: Any) -> bytes:
        self.told.append(("read", size, options))
        return b"some"

    def write(self, buffer: bytes, **options: Any) -> None:
        self.told.append(("write", bytes(buffer), options))
        begun = time.monotonic()
        while time.monotonic() == begun:  # until some time has passed
            pass

    def close(self) -> None:
        self.told.append(("close", {}))

    def get_extra_info(self, info: str) -> object:
        return f"the {info}"


class AsyncNetwork(Network):
    """The same for an event loop."""

    async def connect_tcp(self, host: str, port: int, **options: Any) -> "Network":  # type: ignore[override] # the colour is what differs
        return super().connect_tcp(host, port, **options)

    async def connect_unix_socket(self, path: str, **options: Any) -> "Network":  # type: ignore[override]
        return super().connect_unix_socket(path, **options)

    async def sleep(self, seconds: float) -> None:  # type: ignore[override]
        super().sleep(seconds)


CALLS: Final[dict[str, tuple[Callable[[Network, float | None], object], type[Exception]]]] = {
    "connect": (
        lambda network, timeout: DeadlineBackend(network).connect_tcp(
            HOST, 7, timeout, local_address="a"
        ),
        httpx.ConnectTimeout,
    ),
    "unix": (
        lambda network, timeout: DeadlineBackend(network).connect_unix_socket(
            "/a", timeout, socket_options=()
        ),
        httpx.ConnectTimeout,
    ),
    "tls": (
        lambda network, timeout: DeadlineStream(network).start_tls("context", "host", timeout),
        httpx.ConnectTimeout,
    ),
    "read": (lambda network, timeout: DeadlineStream(network).read(9, timeout), httpx.ReadTimeout),
    "write": (
        lambda network, timeout: DeadlineStream(network).write(b"abc", timeout),
        httpx.WriteTimeout,
    ),
}
GIVEN: Final = {
    "connect": (HOST, 7, {"local_address": "a"}),
    "unix": ("/a", {"socket_options": ()}),
    "tls": ("context", "host", {}),
    "read": (9, {}),
    "write": (b"abc", {}),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("timeout", [None, 5.0, 2 * LONG])
@pytest.mark.parametrize("seconds", [None, LONG])
def test_each_call_has_what_is_left_and_no_more_than_its_own_timeout(
    call: str, timeout: float | None, seconds: float | None
) -> None:
    network = Network()
    with deadline_in(seconds):
        result = CALLS[call][0](network, timeout)
    ((name, *given, options),) = network.told
    told = options.pop("timeout")
    assert (name, (*given, options)) == (call, GIVEN[call])
    if seconds is None or timeout == 5.0:
        assert told == timeout
    else:
        assert LONG / 2 < told <= LONG
    if call in {"connect", "unix", "tls"}:
        assert isinstance(result, DeadlineStream)
        result.close()
        assert result.get_extra_info("x") == "the x"
        assert network.told[1:] == [("close", {})]
    assert result == b"some" or call != "read"


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_begun_when_no_time_is_left(call: str) -> None:
    network = Network()
    work, error = CALLS[call]
    with deadline_in(0.0), pytest.raises(error, match="time was up"):
        work(network, 5.0)
    assert network.told == []


def test_a_deadline_ends_with_its_block_and_gives_way_to_the_one_outside() -> None:
    network = Network()
    stream = DeadlineStream(network)
    with deadline_in(LONG):
        with deadline_in(0.0), pytest.raises(httpx.ReadTimeout):
            stream.read(1)
        with pytest.raises(LookupError), deadline_in(0.0):
            raise LookupError
        stream.read(1)
        with deadline_in(None):
            stream.read(1)
    stream.read(1)
    first, *others = [options["timeout"] for *_, options in network.told]
    assert LONG / 2 < first <= LONG
    assert others == [None, None]


def test_what_is_written_goes_in_pieces_that_each_have_what_is_left() -> None:
    content = bytes(range(250)) * 200
    network = Network()
    DeadlineStream(network).write(content)
    assert [one[1] for one in network.told] == [content], "without a deadline it goes as it is"
    network.told.clear()
    with deadline_in(LONG):
        DeadlineStream(network).write(content)
    pieces = [one[1] for one in network.told]
    assert b"".join(pieces) == content
    assert [len(piece) for piece in pieces] == [16384, 16384, 16384, len(content) - 3 * 16384]
    left = [options["timeout"] for *_, options in network.told]
    assert left == sorted(set(left), reverse=True), "each has less than the one before"


def test_a_pause_of_the_network_is_no_longer_than_what_is_left() -> None:
    network = Network()
    with deadline_in(LONG):
        DeadlineBackend(network).sleep(5.0)
        DeadlineBackend(network).sleep(2 * LONG)
    first, second = [options["timeout"] for _, options in network.told]
    assert first == 5.0
    assert LONG / 2 < second <= LONG


ADDRESSES: Final = ("192.0.2.1", "192.0.2.2", "192.0.2.3")


def _names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name resolve to these addresses."""

    def look_up(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        assert options == {"type": socket.SOCK_STREAM}
        return [(None, None, None, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.parametrize("refused", range(4))
def test_one_address_after_the_other_is_tried_until_one_answers(
    monkeypatch: pytest.MonkeyPatch, refused: int
) -> None:
    _names(monkeypatch, *ADDRESSES, *ADDRESSES)
    network = Network(*ADDRESSES[:refused])
    backend = DeadlineBackend(network)
    with deadline_in(LONG):
        if refused == len(ADDRESSES):
            with pytest.raises(OSError, match=r"refused at 192\.0\.2\.3:7"):
                backend.connect_tcp("a.test", 7)
        else:
            backend.connect_tcp("a.test", 7)
    assert [one[1] for one in network.told] == [*ADDRESSES[: refused + 1]]


def test_a_name_without_an_address_is_left_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    _names(monkeypatch)
    network = Network()
    with deadline_in(LONG):
        DeadlineBackend(network).connect_tcp("a.test", 7)
    DeadlineBackend(network).connect_tcp("b.test", 7)
    assert [one[1] for one in network.told] == ["a.test", "b.test"]


@pytest.mark.parametrize(
    ("host", "shown"), [("a.test", "a.test:7"), ("::1", "[::1]:7"), (HOST, f"{HOST}:7")]
)
def test_an_error_says_what_was_connected_to(host: str, shown: str) -> None:
    with pytest.raises(OSError, match="refused at ") as caught:
        DeadlineBackend(Network(host)).connect_tcp(host, 7)
    assert str(caught.value) == f"refused at {shown}"


def test_an_event_loop_resolves_a_name_before_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []

    def look_up(host: str, port: int, **options: Any) -> list[tuple[Any, ...]]:
        looked_up.append(host)
        if host == "none.test":
            raise socket.gaierror("no such name")
        return [(None, None, None, "", (ADDRESSES[0], port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    network = AsyncNetwork("refused.test")
    backend = ResolvingBackend(network)

    async def scenario() -> None:
        await backend.connect_tcp("a.test", 7, 5.0, local_address="a")
        await backend.connect_tcp(HOST, 7)
        await backend.connect_unix_socket("/a", 5.0, socket_options=())
        await backend.sleep(3.0)
        with pytest.raises(OSError, match=r"refused at refused\.test:7"):
            await backend.connect_tcp("refused.test", 7)
        with pytest.raises(
            httpx.ConnectError, match=r"none\.test cannot be resolved: no such name"
        ):
            await backend.connect_tcp("none.test", 7)

    asyncio.run(scenario())
    assert looked_up == ["a.test", "refused.test", "none.test"]
    assert network.told[:4] == [
        ("connect", "a.test", 7, {"timeout": 5.0, "local_address": "a"}),
        ("connect", HOST, 7, {"timeout": None}),
        ("unix", "/a", {"timeout": 5.0, "socket_options": ()}),
        ("sleep", {"timeout": 3.0}),
    ]
    assert [one[1] for one in network.told[4:]] == ["refused.test"]


@pytest.mark.parametrize("failure", [socket.gaierror("no"), UnicodeError("no"), OSError("no")])
def test_a_name_that_cannot_be_resolved_is_told_with_its_cause(
    monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def look_up(*given: object, **options: object) -> Any:
        raise failure

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(httpx.ConnectError, match=r"a\.test cannot be resolved: no") as caught:
        resolve("a.test", 7, LONG)
    assert caught.value.__cause__ is failure
    with pytest.raises(httpx.ConnectError, match=r"a\.test cannot be resolved: no") as caught:
        asyncio.run(resolve_async("a.test", 7, None))
    assert caught.value.__cause__ is failure


def test_a_name_that_hangs_has_the_time_that_a_connection_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    told = r"^a\.test was not resolved in time"

    def look_up(*given: object, **options: object) -> list[object]:
        over.wait(ENDING)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    try:
        with deadline_in(0.01), pytest.raises(httpx.ConnectTimeout, match=told):
            DeadlineBackend(Network()).connect_tcp("a.test", 7, LONG)
        for seconds, granted in ((0.01, 60.0), (None, 0.01)):
            monkeypatch.setattr(network, "RESOLVE_TIMEOUT", granted)
            backend = ResolvingBackend(AsyncNetwork())
            with pytest.raises(httpx.ConnectTimeout, match=told):
                asyncio.run(backend.connect_tcp("a.test", 7, seconds))
    finally:
        over.set()


def test_a_name_that_hangs_takes_no_thread_of_the_programs_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, over = threading.Event(), threading.Event()

    def look_up(*given: object, **options: object) -> list[object]:
        begun.set()
        over.wait(ENDING)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    taken: list[float] = []

    async def scenario() -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(resolve_async, "a.test", 7, None)
            while not begun.is_set():
                await anyio.lowlevel.checkpoint()
            taken.append(anyio.to_thread.current_default_thread_limiter().borrowed_tokens)
            over.set()

    asyncio.run(scenario())
    assert taken == [0]


def test_a_block_that_begins_anew_has_all_its_seconds_again() -> None:
    def read(times: int, seconds: float | None, is_begun_anew: bool) -> None:
        async def scenario() -> None:
            with ending_in(seconds) as begin_anew:
                for _ in range(times):
                    await anyio.sleep(LONG)
                    if is_begun_anew:
                        begin_anew()

        trio.run(scenario, clock=trio.testing.MockClock(autojump_threshold=0))

    read(5, LONG + 1, True)
    read(5, None, True)
    for given in ((2, LONG + 1, False), (1, LONG - 1, True)):
        with pytest.raises(httpx.ReadTimeout):
            read(*given)


def test_a_block_that_is_awaited_ends_in_time_with_the_error_that_is_asked_for() -> None:
    async def scenario() -> None:
        with ending_in(None), ending_in(LONG):
            await anyio.lowlevel.checkpoint()
        for error in (httpx.ReadTimeout, httpx.PoolTimeout):
            with pytest.raises(error, match="time was up"), ending_in(0.0, error):
                await anyio.sleep(LONG)
        with pytest.raises(httpx.ReadTimeout), ending_in(0.0):
            await anyio.sleep(LONG)
        for seconds in (None, LONG):
            with ending_in(seconds) as begin_anew:
                begin_anew()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("kind", "network"), [(httpx.Client, DeadlineBackend), (httpx.AsyncClient, ResolvingBackend)]
)
def test_each_connection_of_a_client_keeps_deadlines_proxies_too(kind: Any, network: type) -> None:
    other = kind(verify=False)._transport
    http = kind(mounts={"all://a.test": other, "all://b.test": None}, verify=False)

    def backends() -> list[Any]:
        transports = [http._transport, *http._mounts.values()]
        return [one._pool._network_backend for one in transports if one is not None]

    keep_deadlines(http)
    first = backends()
    assert [type(one) for one in first] == [network, network]
    keep_deadlines(http)
    assert backends() == first, "not twice"
    keep_deadlines(object())
