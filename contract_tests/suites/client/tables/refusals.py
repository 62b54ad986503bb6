"""What calls say that are refused, or that come too late: the whole text of each error."""

import asyncio
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, PublicCatalog, RetryPolicy, Runflow, inputs
from runflow_client._flows.callback_secrets import check_notified
from runflow_client._transport.http_client import HttpClientHolder

from .rows import table

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


HTTP_CLIENTS: Final[Mapping[str, Callable[[], object]]] = {
    "of the synchronous kind": lambda: _http(httpx.Client),
    "of the awaited kind": lambda: _http(httpx.AsyncClient),
    "that is closed": lambda: _closed(httpx.Client),
    "of the awaited kind that is closed": lambda: _closed(httpx.AsyncClient),
    "a class": lambda: httpx.Client,
    "the other class": lambda: httpx.AsyncClient,
    "a number": lambda: 7,
    "a module": lambda: httpx,
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
    "a batch of another model's input": lambda: _client().batches.create(
        BATCHED, [PICTURE, inputs.GoogleNanoBananaPro(prompt="x")]
    ),
    "a batch with a wrong client_ref": lambda: _client().batches.create(
        BATCHED, [PICTURE, {**PICTURE, "client_ref": "it's"}]
    ),
    "a batch of a model that takes none": lambda: _client().batches.create(MODEL, [{}]),
    "an item without a file, saved": _save_item,
    "a store that only takes secrets": lambda: _client().callbacks.secrets.rotate(Half()),  # type: ignore[arg-type]
    "the class of a store": lambda: _client().callbacks.secrets.rotate(Awaited),  # type: ignore[arg-type]
    "a store that is awaited": lambda: _client().callbacks.secrets.rotate(Awaited()),
    "a store that returned False": lambda: check_notified(False, "await it"),
    "a store that returned None": lambda: check_notified(None, "await it"),
    "a store that returned what is empty": lambda: check_notified([], "await it"),
    "a secret renamed to nothing": lambda: _client().callbacks.secrets.rename(ID, None),  # type: ignore[arg-type]
    "inputs of a model without an id": lambda: list(_client().models.inputs(MODEL)),
}


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for kind in (Runflow, AsyncRunflow):
        yield from table(
            f"{kind.__name__} with an HTTP client",
            lambda make, kind=kind: kind("rf_live_x", base_url=BASE, http_client=make()),
            HTTP_CLIENTS,
        )
    yield from table("calls", lambda call: call(), CALLS)
