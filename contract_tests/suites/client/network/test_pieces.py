"""An answer and a file are the same however they are cut: at every place, with empty pieces."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from attrs import define, field
from runflow_client import NotFound
from runflow_mock import MockRunflow

from ...files.conftest import through
from ...http_library import httpx
from ...passing import Passing

__all__ = ["through"]

UNKNOWN = "0198c0de-0000-7000-8000-000000000000"


class _Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


@define(eq=False)
class Cutting(Passing):
    """Gives the body of each answer in pieces: up to a place, and from there on.

    An answer that was read whole is cut again and again: the server is not asked for it anew.
    """

    at: int = 0
    size: int = 0
    """Bytes of the last body."""
    answers: dict[tuple[str, str], tuple[httpx.Response, bytes]] = field(factory=dict)

    def _cut(self, request: httpx.Request) -> httpx.Response:
        response, body = self.answers[request.method, str(request.url)]
        self.size = len(body)
        pieces = [b"", body[: self.at], b"", body[self.at :], b""]
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.lower() not in (b"content-encoding", b"content-length")
        ]
        return httpx.Response(response.status_code, headers=headers, stream=_Pieces(pieces))

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = request.method, str(request.url)
        if not self.at or asked not in self.answers:
            response = self._blocking.handle_request(request)
            self.answers[asked] = response, response.read()
        return self._cut(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        asked = request.method, str(request.url)
        if not self.at or asked not in self.answers:
            response = await self._suspending.handle_async_request(request)
            self.answers[asked] = response, await response.aread()
        return self._cut(request)


def balance(client: Any) -> object:
    return client.account.balance()


def page(client: Any) -> object:
    return [run.status for run in client.runs.page(page_size=1).items]


def refusal(client: Any) -> object:
    with pytest.raises(NotFound) as caught:
        client.runs.get(UNKNOWN)
    return str(caught.value).partition("request id")[0], caught.value.code


@pytest.mark.parametrize("read", [balance, page, refusal])
def test_an_answer_is_read_wherever_it_is_cut(
    through: Any, client: Any, read: Callable[[Any], object]
) -> None:
    client.run("google/nano-banana-pro", {"prompt": "a lamp", "resolution": "1K"})
    network = Cutting()
    reader = through(network)
    whole = read(reader)
    assert network.size > 50
    for place in range(1, min(network.size, 400)):
        network.at = place
        assert read(reader) == whole


def test_a_file_is_read_wherever_it_is_cut(through: Any, mock: MockRunflow) -> None:
    network = Cutting()
    run = through(network).run("google/nano-banana-pro", {"prompt": "a lamp", "resolution": "1K"})
    (output,) = run.outputs
    whole = output.read()
    places = [*range(1, 70), len(whole) // 2, *range(len(whole) - 20, len(whole) + 1)]
    for place in places:
        network.at = place
        assert output.read() == whole
