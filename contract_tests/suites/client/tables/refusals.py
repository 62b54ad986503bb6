"""What calls say that are refused, or that come too late: the whole text of each error."""

import asyncio
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments
from runflow_client import AsyncRunflow, PublicCatalog, RetryPolicy, Runflow, RunflowError, inputs
from runflow_client._flows.callback_secrets import check_notified
from runflow_client._transport.blocking import at_once
from runflow_client._transport.bodies import BodyReader
from runflow_client._transport.detached import DetachedDriver
from runflow_client._transport.http_client import HttpClientHolder

from .addresses import environment
from .rows import Plain, ours, result, table

BASE: Final = "https://api.test"
ID: Final = "0198c0de-0000-7000-8000-000000000000"
MODEL: Final = "google/nano-banana-pro"
BATCHED: Final = "runflow/background-removal"
PICTURE: Final = {"image_url": "https://a.test/1.png"}

Call = Callable[[], object]


def _answer(request: httpx.Request) -> httpx.Response:
    """Answer with what has no field but an item that failed without files."""
    items = [{"id": ID, "status_code": "failed"}]
    return httpx.Response(200, json={"items": items}, request=request)


def _http(kind: type[Any] = httpx.Client) -> Any:
    return kind(transport=httpx.MockTransport(_answer))


def _closed(kind: type[Any]) -> Any:
    http = _http(kind)
    http.close() if kind is httpx.Client else asyncio.run(http.aclose())
    return http


def _client() -> Runflow:
    return Runflow("rf_live_x", base_url=BASE, http_client=_http(), retries=RetryPolicy(1))


class Half:
    """A store of secrets that only takes them."""

    def add(self, secret: object) -> None:
        """Deploy it."""


class Awaited(Half):
    """A store whose methods are awaited."""

    async def remove(self, secret: object) -> None:
        """Forget it."""


def _closed_client() -> object:
    client = _client()
    client.close()
    return client.account.user()


def _closed_by_its_owner() -> object:
    http = _http()
    client = Runflow("rf_live_x", base_url=BASE, http_client=http)
    http.close()
    return client.account.user()


def _in_two_loops() -> object:
    client = AsyncRunflow("rf_live_x", base_url=BASE, http_client=_http(httpx.AsyncClient))

    async def read() -> object:
        return await client.callbacks.secrets.list()

    asyncio.run(read())
    return asyncio.run(read())


def _save_item() -> object:
    (item,) = _client().batches.items(ID)
    return item.save("1.png")


def _awaited() -> AsyncRunflow:
    return AsyncRunflow("rf_live_x", base_url=BASE, http_client=_http(httpx.AsyncClient))


def _without_a_loop() -> object:
    try:
        return _awaited().account.user().send(None)
    except RunflowError as error:
        return Plain(str(error))  # what is behind it has a class of its own in each anyio


def _body(limit: int, **headers: str) -> object:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = httpx.Request("GET", f"{BASE}/v1/runs")
    response = httpx.Response(200, headers=named, stream=httpx.ByteStream(b"{}"), request=request)
    return BodyReader(response, now=lambda: 0.0, expires=None, limit=limit).read()


NOTHING: Final[Any] = iter(())
"""A flow that asks for nothing."""
READ: Final[RequestArguments] = {"method": "GET", "url": "/v1/auth/me"}
HTTP_CLIENTS: Final[Mapping[str, Callable[[], object]]] = {
    "of the synchronous kind": lambda: _http(httpx.Client),
    "of the awaited kind": lambda: _http(httpx.AsyncClient),
    "that is closed": lambda: _closed(httpx.Client),
    "of the awaited kind that is closed": lambda: _closed(httpx.AsyncClient),
    "a class": lambda: httpx.Client,
    "the other class": lambda: httpx.AsyncClient,
    "a number": lambda: 7,
    "a module": lambda: httpx,
    "what only sends": lambda: SimpleNamespace(send=print),
    "what only builds requests": lambda: SimpleNamespace(build_request=print),
}
CALLS: Final[Mapping[str, Call]] = {
    "after close": _closed_client,
    "after its HTTP client was closed": _closed_by_its_owner,
    "in a second event loop": _in_two_loops,
    "in a child of its process": lambda: HttpClientHolder(_http(), process=-1).open(),
    "pickled": lambda: pickle.dumps(_client()),
    "a part pickled": lambda: pickle.dumps(_client().callbacks),
    "a handle pickled": lambda: pickle.dumps(_client().runs.attach(ID)),
    "three retries": lambda: Runflow("rf_live_x", retries=3),  # type: ignore[arg-type] # refused
    "no retries": lambda: PublicCatalog(retries=0),  # type: ignore[arg-type]
    "no timeout": lambda: Runflow("rf_live_x", timeout=None),  # type: ignore[arg-type]
    "a timeout of 0": lambda: Runflow("rf_live_x", timeout=0),
    "a catalog's timeout of 0": lambda: PublicCatalog(timeout=0),
    "a run without an input": lambda: _client().run(MODEL),
    "a run of a typed input and a dict": lambda: _client().run(
        inputs.GoogleNanoBananaPro(prompt="x"), {}
    ),
    "a run of a model that takes batches alone": lambda: _client().run(
        inputs.RunflowDyverRemoval(
            image_url="https://a.test/1.png", config={"elements": ["background_removal"]}
        )
    ),
    "a batch of nothing": lambda: _client().batches.create(BATCHED, []),
    "a batch of 101": lambda: _client().batches.create(BATCHED, [PICTURE] * 101),
    "a batch of a workflow": lambda: _client().batches.create("comfyui-workflows/a/b", [PICTURE]),
    "a run of a workflow without an owner": lambda: _client().run("comfyui-workflows/poster", {}),
    "a model that is a workflow": lambda: _client().models.get("comfyui-workflows/a/b"),
    "a batch of another model's input": lambda: _client().batches.create(
        BATCHED, [PICTURE, inputs.GoogleNanoBananaPro(prompt="x")]
    ),
    "a batch with an item that is no JSON": lambda: _client().batches.create(
        BATCHED, [PICTURE, {"image_url": object()}]
    ),
    "a batch with a wrong client_ref": lambda: _client().batches.create(
        BATCHED, [PICTURE, {**PICTURE, "client_ref": "it's"}]
    ),
    "a batch of a model that takes none": lambda: _client().batches.create(MODEL, [{}]),
    "a batch of typed inputs that costs too much": lambda: _client().batches.create(
        BATCHED,
        [inputs.RunflowBackgroundRemoval(image_url=PICTURE["image_url"])] * 2,
        max_cost="0.01",
    ),
    "an item without a file, saved": _save_item,
    "a store that only takes secrets": lambda: _client().callbacks.secrets.rotate(Half()),  # type: ignore[arg-type]
    "the class of a store": lambda: _client().callbacks.secrets.rotate(Awaited),  # type: ignore[arg-type]
    "a store that is awaited": lambda: _client().callbacks.secrets.rotate(Awaited()),
    "a store that returned False": lambda: check_notified(False, "await it"),
    "a store that returned None": lambda: check_notified(None, "await it"),
    "a store that returned what is empty": lambda: check_notified([], "await it"),
    "a secret renamed to nothing": lambda: _client().callbacks.secrets.rename(ID, None),  # type: ignore[arg-type]
    "the timeout of a generated client": lambda: _client().api.with_timeout(1.0),
    "the cookies of a generated client": lambda: _client().api.with_cookies({"a": "b"}),
    "the HTTP client of a generated client": lambda: _client().api.set_httpx_client(_http()),
    "its awaited HTTP client": lambda: _client().api.set_async_httpx_client(
        _http(httpx.AsyncClient)
    ),
    "a generated client that cannot await": lambda: asyncio.run(_client().api.send_async(READ)),
    "a generated client that cannot block": lambda: _awaited().api.send(READ),
    "without an event loop": _without_a_loop,
    "a run that was unpickled": lambda: DetachedDriver().drive(NOTHING),
    "a stream of one": lambda: DetachedDriver().each(NOTHING),
    "a picture of one": lambda: DetachedDriver().make_blocking(),
    "a picture at once, with an HTTP client of one's own": lambda: at_once(
        _awaited()._driver, lambda context: NOTHING
    ),
    "an answer that is too large": lambda: _body(1),
    "an answer that is packed otherwise": lambda: _body(9, Content_Encoding="br"),
    "inputs of a model without an id": lambda: list(_client().models.inputs(MODEL)),
}


_VARIABLES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
_FILES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
ENVIRONMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "nothing": {},
    "a proxy": {"http_proxy": "http://me:secret@proxy.test:3128"},
    "a proxy for all": {"ALL_PROXY": "proxy.test:3128"},
    "a proxy on this machine": {"HTTP_PROXY": "http://127.0.0.1:3128"},
    "a proxy, and the host excepted": {
        "http_proxy": "http://proxy.test",
        "no_proxy": "api.internal,api.test",
    },
    "a proxy without a host": {"https_proxy": "http://"},
    "a proxy with a port that there is not": {"HTTPS_PROXY": "http://me:secret@proxy.test:99999"},
    "a proxy that cannot be read": {"HTTP_PROXY": "http://me:secret@[::1"},
    "a proxy with a blank": {"HTTPS_PROXY": "http://me:secret@a b"},
    "a proxy of another kind": {"HTTPS_PROXY": "ftp://proxy.test"},
    "an exception that is no host": {"HTTPS_PROXY": "http://a:1", "no_proxy": "a.test, [::1"},
    "no file of certificates": {"SSL_CERT_FILE": "/none/a.pem"},
    "no folder of certificates": {"SSL_CERT_DIR": "/none/a:/none/b"},
    "no file for the keys": {"SSLKEYLOGFILE": "/none/a/log"},
}


def _made(variables: Mapping[str, str]) -> str:
    with environment():
        for name in (*_VARIABLES, *map(str.lower, _VARIABLES), *_FILES):
            os.environ.pop(name, None)
        os.environ.update(variables)
        hosts = ["api.internal"]
        Runflow("rf_live_x", base_url="http://api.internal", insecure_hosts=hosts).close()
    return "a client"


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for kind in (Runflow, AsyncRunflow):
        yield from table(
            f"{kind.__name__} with an HTTP client",
            lambda make, kind=kind: kind("rf_live_x", base_url=BASE, http_client=make()),
            HTTP_CLIENTS,
        )
    yield from table("calls", lambda call: call(), CALLS)
    yield from table(
        "a client in an environment with",
        lambda one: ours(result(_made, one), " of your own ("),
        ENVIRONMENTS,
    )
