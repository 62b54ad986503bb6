"""Answers are read to their end, unpacked, measured, and leave their connection free."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator

import pytest
from runflow_api.http_library import httpx
from runflow_client import RequestTimeout, UnreadableAnswer
from runflow_client.bodies import BodyReader

BODY = b'{"prompt": "' + b"x" * 5000 + b'"}'
PIECE = 512


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in pieces, and knows whether its connection was given back."""

    def __init__(self, body: bytes) -> None:
        self.pieces = [body[start : start + PIECE] for start in range(0, len(body), PIECE)]
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


def answer(*, packed: bool) -> tuple[httpx.Response, Pieces]:
    stream = Pieces(gzip.compress(BODY) if packed else BODY)
    headers = {"Content-Type": "application/json", "X-Request-Id": "req_1"}
    if packed:
        headers["Content-Encoding"] = "gzip"
    request = httpx.Request("GET", "https://api.test/v1/runs")
    extensions = {"http_version": b"HTTP/2"}
    return httpx.Response(200, headers=headers, stream=stream, request=request, extensions=extensions), stream


def read(reader: BodyReader, colour: str) -> httpx.Response:
    return reader.read() if colour == "sync" else asyncio.run(reader.read_async())


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_whole_and_unpacked(colour: str, packed: bool) -> None:
    response, stream = answer(packed=packed)
    whole = read(BodyReader(response, now=lambda: 0.0, expires=None), colour)
    assert whole.content == BODY
    assert whole.headers["X-Request-Id"] == "req_1"
    assert "Content-Encoding" not in whole.headers
    assert (whole.status_code, whole.request) == (200, response.request)
    assert whole.extensions == response.extensions
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_grows_over_the_limit_is_refused_and_gives_its_connection_back(colour: str, packed: bool) -> None:
    response, stream = answer(packed=packed)
    with pytest.raises(UnreadableAnswer, match="larger than 4000 bytes") as caught:
        read(BodyReader(response, now=lambda: 0.0, expires=None, limit=4000), colour)
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/v1/runs", 200)
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_takes_too_long_is_given_up(colour: str) -> None:
    response, stream = answer(packed=False)
    clock = iter(range(100))
    with pytest.raises(RequestTimeout, match="the body was still coming when time was up") as caught:
        read(BodyReader(response, now=lambda: float(next(clock)), expires=5.0), colour)
    assert (caught.value.method, caught.value.path) == ("GET", "/v1/runs")
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_body_as_large_as_the_limit_that_ends_with_the_time_is_whole(colour: str) -> None:
    response, _ = answer(packed=False)
    assert read(BodyReader(response, now=lambda: 5.0, expires=5.0, limit=len(BODY)), colour).content == BODY
