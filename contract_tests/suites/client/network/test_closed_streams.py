"""Whatever becomes of a call, each answer that it got is closed, and its place is free again."""

import asyncio
import gzip
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import anyio
import pytest
from runflow_client import AsyncRunflow, RetryPolicy, Runflow
from runflow_client._transport.driver import MAX_CONCURRENT_REQUESTS
from runflow_client._transport.storage import MAX_CONCURRENT_TRANSFERS

from ...http_library import httpx
from ..calls import FILE, ID, body_of, settled
from ..stepped_time import AsyncSteppedTime, SteppedTime
from .counting_closes import CountsCloses

FILES: Final = "https://storage.test"
LONGEST: Final = 20.0
"""Seconds after which a call waits for a place that is not given back."""
_NUMBERS: Final = count()


class Body(CountsCloses, httpx.SyncByteStream, httpx.AsyncByteStream):
    """For httpx."""


Told = tuple[int, dict[str, str], bytes | None, bool]
"""Status, headers, the body (None: the usual one) and whether it breaks."""

WELL: Final[Told] = (200, {}, None, False)
ANSWERS: Final[dict[str, Told]] = {
    "well": WELL,
    "packed": (200, {"Content-Encoding": "gzip"}, None, False),
    "packed and cut off": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(99))[:-9], False),
    "packed otherwise": (200, {"Content-Encoding": "br"}, b"what is it", False),
    "packed trouble": (
        503,
        {"Content-Encoding": "gzip", "Retry-After": "3", "Runflow-Request-Id": "request-7"},
        None,
        False,
    ),
    "refused": (422, {}, b'{"code": "X", "message": "no"}', False),
    "a server in trouble": (503, {"Retry-After": "1"}, b'{"code": "X", "message": "no"}', False),
    "elsewhere": (307, {"Location": "https://other.test/"}, b"gone there", False),
    "elsewhere than anywhere": (307, {"Location": "https://[/"}, b"gone there", False),
    "no JSON": (200, {}, b"<html>no page", False),
    "broken": (200, {}, None, True),
    "a film": (200, {"Content-Type": "video/mp4"}, b"\0\0\0\x18ftypmp42" + bytes(48), False),
    "longer than it says": (200, {"Content-Length": "5"}, None, False),
    "shorter than it says": (200, {"Content-Length": "5000"}, None, False),
}


async def _output(client: Any) -> Any:
    return (await settled(client.runs.get(ID))).outputs[0]


async def _read(client: Any, **more: Any) -> None:
    await settled((await _output(client)).read(**more))


async def _leave(client: Any) -> None:
    """Take the first piece of a stream, and no more."""
    stream = (await _output(client)).stream()
    if hasattr(stream, "__anext__"):
        await anext(stream)
        await stream.aclose()
    else:
        next(stream)
        stream.close()


def _raise(*given: object) -> None:
    raise LookupError("of the caller")


CALLS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "read": ("GET /v1/runs/", lambda client: client.runs.get(ID)),
    "create": (
        "POST /v1/models/",
        lambda client: client.batches.create("a/b", [{}], strict=False),
    ),
    "delete": ("DELETE /v1/assets/", lambda client: client.assets.delete(ID)),
    "fetch": ("GET /1.png", _read),
    "fetch at most a little": ("GET /1.png", lambda client: _read(client, max_bytes=5)),
    "fetch and raise": ("GET /1.png", lambda client: _read(client, progress=_raise)),
    "fetch in part": ("GET /1.png", _leave),
    "put": ("PUT /put", lambda client: client.assets.upload(FILE)),
    "put and raise": ("PUT /put", lambda client: client.assets.upload(FILE, progress=_raise)),
}
"""What is called, and the request that is answered otherwise than well."""

HOOKS: Final[dict[str, Callable[[httpx.Response], object]]] = {
    "none": lambda response: None,
    "refuses": lambda response: response.raise_for_status(),
    "raises": _raise,
}

WITH_HOOKS: Final = {"well", "packed", "refused"}
"""Answers that each hook sees."""


class Network:
    """Answers one kind of request so, and the others well."""

    def __init__(self, place: str, told: Told) -> None:
        self.place = place
        self.told = told
        self.bodies: list[Body] = []
        self.created = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        is_meant = f"{request.method} {request.url.path}".startswith(self.place)
        status, headers, content, breaks = self.told if is_meant else WELL
        if content is None:
            content = FILE if request.url.path.endswith(".png") else self._usual(request)
            content = gzip.compress(content) if "Content-Encoding" in headers else content
        self.bodies.append(Body(content, httpx.ReadError("it broke") if breaks else None))
        return httpx.Response(status, headers=headers, stream=self.bodies[-1], request=request)

    async def answer_async(self, request: httpx.Request) -> httpx.Response:
        """Do the same for an asynchronous client."""
        await request.aread()
        return self.answer(request)

    def _usual(self, request: httpx.Request) -> bytes:
        self.created += request.method == "POST"
        request.read() if isinstance(request.stream, httpx.SyncByteStream) else None
        usual = httpx.Response(200, json=body_of(request, FILES, self.created))
        return usual.content


async def _try(call: Callable[[Any], Any], client: Any) -> None:
    try:
        await settled(call(client))
    except Exception:  # whatever it is: other tests say what
        return


async def _carry_out(
    colour: str, network: Network, call: Callable[[Any], Any], hook: Any, times: int
) -> None:
    base, retries = f"https://{next(_NUMBERS)}.test", RetryPolicy(attempts=2)
    if colour == "sync":
        with (
            httpx.Client(
                transport=httpx.MockTransport(network.answer), event_hooks={"response": [hook]}
            ) as http,
            Runflow(
                "rf_live_x", base_url=base, http_client=http, clock=SteppedTime(), retries=retries
            ) as client,
        ):
            for _ in range(times):
                await _try(call, client)
        return

    async def see(response: httpx.Response) -> None:
        hook(response)

    async with (
        httpx.AsyncClient(
            transport=httpx.MockTransport(network.answer_async), event_hooks={"response": [see]}
        ) as suspending,
        AsyncRunflow(
            "rf_live_x",
            base_url=base,
            http_client=suspending,
            clock=AsyncSteppedTime(),
            retries=retries,
        ) as awaited,
    ):
        with anyio.fail_after(LONGEST):
            for _ in range(times):
                await _try(call, awaited)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_each_answer_is_closed_whatever_becomes_of_it(colour: str, name: str) -> None:
    place, call = CALLS[name]
    for what, told in ANSWERS.items():
        for kind, hook in HOOKS.items():
            if kind != "none" and what not in WITH_HOOKS:
                continue
            network = Network(place, told)
            asyncio.run(_carry_out(colour, network, call, hook, 1))
            assert network.bodies, what
            assert all(body.closed for body in network.bodies), what


@pytest.mark.parametrize("name", CALLS)
def test_each_place_is_free_again_whatever_becomes_of_the_answer(name: str) -> None:
    place, call = CALLS[name]
    is_file = name.startswith(("fetch", "put"))
    places = MAX_CONCURRENT_TRANSFERS if is_file else MAX_CONCURRENT_REQUESTS
    for what in ("well", "broken"):
        network = Network(place, ANSWERS[what])
        asyncio.run(_carry_out("async", network, call, HOOKS["none"], places + 1))
        assert len(network.bodies) > places, what
