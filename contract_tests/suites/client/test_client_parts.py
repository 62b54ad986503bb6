"""Each argument of a client reaches the part that it is for, and its default is what it was."""

import asyncio
import os
import time
from contextlib import nullcontext
from typing import Any, Final
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_client import (
    AsyncPublicCatalog,
    AsyncRunflow,
    InvalidArgument,
    PollSchedule,
    PublicCatalog,
    RedirectRefused,
    RetryPolicy,
    Runflow,
    RunflowError,
    StorageRefused,
)
from runflow_client._flows.commands import SendRequest
from runflow_client._time import AsyncSystemClock, SystemClock
from runflow_client._transport.factory import ClientConfig, make_async_driver, make_driver
from runflow_client._transport.http_client import HttpClientHolder
from runflow_client._transport.network import DeadlineBackend, ResolvingBackend
from runflow_client._transport.skipping_clock import AsyncSkippingClock, SkippingClock
from runflow_client._urls import SKIP_WAITS_VARIABLE

from .answering import Told, answering
from .calls import settled
from .stepped_time import AsyncSteppedTime, SteppedTime

ID: Final = "0198c0de-0000-7000-8000-000000000000"
HERE: Final = "http://127.0.0.1:9"
NO_NETWORK: Final = httpx.MockTransport(lambda request: httpx.Response(200))
MAKERS: Final[dict[str, tuple[Any, type, type, type]]] = {
    "sync": (make_driver, httpx.Client, SystemClock, SkippingClock),
    "async": (make_async_driver, httpx.AsyncClient, AsyncSystemClock, AsyncSkippingClock),
}
COLOURS: Final = pytest.mark.parametrize("colour", MAKERS)


def config(**options: Any) -> ClientConfig:
    """What a client is made of."""
    usual: dict[str, Any] = {
        "api_key": "rf_live_x",
        "base_url": HERE,
        "organization_id": None,
        "timeout": 60.0,
        "retries": None,
        "insecure_hosts": (),
    }
    return ClientConfig.read(**{**usual, **options})


@pytest.mark.parametrize(("seconds", "connect"), [(60.0, 10.0), (10.0, 10.0), (0.5, 0.5)])
@COLOURS
def test_the_timeout_is_that_of_each_phase_and_connecting_has_ten_seconds(
    colour: str, seconds: float, connect: float
) -> None:
    make, kind = MAKERS[colour][:2]
    for one in (config(timeout=seconds), ClientConfig.without_key(HERE, seconds, None)):
        driver = make(one, None, None)
        http: Any = driver.http
        assert type(http) is kind
        limits = {"connect": connect, "read": seconds, "write": seconds, "pool": seconds}
        assert driver.http.timeout.as_dict() == limits
        assert driver.context.timeout == seconds


@COLOURS
def test_the_retries_are_those_that_are_given_or_the_usual_ones(colour: str) -> None:
    make = MAKERS[colour][0]
    policy = RetryPolicy(attempts=2)
    for retries, expected in ((policy, policy), (None, RetryPolicy())):
        for read in (config(retries=retries), ClientConfig.without_key(HERE, 60.0, retries)):
            assert make(read, None, None).context.retries == expected


def test_only_what_was_given_is_among_the_headers() -> None:
    usual = {"User-Agent", "Accept-Encoding"}
    assert set(ClientConfig.without_key(HERE, 60.0, None).origin.headers) == usual
    assert set(config().origin.headers) == {*usual, "Authorization"}
    headers = config(organization_id=UUID(ID)).origin.headers
    assert headers["X-Organization-Id"] == ID
    assert headers["Authorization"] == "Bearer rf_live_x"
    assert headers["Accept-Encoding"] == "gzip, deflate"
    with pytest.raises(InvalidArgument, match="organization_id is ''"):
        config(organization_id="")
    for wrong in (None, 0, -1.0):
        with pytest.raises(InvalidArgument, match="timeout is"):
            ClientConfig.without_key(HERE, wrong, None)  # type: ignore[arg-type]


@COLOURS
def test_the_clock_is_the_callers_or_the_systems_or_skips_waits_where_the_environment_says_so(
    colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, _, usual, skipping = MAKERS[colour]
    own = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    monkeypatch.delenv(SKIP_WAITS_VARIABLE, raising=False)
    assert make(config(), None, own).clock is own
    assert type(make(config(), None, None).clock) is usual
    monkeypatch.setenv(SKIP_WAITS_VARIABLE, f"{HERE}/")
    assert make(config(), None, own).clock is own
    assert type(make(config(), None, None).clock) is skipping
    assert type(make(config(base_url=f"{HERE}9"), None, None).clock) is usual


@COLOURS
def test_an_http_client_of_the_callers_is_used_and_stays_open(colour: str) -> None:
    make, kind = MAKERS[colour][:2]
    own = kind(transport=NO_NETWORK)
    driver = make(config(), own, None)
    assert driver.http is own
    asyncio.run(driver.close()) if colour == "async" else driver.close()
    assert not own.is_closed
    with pytest.raises(RunflowError, match="this client is closed"):
        driver.http  # noqa: B018 # which raises
    if colour == "async":
        assert driver.make_blocking is None
        assert make(config(), None, None).make_blocking().context.timeout == 60.0


def test_an_http_client_is_closed_once_by_who_made_it() -> None:
    first = httpx.Client(transport=NO_NETWORK)
    ours = HttpClientHolder(first, httpx.Client)
    processes = [ours.process]
    assert ours.open() is first
    assert [*processes, ours.process] == [None, os.getpid()]
    assert ours.close() is first
    assert ours.close() is None
    theirs = HttpClientHolder(first)
    assert theirs.close() is None
    first.close()
    other = HttpClientHolder(first)
    with pytest.raises(RunflowError, match="http_client was closed"):
        other.open()


@pytest.mark.parametrize("ends", ["well", "badly"])
@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow, PublicCatalog, AsyncPublicCatalog])
def test_a_client_is_closed_however_its_block_ends(kind: Any, ends: str) -> None:
    key = {} if "Catalog" in kind.__name__ else {"api_key": "rf_live_x"}
    client = kind(base_url=HERE, **key)
    driver, http = client._driver, client._driver.http

    def work() -> None:
        if ends == "badly":
            raise LookupError

    async def block() -> None:
        if hasattr(client, "__aenter__"):
            async with client as entered:
                assert entered is client
                work()
        else:
            with client as entered:
                assert entered is client
                work()

    with pytest.raises(LookupError) if ends == "badly" else nullcontext():
        asyncio.run(block())
    assert http.is_closed
    with pytest.raises(RunflowError, match="this client is closed"):
        driver.http  # noqa: B018 # which raises


def test_another_process_makes_an_http_client_of_its_own() -> None:
    made = [httpx.Client(transport=NO_NETWORK) for _ in range(3)]
    first, second, _ = made
    elsewhere = -1  # which no process is
    ours = HttpClientHolder(first, lambda: second, process=elsewhere)
    assert ours.close() is None, "the parent's connections are not closed"
    ours = HttpClientHolder(made.pop(0), lambda: made.pop(0), process=elsewhere)
    assert [ours.open(), ours.open()] == [second, second]
    assert ours.close() is second
    with pytest.raises(RunflowError, match="before this process was forked"):
        HttpClientHolder(first, process=elsewhere).open()


LIMITS: Final = {"connect": 3.0, "read": 5.0, "write": None, "pool": 7.0}


@pytest.mark.parametrize("timeout", [None, 4.0, 9.0])
@pytest.mark.parametrize("kind", ["plain", "with params", "with cookies", "of its own class"])
def test_a_request_is_the_same_however_it_is_built(kind: str, timeout: float | None) -> None:
    class Own(httpx.Client):
        """A client that may do more than httpx's."""

    options: dict[str, Any] = {
        "timeout": httpx.Timeout(**LIMITS),
        "headers": {"X-Theirs": "1"},
        "transport": NO_NETWORK,
    }
    if kind == "with params":
        options["params"] = {"theirs": "1"}
    if kind == "with cookies":
        options["cookies"] = {"a": "b"}
    with (Own if kind == "of its own class" else httpx.Client)(**options) as http:
        for arguments in (
            {"method": "GET", "url": "/v1/runs"},
            {"method": "GET", "url": "/v1/runs", "params": {"q": "a b"}},
            {"method": "POST", "url": "/v1/runs", "json": {"a": 1}, "headers": {"X-Mine": "2"}},
            {"method": "POST", "url": "/v1/runs"},
            {"method": "DELETE", "url": "/v1/runs"},
            {"method": "GET", "url": "/v1/runs", "headers": {"Authorization": "of one call"}},
        ):
            origin = config(base_url="https://API.test:443/").origin
            given: Any = dict(arguments)
            request = origin.request(http, SendRequest(given, timeout))
            assert given == arguments, "they are as they were, for the next attempt"
            query = {**arguments.get("params", {}), **options.get("params", {})}  # type: ignore[dict-item]
            assert request.url.path == "/v1/runs"
            assert dict(request.url.params) == query
            assert request.headers["X-Theirs"] == "1"
            mine: Any = arguments.get("headers", {})
            usual = "Bearer rf_live_x"
            assert request.headers["Authorization"] == mine.get("Authorization", usual)
            assert request.headers.get("X-Mine") == mine.get("X-Mine")
            assert request.headers.get("Cookie") == ("a=b" if kind == "with cookies" else None)
            assert request.headers["Host"] == "api.test"
            assert ("Content-Length" in request.headers) is (request.method == "POST")
            expected = {
                name: limit if timeout is None else min(timeout, limit or timeout)
                for name, limit in LIMITS.items()
            }
            assert request.extensions["timeout"] == expected


def test_a_skipping_clock_moves_on_by_what_it_skips() -> None:
    clock, real = SkippingClock(), time.monotonic()
    assert 0.0 <= clock.now() - real < 100.0
    before = clock.now()
    clock.sleep(1000.0)
    assert 1000.0 <= clock.now() - before < 1100.0
    with pytest.raises(InvalidArgument, match="seconds is"):
        clock.sleep("1")  # type: ignore[arg-type]
    suspending = AsyncSkippingClock()
    assert 0.0 <= suspending.now() - real < 100.0
    asyncio.run(suspending.sleep(1000.0))
    assert 1000.0 <= suspending.now() - real < 1100.0


@COLOURS
def test_a_skipping_clock_moves_on_the_time_of_its_server(
    colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", HERE)  # where nothing listens
    with answering(lambda asked: Told({})) as server:
        clock = MAKERS[colour][3](server.base_url)
        asyncio.run(_slept(clock, 5.0))
    (asked,) = server.asked
    assert (asked.method, asked.path) == ("POST", "/_mock/advance")
    assert 4.0 < asked.fields["seconds"] <= 5.0
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers["content-type"] == "application/json"
    before = clock.now()
    asyncio.run(_slept(clock, 7.0))
    assert clock.now() - before >= 7.0, "a server that has stopped has no time"


async def _slept(clock: Any, seconds: float) -> None:
    await settled(clock.sleep(seconds))


@COLOURS
def test_an_http_client_of_the_callers_keeps_deadlines(colour: str) -> None:
    make, kind = MAKERS[colour][:2]
    own: Any = kind(verify=False)
    make(config(), own, None)
    backend = own._transport._pool._network_backend
    assert type(backend) is (DeadlineBackend if colour == "sync" else ResolvingBackend)


@COLOURS
def test_hosts_that_may_see_the_key_are_named_for_the_server_and_for_its_proxy(
    colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = MAKERS[colour][0]
    for name in ("HTTP_PROXY", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://proxy.internal:3128")
    with pytest.raises(InvalidArgument, match="plain http"):
        config(base_url="http://api.internal")
    alone = config(base_url="http://api.internal", insecure_hosts=["api.internal"])
    with pytest.raises(InvalidArgument, match="http_proxy sends plain http to api"):
        make(alone, None, None)
    both = ["api.internal", "proxy.internal"]
    assert make(config(base_url="http://api.internal", insecure_hosts=both), None, None).http


WAITS: Final[dict[str, Any]] = {
    "run": lambda client: client.run("a/b", {}),
    "runs": lambda client: client.runs.attach(ID).wait(),
    "batches": lambda client: client.batches.attach(ID).wait(),
    "evaluations": lambda client: client.evaluations.attach(ID).wait(),
}


@pytest.mark.parametrize("what", WAITS)
@COLOURS
def test_the_schedule_is_that_of_every_wait(colour: str, what: str) -> None:
    reads: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        reads.append(request)
        ended = "completed" if what == "evaluations" else "succeeded"
        status = ended if len(reads) > 4 else "running"
        return httpx.Response(200, json={"id": ID, "status_code": status})

    schedule = PollSchedule(first=3.0, growth=2.0, longest=7.0, jitter=0.0)
    own = MAKERS[colour][1](transport=httpx.MockTransport(answer))
    clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    common: dict[str, Any] = {"base_url": HERE, "clock": clock, "schedule": schedule}
    if colour == "sync":
        WAITS[what](Runflow("rf_live_x", http_client=own, **common))
    else:
        asyncio.run(WAITS[what](AsyncRunflow("rf_live_x", http_client=own, **common)))
    assert clock.slept == [3.0, 6.0, 7.0, 7.0]


@COLOURS
def test_an_http_client_of_the_callers_neither_signs_nor_follows_redirects(colour: str) -> None:
    """Neither at the API nor at the storage: the key is ours, and each address is checked."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url} {request.headers.get('Authorization')}")
        if request.url.path == "/put":
            return httpx.Response(302, headers={"Location": "https://other.test/put"})
        if request.url.path.endswith("/asset-uploads"):
            body = {"asset_id": ID, "upload_url": "https://storage.test/put"}
            return httpx.Response(201, json=body)
        return httpx.Response(307, headers={"Location": "https://other.test/"})

    own = MAKERS[colour][1](
        transport=httpx.MockTransport(answer), auth=("me", "secret"), follow_redirects=True
    )
    clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    common: dict[str, Any] = {"base_url": HERE, "clock": clock, "http_client": own}
    client: Any = (Runflow if colour == "sync" else AsyncRunflow)("rf_live_x", **common)

    async def call(method: Any, *given: Any) -> None:
        with pytest.raises((RedirectRefused, StorageRefused)):
            await settled(method(*given))

    asyncio.run(_both(call, client))
    assert asked == [
        f"GET {HERE}/v1/billing/balance Bearer rf_live_x",
        f"POST {HERE}/v1/asset-uploads Bearer rf_live_x",
        "PUT https://storage.test/put None",
    ]


async def _both(call: Any, client: Any) -> None:
    await call(client.account.balance)
    await call(client.assets.upload, b"\x89PNG\r\n\x1a\n of this test")


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"http_proxy": "ftp://a"}, "http_proxy is 'ftp://a'"),
        ({"HTTP_PROXY": "ftp://a"}, "HTTP_PROXY is 'ftp://a'"),
        ({"http_proxy": "ftp://a", "HTTP_PROXY": "http://b"}, "http_proxy is 'ftp://a'"),
        ({"https_proxy": "http://"}, "https_proxy is 'http://'"),
        ({"all_proxy": "http://a:99999"}, "all_proxy is 'http://a:99999'"),
        ({"ALL_PROXY": "http://me:secret@a b"}, "ALL_PROXY is "),
        ({"http_proxy": "http://a:1", "https_proxy": "ftp://b"}, "https_proxy is 'ftp://b'"),
        ({"https_proxy": "http://a:1", "no_proxy": "a.test, [::1"}, "no_proxy has the unusable"),
        ({"SSL_CERT_FILE": "/none/a.pem"}, "SSL_CERT_FILE is '/none/a.pem'"),
        ({"SSL_CERT_DIR": "/none/a:/none/b"}, "SSL_CERT_DIR is '/none/a:/none/b'"),
        ({"SSLKEYLOGFILE": "/none/a/log"}, "SSLKEYLOGFILE is '/none/a/log'"),
    ],
)
@COLOURS
def test_a_variable_that_cannot_be_used_is_named_as_it_is_spelled(
    colour: str, variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(InvalidArgument) as caught:
        MAKERS[colour][0](config(base_url="https://api.test"), None, None)
    assert str(caught.value).startswith(named)
    assert "secret" not in str(caught.value)
