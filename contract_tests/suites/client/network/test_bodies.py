"""Answers are read to their end, decoded, measured, and leave their connection free."""

import asyncio
import gzip
import random
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator

import pytest
from runflow_api.http_library import httpx
from runflow_client import RequestTimeout, Runflow, UnreadableAnswer
from runflow_client._transport.bodies import BodyReader
from runflow_client._transport.decoding import MAX_ENCODINGS
from runflow_mock import MockRunflow

from ..conftest import MockTime

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
    body = gzip.compress(BODY) if packed else BODY
    stream = Pieces(body)
    headers = {"Content-Type": "application/json", "X-Request-Id": "req_1"}
    headers["Content-Length"] = str(len(body))
    if packed:
        headers["Content-Encoding"] = "gzip"
    request = httpx.Request("GET", "https://api.test/v1/runs")
    extensions = {"http_version": b"HTTP/2"}
    return httpx.Response(
        200, headers=headers, stream=stream, request=request, extensions=extensions
    ), stream


def read(reader: BodyReader, colour: str) -> httpx.Response:
    return reader.read() if colour == "sync" else asyncio.run(reader.read_async())


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_is_whole_and_decoded(colour: str, packed: bool) -> None:
    response, stream = answer(packed=packed)
    whole = read(BodyReader(response, now=lambda: 0.0, expires=None), colour)
    assert whole.content == BODY
    assert whole.headers["X-Request-Id"] == "req_1"
    assert "Content-Encoding" not in whole.headers
    assert whole.headers.get("Content-Length", str(len(BODY))) == str(len(BODY))
    assert (whole.status_code, whole.request) == (200, response.request)
    assert whole.extensions == response.extensions
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("packed", [False, True])
def test_what_grows_over_the_limit_is_refused_and_gives_its_connection_back(
    colour: str, packed: bool
) -> None:
    response, stream = answer(packed=packed)
    with pytest.raises(UnreadableAnswer, match="larger than 4000 bytes") as caught:
        read(BodyReader(response, now=lambda: 0.0, expires=None, limit=4000), colour)
    assert (caught.value.method, caught.value.path, caught.value.status) == ("GET", "/v1/runs", 200)
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_takes_too_long_is_given_up(colour: str) -> None:
    response, stream = answer(packed=False)
    clock = iter(range(100))
    with pytest.raises(
        RequestTimeout, match="the body was still coming when time was up"
    ) as caught:
        read(BodyReader(response, now=lambda: float(next(clock)), expires=5.0), colour)
    assert (caught.value.method, caught.value.path) == ("GET", "/v1/runs")
    assert stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_body_as_large_as_the_limit_that_ends_with_the_time_is_whole(colour: str) -> None:
    response, _ = answer(packed=False)
    assert (
        read(BodyReader(response, now=lambda: 5.0, expires=5.0, limit=len(BODY)), colour).content
        == BODY
    )


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_that_cannot_be_decoded_is_unreadable(colour: str) -> None:
    response, stream = answer(packed=True)
    stream.pieces = [b"not packed at all"]
    with pytest.raises(UnreadableAnswer, match=r"GET /v1/runs: .* cannot be decoded"):
        read(BodyReader(response, now=lambda: 0.0, expires=None), colour)
    assert stream.closed


def packed_as(body: bytes, encodings: list[str]) -> httpx.Response:
    """An answer with these encodings, the last one outermost."""
    for encoding in encodings:
        window = {"gzip": 31, "x-gzip": 31, "deflate": 15, "raw deflate": -15}[encoding]
        packer = zlib.compressobj(9, zlib.DEFLATED, window)
        body = packer.compress(body) + packer.flush()
    named = ", ".join(encoding.removeprefix("raw ") for encoding in encodings)
    return httpx.Response(
        200,
        headers={"Content-Encoding": named},
        stream=Pieces(body),
        request=httpx.Request("GET", "https://api.test/v1/runs"),
    )


def read_whole(response: httpx.Response, colour: str, limit: int = len(BODY)) -> bytes:
    return read(BodyReader(response, now=lambda: 0.0, expires=None, limit=limit), colour).content


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(
    "encodings",
    [
        *(["gzip"], ["x-gzip"], ["deflate"], ["raw deflate"], ["deflate", "gzip"]),
        ["gzip"] * MAX_ENCODINGS,
    ],
    ids=str,
)
def test_every_encoding_that_is_asked_for_is_decoded(colour: str, encodings: list[str]) -> None:
    assert read_whole(packed_as(BODY, encodings), colour) == BODY


def test_members_of_gzip_are_decoded_one_after_the_other() -> None:
    response = packed_as(b"", ["gzip"])
    response.stream = Pieces(gzip.compress(BODY[:2000]) + gzip.compress(BODY[2000:]))
    assert read_whole(response, "sync") == BODY


@pytest.mark.parametrize(("encoding", "behind"), [("deflate", b"more"), ("gzip", bytes(600))])
def test_what_stands_behind_an_encoded_body_is_left_out(encoding: str, behind: bytes) -> None:
    response = packed_as(BODY, [encoding])
    assert isinstance(response.stream, Pieces)
    response.stream.pieces += [behind[:2], behind[2:]]
    assert read_whole(response, "sync") == BODY


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_a_small_body_that_decodes_to_a_huge_one_never_takes_its_memory(
    colour: str, layers: int
) -> None:
    huge = packed_as(bytes(64 << 20), ["gzip"] * layers)
    read_whole(packed_as(BODY, ["gzip"]), colour)  # what is loaded first is not counted
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableAnswer, match="larger than 1000000 bytes"):
            read_whole(huge, colour, limit=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_body_that_is_too_large_between_two_encodings_is_refused(colour: str) -> None:
    response = packed_as(random.Random(7).randbytes(5000), ["gzip", "gzip"])
    with pytest.raises(UnreadableAnswer, match=r"larger than 4000 bytes \(status 200\)"):
        read_whole(response, colour, limit=4000)
    assert isinstance(response.stream, Pieces)
    assert response.stream.closed


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(
    ("encodings", "cut", "reason"),
    [
        ("gzip", 1, "cut off"),
        ("deflate", 1, "cut off"),
        ("br", 0, "its Content-Encoding is 'br'"),
        (", ".join(["gzip"] * (MAX_ENCODINGS + 1)), 0, "its Content-Encoding is 'gzip, gzip"),
    ],
)
def test_what_cannot_be_decoded_whole_is_refused(
    colour: str, encodings: str, cut: int, reason: str
) -> None:
    first = encodings.split(",")[0]
    response = packed_as(BODY, [first if first != "br" else "gzip"])
    response.headers["Content-Encoding"] = encodings
    stream = response.stream
    assert isinstance(stream, Pieces)
    stream.pieces[-1] = stream.pieces[-1][: len(stream.pieces[-1]) - cut]
    with pytest.raises(UnreadableAnswer, match=f"cannot be decoded: .*{reason}"):
        read_whole(response, colour)
    assert stream.closed


def test_an_empty_body_may_say_that_it_is_encoded() -> None:
    response = packed_as(b"", ["gzip"])
    response.stream = Pieces(b"")
    assert read_whole(response, "sync") == b""


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_time_is_measured_although_the_pieces_of_a_body_decode_to_nothing(colour: str) -> None:
    response = packed_as(b"", ["gzip"])
    response.stream = stream = Pieces(b"")
    stream.pieces = [gzip.compress(b"")[:10], *[b"\x00\x00\x00\xff\xff"] * 100]
    clock = iter(range(200))
    with pytest.raises(RequestTimeout):
        read(BodyReader(response, now=lambda: float(next(clock)), expires=5.0), colour)
    assert next(clock) < 10


def test_a_create_whose_answer_cannot_be_decoded_is_found(mock: MockRunflow) -> None:
    """It was paid: the run must be found, not lost in an error of the HTTP library's."""

    class Garbling(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = network.handle_request(request)
            if request.method == "POST":
                response.read()
                return httpx.Response(
                    201, headers={"Content-Encoding": "gzip"}, stream=Pieces(b"not packed at all")
                )
            return response

    with (
        httpx.HTTPTransport() as network,
        httpx.Client(transport=Garbling()) as http,
        Runflow(
            mock.api_key, base_url=mock.base_url, http_client=http, clock=MockTime(mock)
        ) as client,
    ):
        run = client.run("google/nano-banana-pro", {"prompt": "x"})
    assert [made["id"] for made in mock.runs] == [run.id]
