"""What comes of a file is read and written together; who streams it gets every piece at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from runflow_client import AsyncRunflow, Runflow

from .storage import PNG

API = "http://127.0.0.1:9"
ID = "0198c0de-0000-7000-8000-000000000000"
PIECES = [PNG, *([bytes(1000)] * 999)]
CONTENT = b"".join(PIECES)


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in these pieces, and counts them."""

    def __init__(self) -> None:
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in PIECES:
            self.sent += 1
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece


def transport(body: Pieces) -> httpx.MockTransport:
    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/file":
            return httpx.Response(200, stream=body)
        outputs = [{"url": f"{API}/file", "type": "image"}]
        run = {"id": ID, "status_code": "succeeded", "output": {"outputs": outputs}}
        return httpx.Response(200, json=run)

    return httpx.MockTransport(serve)


def blocking(body: Pieces) -> tuple[bytes, int, list[int]]:
    """The content that is read; how often progress is shown; and what had been sent when each
    piece of a stream came.
    """
    heard: list[int] = []
    http = httpx.Client(transport=transport(body))
    with Runflow("rf_live_x", base_url=API, http_client=http) as client:
        (artifact,) = client.runs.get(ID).outputs
        content = artifact.read(progress=lambda received, total: heard.append(received))
        body.sent = 0
        return content, len(heard), [body.sent for _ in artifact.stream()]


def suspending(body: Pieces) -> tuple[bytes, int, list[int]]:
    async def scenario() -> tuple[bytes, int, list[int]]:
        heard: list[int] = []
        http = httpx.AsyncClient(transport=transport(body))
        async with AsyncRunflow("rf_live_x", base_url=API, http_client=http) as client:
            (artifact,) = (await client.runs.get(ID)).outputs
            content = await artifact.read(progress=lambda received, total: heard.append(received))
            body.sent = 0
            return content, len(heard), [body.sent async for _ in artifact.stream()]

    return asyncio.run(scenario())


@pytest.mark.parametrize("read", [blocking, suspending])
def test_pieces_are_gathered_unless_they_are_streamed(read: Any) -> None:
    content, shown, sent = read(Pieces())
    assert content == CONTENT
    assert shown < len(PIECES) / 2  # each took a quarter of a second else
    assert sent[1:] == list(range(sent[0] + 1, len(PIECES) + 1))
