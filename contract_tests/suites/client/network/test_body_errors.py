"""What ends the reading of an answer says of which request it was, and who answered what."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import RequestTimeout, TransportError, UnreadableAnswer
from runflow_client._flows.callback_secrets import create
from runflow_client._flows.commands import Context, SendRequest
from runflow_client._transport.bodies import BodyReader

from ..scripted import Answer, answer as scripted, drive
from ..stepped_time import SteppedTime

ID: Final = "00000000-0000-7000-8000-000000000001"
LIMIT: Final = 100


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in two pieces."""

    def __init__(self, body: bytes) -> None:
        self._pieces = [body[:9], body[9:]]

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._pieces:
            yield piece


def answer(body: bytes, status: int = 200, **headers: str) -> httpx.Response:
    """An answer whose body is still to come."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Runflow-Request-Id"] = "request-7"
    request = httpx.Request("POST", "https://api.test:444/v1/runs?secret=1")
    return httpx.Response(status, headers=named, stream=Pieces(body), request=request)


def taken() -> httpx.Response:
    """An answer whose body a hook has read and kept for itself."""
    response = answer(b"{}", 201)
    b"".join(response.iter_raw())
    return response


HUGE: Final = gzip.compress(bytes(LIMIT + 1))
CASES: Final[dict[str, tuple[Callable[[], httpx.Response], type[TransportError], str]]] = {
    "too large": (lambda: answer(bytes(LIMIT + 1), 502), UnreadableAnswer, "larger than 100 bytes"),
    "too large, packed": (
        lambda: answer(HUGE, 502, Content_Encoding="gzip"),
        UnreadableAnswer,
        "larger than 100 bytes",
    ),
    "too large before it is unpacked": (
        lambda: answer(bytes(400_000), 502, Content_Encoding="deflate, gzip"),
        UnreadableAnswer,
        "cannot be decoded: ",
    ),
    "cut off": (
        lambda: answer(gzip.compress(b"{}")[:-9], 200, Content_Encoding="gzip"),
        UnreadableAnswer,
        "the encoded body is cut off",
    ),
    "packed otherwise": (
        lambda: answer(b"{}", 200, Content_Encoding="br"),
        UnreadableAnswer,
        "its Content-Encoding is 'br', which was not asked for",
    ),
    "taken by a hook": (taken, UnreadableAnswer, "let it call response.read"),
}


def read(response: httpx.Response, colour: str, **options: Any) -> httpx.Response:
    """Read an answer whole."""
    reader = BodyReader(
        response, **{"now": lambda: 1000.0, "expires": None, "limit": LIMIT, **options}
    )
    return reader.read() if colour == "sync" else asyncio.run(reader.read_async())


def facts(error: TransportError) -> dict[str, object]:
    """Return what the error says of the request and of the answer."""
    names = ("method", "path", "status", "host", "attempts", "request_id", "body")
    return {name: getattr(error, name) for name in names if hasattr(error, name)}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_that_cannot_be_read_says_whose_it_is(colour: str, case: str) -> None:
    if case == "taken by a hook" and colour == "async":
        return  # what is read by a loop that blocks is none of an asynchronous client
    make, kind, told = CASES[case]
    response = make()
    with pytest.raises(kind) as caught:
        read(response, colour)
    assert told in str(caught.value)
    assert "secret" not in str(caught.value)
    assert facts(caught.value) == {
        "method": "POST",
        "path": "/v1/runs",
        "status": response.status_code,
        "host": "api.test",
        "attempts": 1,
        "request_id": "request-7",
        "body": "",
    }


@pytest.mark.parametrize("encoding", ["", "gzip"])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_that_comes_too_late_says_what_was_asked(colour: str, encoding: str) -> None:
    body = gzip.compress(b"{}") if encoding else b"{}"
    headers = {"Content_Encoding": encoding} if encoding else {}
    assert read(answer(body, **headers), colour, expires=1000.0).content == b"{}"  # type: ignore[arg-type] # a header
    with pytest.raises(RequestTimeout, match="still coming when time was up") as caught:
        read(answer(body, **headers), colour, expires=999.0)  # type: ignore[arg-type] # a header
    assert facts(caught.value) == {"method": "POST", "path": "/v1/runs", "attempts": 1}


@pytest.mark.parametrize("encoding", ["", "gzip", "identity"])
@pytest.mark.parametrize("size", [0, 1, LIMIT])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_answer_is_whole_up_to_the_limit(colour: str, size: int, encoding: str) -> None:
    content = bytes(size)
    body = gzip.compress(content) if encoding == "gzip" else content
    headers = {"Content_Encoding": encoding} if encoding else {}
    found = read(answer(body, 203, X_Other="kept", **headers), colour)
    assert (found.status_code, found.content) == (203, content)
    assert found.headers["X-Other"] == "kept"
    assert "Content-Encoding" not in found.headers
    assert found.request.url.path == "/v1/runs"


SECRET: Final = "whsec_5ec4e75ec4e75ec4e7"
SECRETS: Final[dict[str, dict[str, Any]]] = {
    "no id": {"plain_secret": SECRET, "label": "mine"},
    "masked": {"id": ID, "plain_secret": f"{SECRET[:12]}****", "key_prefix": SECRET[:8]},
    "no value": {"id": ID, "plain_secret": None, "label": SECRET},
}
CUT: Final = [b'{"plain_secret": "s3cr3t', b'["s3cr3t"]', b"<p>s3cr3t</p>"]
"""Answers that hold a secret without its prefix, and are no JSON object."""


@pytest.mark.parametrize("name", SECRETS)
def test_an_answer_without_a_whole_secret_is_not_shown(name: str) -> None:
    time = SteppedTime()
    headers = {"Runflow-Request-Id": "request-7"}

    def serve(send: SendRequest) -> Answer:
        return scripted(send, 201, SECRETS[name], headers)

    flow = create(Context(time.now, lambda: 0.5), None)
    with pytest.raises(UnreadableAnswer, match="a callback secret without") as caught:
        drive(flow, time, serve)
    error = caught.value
    assert "5ec4e7" not in "".join([str(error), repr(error), *error.__notes__])
    assert facts(error) == {
        "method": "POST",
        "path": "/v1/callback-secrets",
        "status": 201,
        "host": "api.test",
        "attempts": 1,
        "request_id": "request-7",
        "body": "",
    }


@pytest.mark.parametrize("body", CUT)
def test_what_cannot_be_read_of_a_secret_is_not_shown(body: bytes) -> None:
    time = SteppedTime()
    context = Context(time.now, lambda: 0.5)

    def serve(send: SendRequest) -> Answer:
        return httpx.Response(200, content=body, request=scripted(send, 200).request)

    with pytest.raises(UnreadableAnswer, match="the body is not") as caught:
        drive(create(context, None), time, serve)
    assert "s3cr3t" not in "".join([str(caught.value), repr(caught.value)])
    assert (caught.value.body, caught.value.status) == ("", 200)
