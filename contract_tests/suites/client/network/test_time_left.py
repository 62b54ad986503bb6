"""How much time each request has, where no call says how much: the answer of the API, the head and
each piece of a file, a file that is sent; and what a call says counts for each of its requests.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import anyio
import pytest
from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, Runflow
from runflow_client._transport.network import DeadlineStream

from ..calls import FILE, body_of, settled

ID: Final = "00000000-0000-7000-8000-000000000001"
TIMEOUT: Final = 60.0
"""Seconds of one phase."""


class Asked:
    """A connection that keeps what it is told of the time."""

    timeout: float | None = None

    def read(self, size: int, timeout: float | None = None) -> bytes:
        """Keep it."""
        self.timeout = timeout
        return b""


def _left(is_async: bool) -> float | None:
    """Return the seconds that are left for what is done now; None for no limit."""
    if is_async:
        left = anyio.current_effective_deadline() - anyio.current_time()
        return None if math.isinf(left) else round(left, 1)
    connection = Asked()
    DeadlineStream(connection).read(1)
    return None if connection.timeout is None else round(connection.timeout, 1)


@define(eq=False)
class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The file in two pieces, which note what is left."""

    told: list[tuple[str, float | None]]

    def __iter__(self) -> Iterator[bytes]:
        for piece in (FILE[:5], FILE[5:]):
            self.told.append(("piece", _left(is_async=False)))
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in (FILE[:5], FILE[5:]):
            self.told.append(("piece", _left(is_async=True)))
            yield piece


@define(eq=False)
class Network(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers requests well, and notes what is left for each."""

    told: list[tuple[str, float | None]] = field(factory=list[tuple[str, float | None]])

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, _left(is_async=False))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return self._answer(request, _left(is_async=True))

    def _answer(self, request: httpx.Request, left: float | None) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        self.told.append((f"{request.method} {name}", left))
        if name.endswith(".png"):
            headers = {"Content-Type": "image/png"}
            return httpx.Response(200, headers=headers, stream=Pieces(self.told), request=request)
        return httpx.Response(201, json=body_of(request), request=request)


async def _read(client: Any) -> object:
    run = await settled(client.runs.get(ID))
    return await settled(run.outputs[0].read())


CALLS: Final[dict[str, tuple[Callable[[Any], Any], list[tuple[str, float | None]]]]] = {
    "an answer": (lambda client: client.account.user(), [("GET me", 10 * TIMEOUT)]),
    "an answer within a wait": (
        lambda client: client.runs.attach(ID).wait(timeout=7.0),
        [(f"GET {ID}", 7.0)],
    ),
    "a file that is fetched": (
        _read,
        [
            (f"GET {ID}", 10 * TIMEOUT),
            ("GET 1.png", 2 * TIMEOUT),
            ("piece", TIMEOUT),
            ("piece", TIMEOUT),
        ],
    ),
    "a file that is sent": (
        lambda client: client.assets.upload(FILE),
        [
            ("POST asset-uploads", 10 * TIMEOUT),
            ("PUT put", 2 * TIMEOUT),
            ("POST confirmations", 10 * TIMEOUT),
        ],
    ),
    "a batch in so many seconds": (
        lambda client: client.batches.create(
            "runflow/background-removal", [{"image_url": FILE}], timeout=9.0
        ),
        [
            ("POST asset-uploads", 9.0),
            ("PUT put", 9.0),
            ("POST confirmations", 9.0),
            ("POST batches", 9.0),
        ],
    ),
}


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("name", CALLS)
def test_each_request_has_its_time(name: str, colour: str) -> None:
    call, expected = CALLS[name]
    network = Network()
    options: dict[str, Any] = {"base_url": "https://api.test"}

    async def scenario() -> None:
        if colour == "sync":
            with httpx.Client(transport=network, timeout=TIMEOUT) as http:
                await settled(call(Runflow("rf_live_x", http_client=http, **options)))
            return
        async with httpx.AsyncClient(transport=network, timeout=TIMEOUT) as suspending:
            await settled(call(AsyncRunflow("rf_live_x", http_client=suspending, **options)))

    asyncio.run(scenario())
    assert [one for one, _ in network.told] == [one for one, _ in expected]
    for (place, left), (_, limit) in zip(network.told, expected, strict=True):
        assert left is not None, place
        assert limit is not None
        assert limit - 5.0 < left <= limit, place
