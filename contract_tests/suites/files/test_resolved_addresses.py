"""Names of storage hosts that resolve to where this client must not go."""

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from runflow_client import AddressRefused, ConnectionLost, InvalidArgument, Runflow
from runflow_client._transport.addresses import AddressCheck
from runflow_client._urls import check_resolved, check_storage_url, find_base_url
from runflow_mock import MockRunflow

from ..client.conftest import Blocking
from ..http_library import httpx
from ..passing import Passing
from .conftest import output_at
from .storage import PNG, Storage

PRODUCTION, MOCK = "https://api.runflow.io", "http://127.0.0.1:4000"
NAME = "storage.example"
PUBLIC = "93.184.215.14"
Names = dict[str, list[str] | Exception]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    """What names resolve to; each list gives one address a time, the last one for ever."""
    found: Names = {}
    real = socket.getaddrinfo

    def resolve(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in found:
            return real(host, port, *more, **options)
        addresses = found[name]
        if isinstance(addresses, Exception):
            raise addresses
        address = addresses.pop(0) if len(addresses) > 1 else addresses[0]
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        end = (address, port, 0, 0) if ":" in address else (address, port)
        return [(family, socket.SOCK_STREAM, 6, "", end)]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return found


def named(storage: Storage) -> str:
    """The URL of the storage's file by name."""
    return storage.url.replace("127.0.0.1", NAME)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "169.254.169.254",
        "192.0.0.192",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:a00:1::",
    ],
)
def test_a_name_that_resolves_to_a_private_address_is_refused_before_connecting(
    client: Any, mock: MockRunflow, storage: Storage, names: Names, address: str
) -> None:
    names[NAME] = [address]
    (artifact,) = output_at(client, mock, named(storage)).outputs
    with pytest.raises(AddressRefused, match=rf"resolves to {address}, .*private") as caught:
        artifact.read()
    assert str(caught.value).startswith(f"refusing to contact http://{NAME}:")
    assert "5ec4e7" not in str(caught.value)
    mock.fail_next(
        "create_asset_upload",
        fault="unknown_enum",
        field="upload_url",
        value=named(storage).replace("http:", "https:"),
    )
    with pytest.raises(AddressRefused, match="resolves to"):
        client.assets.upload(PNG + b"small")


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0"])
def test_this_machine_is_allowed_under_any_name_where_the_api_is_there(
    client: Any, mock: MockRunflow, storage: Storage, names: Names, address: str
) -> None:
    names[NAME] = [address]
    (artifact,) = output_at(client, mock, named(storage)).outputs
    assert artifact.read() == storage.content


@pytest.fixture
def elsewhere(connect: Any, mock: MockRunflow) -> Iterator[Callable[..., Any]]:
    """Makes clients of an API with a public name, which the mock server answers for."""

    class Answering(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            url = f"{mock.base_url}{request.url.raw_path.decode()}"
            headers = {**request.headers, "host": urlsplit(mock.base_url).netloc}
            answer = httpx.request(request.method, url, content=request.content, headers=headers)
            return httpx.Response(answer.status_code, json=answer.json())

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return self.handle_request(request)

    with ExitStack() as stack:

        def make(**options: Any) -> Any:
            options["mounts"] = {"all://api.example": Answering()}
            options["trust_env"] = False
            plain = connect()
            if isinstance(plain, Blocking):
                suspending = httpx.AsyncClient(**options)
                stack.callback(plain._portal.call, suspending.aclose)
                return connect(http_client=suspending, base_url="https://api.example")
            blocking = stack.enter_context(httpx.Client(**options))
            return connect(http_client=blocking, base_url="https://api.example")

        yield make


def test_this_machine_is_refused_where_the_api_is_elsewhere(
    elsewhere: Any, mock: MockRunflow, storage: Storage, names: Names
) -> None:
    names[NAME] = ["127.0.0.1"]
    (artifact,) = output_at(elsewhere(), mock, named(storage)).outputs
    with pytest.raises(AddressRefused, match=r"resolves to 127\.0\.0\.1"):
        artifact.read()
    assert storage.requests == []


def test_a_name_that_resolves_to_another_address_a_moment_later_gets_no_request(
    elsewhere: Any, mock: MockRunflow, storage: Storage, names: Names
) -> None:
    names[NAME] = [PUBLIC, "127.0.0.1"]
    (artifact,) = output_at(elsewhere(), mock, named(storage)).outputs
    with pytest.raises(AddressRefused, match=r"resolves to 127\.0\.0\.1"):
        artifact.read()
    assert storage.requests == []


class OwnNames:
    """A network backend that resolves the name by itself, to this machine."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, host: str, *more: Any, **options: Any) -> Any:
        return self._inner.connect_tcp(host.replace(NAME, "127.0.0.1"), *more, **options)


class Resolving(Passing):
    """A transport whose connections go where its own resolver says."""

    def __init__(self) -> None:
        super().__init__()
        for one in (self._blocking, self._suspending):
            pool: Any = one._pool
            pool._network_backend = OwnNames(pool._network_backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._blocking.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._suspending.handle_async_request(request)


class Rewriting(Resolving):
    """A transport that writes into the URL what its own resolver says."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1")
        return super().handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(host="127.0.0.1")
        return await super().handle_async_request(request)


def test_the_address_of_a_connection_counts_whatever_a_resolver_of_the_users_said(
    elsewhere: Any, mock: MockRunflow, storage: Storage, names: Names
) -> None:
    names[NAME] = [PUBLIC]
    client = elsewhere(transport=Resolving())
    (artifact,) = output_at(client, mock, named(storage)).outputs
    with pytest.raises(AddressRefused, match=r"resolves to 127\.0\.0\.1"):
        artifact.read()
    assert storage.requests == []


class Connection:
    """A connection to this address, of either colour."""

    def __init__(self, address: object) -> None:
        self.address = address
        self.is_closed = False

    def get_extra_info(self, info: str) -> object:
        return self.address if info == "server_addr" else None

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


@pytest.mark.parametrize(
    ("address", "refused"),
    [
        ((PUBLIC, 443), False),
        (("127.0.0.1", 443), True),
        (("::1", 443, 0, 0), True),
        ("/a/socket", False),
        (None, False),
    ],
)
@pytest.mark.parametrize("host", [NAME, "proxy.example"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_connection_to_a_refused_address_is_closed(
    names: Names, colour: str, host: str, address: object, refused: bool
) -> None:
    names[NAME] = [PUBLIC]
    names["proxy.example"] = AssertionError("a proxy is not looked up")
    check = AddressCheck(f"https://{NAME}/x", NAME, PRODUCTION)
    connection = Connection(address)
    begun = {"host": host, "port": 443, "timeout": 5.0}

    def connect() -> None:
        for event, info in (
            ("connection.connect_tcp.started", begun),
            ("connection.connect_tcp.complete", {"return_value": connection}),
        ):
            if colour == "sync":
                check.trace(event, info)
            else:
                asyncio.run(check.trace_async(event, info))

    if refused and host == NAME:
        with pytest.raises(AddressRefused, match=r"resolves to (127\.0\.0\.1|::1), which"):
            connect()
    else:
        connect()
    assert connection.is_closed is (refused and host == NAME)


def test_a_transport_that_writes_the_address_into_the_url_answers_for_it(
    elsewhere: Any, mock: MockRunflow, storage: Storage, names: Names
) -> None:
    names[NAME] = AssertionError("the transport is asked")
    client = elsewhere(transport=Rewriting())
    (artifact,) = output_at(client, mock, named(storage)).outputs
    assert artifact.read() == storage.content


def test_a_proxy_resolves_names_itself(
    elsewhere: Any, mock: MockRunflow, storage: Storage, names: Names
) -> None:
    names[NAME] = AssertionError("the proxy is asked")
    (artifact,) = output_at(elsewhere(proxy=storage.base_url), mock, named(storage)).outputs
    assert artifact.read() == storage.content


@pytest.mark.parametrize(
    "error", [socket.gaierror(-2, "Name or service not known"), UnicodeError("label too long")]
)
def test_a_name_that_cannot_be_resolved_is_a_connection_that_was_not_made(
    client: Any, mock: MockRunflow, storage: Storage, names: Names, error: Exception
) -> None:
    names[NAME] = error
    (artifact,) = output_at(client, mock, named(storage)).outputs
    with pytest.raises(ConnectionLost, match="ConnectError"):
        artifact.read()


def test_resolving_takes_no_longer_than_connecting_may(
    connect: Any, mock: MockRunflow, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, released = socket.getaddrinfo, Event()

    def hang(host: Any, *more: Any, **options: Any) -> Any:
        if NAME in str(host):
            assert released.wait(60)
            raise socket.gaierror(-3, "too late")
        return real(host, *more, **options)

    client = connect(timeout=0.2)
    (artifact,) = output_at(client, mock, named(storage)).outputs
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    started = time.monotonic()
    try:
        with pytest.raises(ConnectionLost, match="ConnectTimeout"):
            artifact.read()
        assert time.monotonic() - started < 10, "three attempts of a fifth of a second"
    finally:
        released.set()


@pytest.mark.parametrize(
    ("address", "base_url", "allowed"),
    [
        (PUBLIC, PRODUCTION, True),
        ("2606:4700::1111", PRODUCTION, True),
        ("64:ff9b::808:808", PRODUCTION, True),
        ("::ffff:8.8.8.8", PRODUCTION, True),
        ("127.0.0.1", PRODUCTION, False),
        ("::1", PRODUCTION, False),
        ("127.0.0.1", MOCK, True),
        ("::1", MOCK, True),
        ("10.0.0.1", MOCK, False),
        ("10.0.0.1", f"https://{NAME}", True),
        ("10.0.0.1", f"https://{NAME}.", True),
        ("fe80::1%eth0", PRODUCTION, False),
    ],
)
@pytest.mark.parametrize("host", [NAME, f"{NAME}."])
def test_what_a_name_may_resolve_to(address: str, base_url: str, allowed: bool, host: str) -> None:
    if allowed:
        check_resolved(f"https://{host}/x", host, [PUBLIC, address], base_url)
    else:
        with pytest.raises(AddressRefused):
            check_resolved(f"https://{host}/x", host, [PUBLIC, address], base_url)


@pytest.mark.parametrize(
    "host",
    [
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "192.88.99.1",
        "240.0.0.1",
        "255.255.255.255",
        "168.63.129.16",
        "169.254.170.2",
        "[2001:db8::1]",
        "[2001::1]",
        "[3fff::1]",
        "[100::1]",
        "[5f00::1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b::a9fe:a9fe]",
        "[::ffff:169.254.169.254]",
        "[2002:a9fe:a9fe::]",
        "[fd00:ec2::254]",
        "metadata.goog",
        "METADATA.GOOG.",
        "metadata",
        "metadata.tencentyun.com",
        "kubernetes.default.svc",
        "db.corp",
        "nas.home",
        "host.localdomain",
    ],
)
def test_special_ranges_and_names_are_refused(host: str) -> None:
    with pytest.raises(AddressRefused, match="private"):
        check_storage_url(f"https://{host}/x", PRODUCTION, secure=True)


@pytest.mark.parametrize(
    "host", ["192.0.1.1", "198.20.0.1", "[64:ff9b::808:808]", "[2001:200::1]", "svc.example"]
)
def test_their_neighbours_are_not(host: str) -> None:
    assert check_storage_url(f"https://{host}/x", PRODUCTION, secure=True).path == "/x"


def test_a_plain_string_of_insecure_hosts_is_refused() -> None:
    url = "http://runflow.example"
    for hosts in ("my-runflow.example.org", "runflow.example, other", "r", "runflow.example"):
        with pytest.raises(InvalidArgument, match="insecure_hosts is the text"):
            find_base_url(url, hosts)
    Runflow("rf_key", base_url=url, insecure_hosts=["runflow.example"]).close()
