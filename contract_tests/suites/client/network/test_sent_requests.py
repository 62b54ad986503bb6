"""What a request carries: its headers, its cookies, its body."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from runflow_api.api.account import get_balance
from runflow_api.http_library import httpx
from runflow_client import (
    AddressRefused,
    AsyncRunflow,
    RedirectRefused,
    Runflow,
    StorageRefused,
)

from ..answering import Asked, Told, answering, ask, ask_together
from ..calls import FILE, ID, body_of, settled

BALANCE = {"balance": "12.50"}


def set_cookie_once(asked: Asked) -> Told:
    """Set a cookie in the first answer."""
    headers = {} if "Cookie" in asked.headers else {"Set-Cookie": "node=seven; Path=/"}
    return Told(BALANCE, headers=headers)


async def read_twice(client: AsyncRunflow) -> None:
    await client.account.balance()
    await client.account.balance()


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_cookie_that_the_server_sets_comes_back(colour: str) -> None:
    seen: list[str | None] = []

    def tell(asked: Asked) -> Told:
        seen.append(asked.headers.get("Cookie"))
        return set_cookie_once(asked)

    if colour == "sync":
        ask(tell, lambda client: [client.account.balance() for _ in range(2)])
    else:
        ask_together(tell, read_twice)
    assert seen == [None, "node=seven"]


def test_a_read_names_its_host_once_and_has_no_length() -> None:
    with answering(lambda asked: Told(BALANCE)) as server:
        with Runflow("rf_live_x", base_url=server.base_url) as client:
            client.account.balance()
            client.account.balance()
        assert len(server.asked) == 2
        for asked in server.asked:
            names = [name.lower() for name in asked.headers]
            assert names[0] == "host"
            assert asked.headers["Host"] == server.base_url.removeprefix("http://")
            assert {"content-length", "transfer-encoding"}.isdisjoint(names)


def test_a_host_of_the_callers_own_stays() -> None:
    with (
        answering(lambda asked: Told(BALANCE)) as server,
        httpx.Client(headers={"Host": "api.example"}) as http,
        Runflow("rf_live_x", base_url=server.base_url, http_client=http) as client,
    ):
        client.account.balance()
        assert server.asked[0].headers["Host"] == "api.example"
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.extend(request.headers.get_list("Host"))
        return httpx.Response(200, json=BALANCE)

    http = httpx.Client(headers={"Host": "api.example"}, transport=httpx.MockTransport(answer))
    with Runflow("rf_live_x", http_client=http) as client:
        client.account.balance()
    assert sent == ["api.example"], "and there is one"


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_neither_auth_nor_redirects_of_the_callers_http_client_count(colour: str) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.url.host == "storage.test" or request.url.path.endswith("/balance"):
            return httpx.Response(307, headers={"Location": "http://10.0.0.1/"})
        return httpx.Response(201 if request.method == "POST" else 200, json=body_of(request))

    async def work() -> None:
        makers: Any = (Runflow, httpx.Client), (AsyncRunflow, httpx.AsyncClient)
        maker, theirs = makers[colour == "async"]
        transport = httpx.MockTransport(answer)
        http = theirs(transport=transport, auth=("me", "5ec4e7"), follow_redirects=True)
        client = maker("rf_live_x", base_url="https://api.test", http_client=http)
        run = await settled(client.runs.get(ID))
        with pytest.raises(AddressRefused):
            await settled(run.outputs[0].read())
        with pytest.raises(StorageRefused):
            await settled(client.assets.upload(FILE))
        with pytest.raises(RedirectRefused):
            await settled(client.account.balance())
        await settled(http.close() if colour == "sync" else http.aclose())

    asyncio.run(work())
    told = {(request.url.host, request.headers.get("Authorization")) for request in sent}
    assert told == {("api.test", "Bearer rf_live_x"), ("storage.test", None)}


def test_a_hook_finds_the_body_of_every_request() -> None:
    bodies: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        body: dict[str, Any] = {"id": "0198c0de-0000-7000-8000-000000000000"}
        return httpx.Response(201 if request.method == "POST" else 200, json=body)

    hooks = {"request": [lambda request: bodies.append(request.content)]}
    http = httpx.Client(transport=httpx.MockTransport(answer), event_hooks=hooks)
    with Runflow("rf_live_x", http_client=http) as client:
        client.account.balance()
        client.submit("google/nano-banana-pro", {"prompt": "x"})
    assert bodies[0] == b""
    assert b'"prompt"' in bodies[1]


@pytest.mark.parametrize("name", ["Zoe", "Zo\u00eb"])
def test_a_header_of_the_generated_client_may_have_any_letter(name: str) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=BALANCE)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    with Runflow("rf_live_x", http_client=http) as client:
        get_balance.sync(client=client.api.with_headers({"X-Name": name}))
    assert sent[0].headers["X-Name"] == name


def test_a_header_of_one_call_counts_more_than_that_of_the_generated_client() -> None:
    sent: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers.get("X-Organization-Id"))
        return httpx.Response(200, json=BALANCE)

    usual, other = UUID(int=1), UUID(int=2)
    http = httpx.Client(transport=httpx.MockTransport(answer))
    with Runflow("rf_live_x", http_client=http) as client:
        ours = client.api.with_headers({"X-Organization-Id": str(usual)})
        get_balance.sync(client=ours)
        get_balance.sync(client=ours, x_organization_id=str(other))
        get_balance.sync(client=ours)
    assert sent == [str(usual), str(other), str(usual)]
