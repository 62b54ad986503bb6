"""The generated client itself: transport settings, copies, and secrets in its repr."""

import asyncio
import inspect
from typing import Any

import pytest
from runflow_api.api.status import get_health
from runflow_api.client import AuthenticatedClient, Client
from runflow_api.http_library import httpx

BASE_URL = "http://document.invalid/base"
TOKEN = "rf_test_hidden"


class Seen:
    """Records requests, as a transport for sync and async clients."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.path.endswith("/redirect"):
            return httpx.Response(
                307, headers={"Location": "http://document.invalid/base/v1/health"}
            )
        return httpx.Response(200, json={"status": "ok"})

    def last(self, client: Client, *, asynchronous: bool, url: str = "/v1/health") -> httpx.Request:
        """Send a request with the client and return what was sent last."""
        if asynchronous:
            asyncio.run(client.send_async({"method": "GET", "url": url}))
        else:
            client.send({"method": "GET", "url": url})
        return self.requests[-1]


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def asynchronous(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def seen() -> Seen:
    return Seen()


def arguments(seen: Seen, **more: Any) -> dict[str, Any]:
    return {"httpx_args": {"transport": seen.transport, "trust_env": False}, **more}


def test_a_request_carries_token_headers_and_cookies(seen: Seen, asynchronous: bool) -> None:
    client = AuthenticatedClient(
        BASE_URL, token=TOKEN, **arguments(seen, headers={"X-Own": "1"}, cookies={"c": "2"})
    )
    sent = seen.last(client, asynchronous=asynchronous)
    assert str(sent.url) == BASE_URL + "/v1/health"
    shown = [sent.headers.get(name) for name in ("Authorization", "X-Own", "Cookie")]
    assert shown == [f"Bearer {TOKEN}", "1", "c=2"]
    assert sent.extensions["timeout"] == {
        "connect": 10.0,
        "read": 60.0,
        "write": 60.0,
        "pool": 60.0,
    }


def test_a_token_may_have_another_header_and_prefix(seen: Seen, asynchronous: bool) -> None:
    client = AuthenticatedClient(
        BASE_URL, token=TOKEN, prefix="", auth_header_name="X-Key", **arguments(seen)
    )
    sent = seen.last(client, asynchronous=asynchronous)
    assert (sent.headers.get("X-Key"), sent.headers.get("Authorization")) == (TOKEN, None)
    other = AuthenticatedClient(
        BASE_URL,
        token=TOKEN,
        prefix="Key",
        **arguments(seen, headers={"Authorization": "none", "A": "1"}),
    )
    sent = seen.last(other, asynchronous=asynchronous)
    assert (sent.headers["Authorization"], sent.headers["A"]) == (f"Key {TOKEN}", "1")
    bare = seen.last(Client(BASE_URL, **arguments(seen)), asynchronous=asynchronous)
    assert bare.headers.get("Authorization") is None


def test_a_client_with_more_leaves_the_old_one_as_it_is(seen: Seen, asynchronous: bool) -> None:
    old = AuthenticatedClient(
        BASE_URL, token=TOKEN, **arguments(seen, headers={"A": "1"}, cookies={"a": "1"})
    )
    seen.last(old, asynchronous=asynchronous)
    headers, cookies = old.with_headers({"A": "2", "B": "3"}), old.with_cookies({"b": "2"})
    slow, exact = old.with_timeout(7.0), old.with_timeout(httpx.Timeout(1.0, read=2.0))
    sent = seen.last(headers, asynchronous=asynchronous)
    assert (sent.headers["A"], sent.headers["B"], sent.headers["Cookie"]) == ("2", "3", "a=1")
    assert seen.last(cookies, asynchronous=asynchronous).headers["Cookie"] == "a=1; b=2"
    assert set(seen.last(slow, asynchronous=asynchronous).extensions["timeout"].values()) == {7.0}
    assert seen.last(exact, asynchronous=asynchronous).extensions["timeout"]["read"] == 2.0
    for new in (headers, cookies, slow, exact):
        assert type(new) is AuthenticatedClient
        assert (
            seen.last(new, asynchronous=asynchronous).headers["Authorization"] == f"Bearer {TOKEN}"
        )
        assert new.get_httpx_client() is not old.get_httpx_client()
        assert new.get_async_httpx_client() is not old.get_async_httpx_client()
    sent = seen.last(old, asynchronous=asynchronous)
    assert (sent.headers["A"], sent.headers.get("B"), sent.headers["Cookie"]) == ("1", None, "a=1")
    assert sent.extensions["timeout"]["read"] == 60.0


def test_redirects_are_followed_by_who_asks_for_it(seen: Seen, asynchronous: bool) -> None:
    still = seen.last(
        Client(BASE_URL, **arguments(seen)), asynchronous=asynchronous, url="/redirect"
    )
    assert still.url.path.endswith("/redirect")
    following = Client(BASE_URL, **arguments(seen, follow_redirects=True))
    assert (
        seen.last(following, asynchronous=asynchronous, url="/redirect").url.path
        == "/base/v1/health"
    )


def test_ones_own_client_is_used_as_it_is(seen: Seen) -> None:
    own = httpx.Client(
        base_url="http://own.invalid", headers={"A": "own"}, transport=seen.transport
    )
    client = AuthenticatedClient(BASE_URL, token=TOKEN)
    assert client.set_httpx_client(own) is client
    assert client.get_httpx_client() is own
    sent = seen.last(client, asynchronous=False)
    assert (sent.url.host, sent.headers["A"], sent.headers.get("Authorization")) == (
        "own.invalid",
        "own",
        None,
    )
    own_async = httpx.AsyncClient(base_url="http://own.invalid", transport=seen.transport)
    assert client.set_async_httpx_client(own_async) is client
    assert client.get_async_httpx_client() is own_async
    assert seen.last(client, asynchronous=True).url.host == "own.invalid"


def test_one_pool_serves_every_call_and_closes_with_the_block(seen: Seen) -> None:
    client = Client(BASE_URL, **arguments(seen))
    with client as entered:
        assert entered is client
        inner = client.get_httpx_client()
        assert get_health.sync(client=client) is not None
        assert client.get_httpx_client() is inner
    assert inner.is_closed

    async def use() -> httpx.AsyncClient:
        async with client as entered:
            assert entered is client
            inner = client.get_async_httpx_client()
            await get_health.asyncio(client=client)
            assert client.get_async_httpx_client() is inner
        return inner

    assert asyncio.run(use()).is_closed


def test_an_error_in_the_block_reaches_the_pool() -> None:
    told: list[object] = []

    class Own(httpx.BaseTransport):
        def __exit__(self, *error: Any) -> None:
            told.append(error[0])

    class OwnAsync(httpx.AsyncBaseTransport):
        async def __aexit__(self, *error: Any) -> None:
            told.append(error[0])

    with pytest.raises(LookupError), Client(BASE_URL, httpx_args={"transport": Own()}):
        raise LookupError

    async def use() -> None:
        async with Client(BASE_URL, httpx_args={"transport": OwnAsync()}):
            raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(use())
    assert told == [LookupError, LookupError]


def test_nothing_secret_is_shown() -> None:
    secret = {"secret": "hidden"}
    client = AuthenticatedClient(
        "https://user:hidden@a.example/b?key=hidden",
        token="hidden",
        headers=secret,
        cookies=secret,
        httpx_args={"params": secret},
    )
    client.get_httpx_client().close()
    asyncio.run(client.get_async_httpx_client().aclose())
    for shown in (repr(client), repr(client.with_headers({"other": "hidden"}))):
        assert "client=" not in shown.lower()
        assert "hidden" not in shown
        assert "https://a.example/b?..." in shown
        assert "Timeout" in shown
        assert "prefix='Bearer'" in shown


def test_clients_are_themselves_and_take_options_by_name() -> None:
    assert Client(BASE_URL) != Client(BASE_URL)
    assert len({Client(BASE_URL), Client(BASE_URL)}) == 2
    options = {"cookies", "headers", "timeout", "verify_ssl", "follow_redirects", "httpx_args"}
    for kind, more in (
        (Client, set[str]()),
        (AuthenticatedClient, {"token", "prefix", "auth_header_name", "auth_place"}),
    ):
        given = inspect.signature(kind).parameters.values()
        by_name = {one.name for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY}
        assert by_name == options | more
        assert [one.name for one in given if one.name not in by_name] == ["base_url"]
