"""What each function says to the words of other clients, and to words that are nearly right; and
what a class says that is called in place of a client.
"""

import asyncio
import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, Runflow, bulk
from runflow_client._flows.other_words import _CALL, _CLIENT

from .rows import table

MODEL: Final = "google/nano-banana-pro"
NEAR: Final = (
    *("api_keys", "base_uri", "organisation_id", "schedul", "imput", "modell", "metadat"),
    *("callbak_url", "clientref", "idempotencykey", "max_costs", "on_updat", "time_out"),
)
OURS: Final = (
    *("input", "inputs", "model", "timeout", "on_update", "raise_on_failure", "callback"),
    *("client_ref", "idempotency_key", "max_cost", "metadata", "strict", "look_first"),
)
"""Arguments that some of the functions have."""
FIELDS: Final = ("prompt", "image_url", "num_images", "quite_different")
WORDS: Final = (*dict.fromkeys((*_CALL, *_CLIENT, *NEAR, *OURS, *FIELDS)),)


def _client() -> Runflow:
    network = httpx.MockTransport(lambda request: httpx.Response(500, request=request))
    http = httpx.Client(transport=network)
    return Runflow("rf_live_x", base_url="https://api.test", http_client=http)


def _functions() -> Iterator[tuple[str, Callable[..., Any], tuple[Any, ...]]]:
    """Give each function by its name, with the arguments that go before the word."""
    client = _client()
    yield "Runflow", Runflow, ("rf_live_x",)
    yield "run", client.run, (MODEL,)
    yield "submit", client.submit, (MODEL,)
    yield "estimate", client.estimate, (MODEL,)
    yield "runs.get_or_create", client.runs.get_or_create, (MODEL,)
    yield "batches.create", client.batches.create, (MODEL,)
    yield "evaluations.submit", client.evaluations.submit, ("https://a.test/1.png", "t")
    yield "bulk.run", bulk.run, (MODEL,)


def _said(function: Callable[..., Any], args: tuple[Any, ...], word: str) -> object:
    return function(*args, **{word: "x"})


ON_CLASSES: Final[Mapping[str, Callable[[], Any]]] = {
    f"{kind.__name__}.{name}": partial(call, kind)
    for kind in (Runflow, AsyncRunflow)
    for name, call in {
        "run": lambda kind: kind.run(MODEL, {}),
        "run by name": lambda kind: kind.run(model=MODEL),
        "submit": lambda kind: kind.submit(MODEL, {}),
        "estimate": lambda kind: kind.estimate(MODEL, {}),
        "runs.get": lambda kind: kind.runs.get,
        "batches.create": lambda kind: kind.batches.create,
        "batches.items": lambda kind: kind.batches.items,
        "runs.attach": lambda kind: kind.runs.attach,
        "callbacks.secrets": lambda kind: kind.callbacks.secrets,
        "api._private": lambda kind: kind.api._private,
    }.items()
}


class Derived(Runflow):
    """A class of the caller's own."""


class AsyncDerived(AsyncRunflow):
    """The same for an event loop."""


CLASSES: Final = (Runflow, Derived, AsyncRunflow, AsyncDerived)


def _estimated(kind: type[Runflow] | type[AsyncRunflow]) -> str:
    return type(kind("rf_live_x").estimate(MODEL, {"prompt": "x"})).__name__


def _called(call: Callable[[], Any]) -> object:
    found = call()
    return asyncio.run(found) if inspect.iscoroutine(found) else found


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    for name, function, args in _functions():
        others = [word for word in WORDS if word not in inspect.signature(function).parameters]
        yield from table(f"a word to {name}", partial(_said, function, args), others)
    yield from table("a call on the class", _called, ON_CLASSES)
    yield from table("an estimate of", _estimated, {kind.__name__: kind for kind in CLASSES})
