"""A network that loses one request of an operation, or every repetition of it."""

import re
from collections.abc import AsyncIterator, Iterator

from attrs import define, field

from ...http_library import httpx
from ...passing import Passing

LOSSES = ("before", "after", "cut")
"""How a request is lost: before the server got it, the answer to it, or half of that answer."""


_ID = re.compile("[0-9a-f]{8}-[0-9a-f-]{27}")


def kind_of(request: httpx.Request) -> str:
    """Return method and path, with a sign in place of each id."""
    return f"{request.method} {_ID.sub('*', request.url.path)}"


@define(eq=False)
class Losing(Passing):
    """Loses one request of a kind, in both colours: the one with this number, counted from 0.

    With `for_good` every later request of that kind is lost, too. Without a kind nothing is.
    """

    kind: str | None = None
    number: int = 0
    loss: str = "before"
    for_good: bool = False
    sent: list[str] = field(factory=list)
    lost: int = 0

    def _is_lost(self, request: httpx.Request) -> bool:
        kind = kind_of(request)
        number = self.sent.count(kind)
        self.sent.append(kind)
        lost = kind == self.kind and (
            number == self.number or (self.for_good and number > self.number)
        )
        self.lost += lost
        return lost

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        lost = self._is_lost(request)
        if lost and self.loss == "before":
            assert isinstance(request.stream, httpx.SyncByteStream)
            for _ in request.stream:
                pass
            raise httpx.ReadError("lost")
        response = self._blocking.handle_request(request)
        if lost and self.loss == "after":
            response.read()
            response.close()
            raise httpx.ReadError("lost")
        return self._cut(response, response.read()) if lost else response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        lost = self._is_lost(request)
        if lost and self.loss == "before":
            assert isinstance(request.stream, httpx.AsyncByteStream)
            async for _ in request.stream:
                pass
            raise httpx.ReadError("lost")
        response = await self._suspending.handle_async_request(request)
        if lost and self.loss == "after":
            await response.aread()
            await response.aclose()
            raise httpx.ReadError("lost")
        return self._cut(response, await response.aread()) if lost else response

    def _cut(self, response: httpx.Response, body: bytes) -> httpx.Response:
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower() not in (b"content-encoding", b"transfer-encoding")
        ]
        return httpx.Response(response.status_code, headers=headers, stream=_Half(body))


class _Half(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The first half of a body, then the end of the connection."""

    def __init__(self, body: bytes) -> None:
        self._half = body[: len(body) // 2]

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError("the connection was closed")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._half
        raise httpx.RemoteProtocolError("the connection was closed")
