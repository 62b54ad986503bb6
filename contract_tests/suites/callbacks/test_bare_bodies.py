"""What is read of ASGI's messages and of WSGI's input, without a server: a body that is whole is
stored, one that is not is asked for again.
"""

import json
from collections.abc import Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any

import anyio
import httpx
import pytest
from runflow_client.callbacks.asgi import CallbackApp as AsgiApp
from runflow_client.callbacks.wsgi import CallbackApp as WsgiApp

from .bodies import BODY, GONE, KEPT, LENGTH, Stored, check, kept, receiver, stored, wsgi_environ
from .deliveries import signed
from .servers import PATH

__all__ = ["kept", "stored"]

# bare ASGI

Message = MutableMapping[str, Any]


def request(body: Any = None, *, more: bool = False) -> Message:
    return {"type": "http.request", **({} if body is None else {"body": body}), "more_body": more}


GONE_AWAY: Message = {"type": "http.disconnect"}


@pytest.mark.parametrize(
    ("messages", "length", "expected"),
    [
        ([request(BODY)], LENGTH, KEPT),
        ([request(more=True), request(b"", more=True), request(BODY)], LENGTH, KEPT),
        ([request(BODY, more=True), request()], LENGTH, KEPT),
        ([request(BODY, more=True), request(b"")], {}, KEPT),
        ([{"type": "http.request", "body": None, "more_body": True}, request(BODY)], {}, KEPT),
        ([{"type": "http.request", "body": BODY}], {}, KEPT),
        ([request(bytearray(BODY))], {}, KEPT),
        ([request(BODY, more=True), GONE_AWAY], LENGTH, KEPT),
        ([request()], LENGTH, GONE),
        ([request(b"")], {}, GONE),
        ([GONE_AWAY], LENGTH, GONE),
        ([GONE_AWAY], {}, GONE),
        ([request(BODY[:50], more=True), GONE_AWAY], LENGTH, GONE),
        ([request(BODY[50:])], LENGTH, GONE),
        ([request(BODY[50:])], {}, GONE),
        ([request(BODY[:50], more=True), GONE_AWAY], {}, GONE),
        ([request(), request(BODY)], {}, GONE),
        ([request(json.dumps(json.loads(BODY), indent=1).encode())], LENGTH, GONE),
    ],
)
def test_messages_of_asgi(
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    messages: list[Message],
    length: dict[str, str],
    expected: int,
) -> None:
    left, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return left.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = {**signed(BODY), **length}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": pairs}
    anyio.run(AsgiApp(receiver(stored)), scope, receive, send)
    response = httpx.Response(sent[0]["status"], content=sent[1]["body"])
    check(response, expected, stored, caplog)


# bare WSGI


class Broken(BytesIO):
    """A request that ends in the middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        raise ConnectionResetError("the sender went away")


def read_out(stream: BytesIO) -> BytesIO:
    stream.read()
    return stream


def read_in_part(stream: BytesIO) -> BytesIO:
    stream.read(10)
    return stream


@pytest.mark.parametrize(
    ("stream", "environ", "expected"),
    [
        (BytesIO(BODY), {"CONTENT_LENGTH": str(len(BODY))}, KEPT),
        (BytesIO(BODY + b"GET"), {"CONTENT_LENGTH": str(len(BODY))}, KEPT),
        (BytesIO(BODY), {"wsgi.input_terminated": True}, KEPT),
        (
            BytesIO(BODY),
            {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
            KEPT,
        ),
        (BytesIO(BODY), {"HTTP_TRANSFER_ENCODING": "chunked"}, GONE),
        (BytesIO(BODY), {}, GONE),
        (BytesIO(BODY), {"CONTENT_LENGTH": ""}, GONE),
        (BytesIO(BODY), {"CONTENT_LENGTH": "seven"}, GONE),
        (BytesIO(BODY), {"CONTENT_LENGTH": "\N{SUPERSCRIPT TWO}"}, GONE),
        (BytesIO(BODY), {"CONTENT_LENGTH": "9" * 5000}, 413),
        (read_out(BytesIO(BODY)), {"CONTENT_LENGTH": str(len(BODY))}, GONE),
        (read_out(BytesIO(BODY)), {"wsgi.input_terminated": True}, GONE),
        (read_in_part(BytesIO(BODY)), {"CONTENT_LENGTH": str(len(BODY))}, GONE),
        (read_in_part(BytesIO(BODY)), {"wsgi.input_terminated": True}, GONE),
        (
            read_in_part(BytesIO(BODY)),
            {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
            GONE,
        ),
        (Broken(), {"CONTENT_LENGTH": str(len(BODY))}, GONE),
    ],
)
def test_inputs_of_wsgi(
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    stream: BytesIO,
    environ: dict[str, Any],
    expected: int,
) -> None:
    statuses: list[int] = []

    def start_response(status: str, headers: object, *error: object) -> Callable[[bytes], object]:
        statuses.append(int(status[:3]))
        return lambda data: None

    whole = wsgi_environ({"wsgi.input": stream, **environ})
    chunks: Iterable[bytes] = WsgiApp(receiver(stored))(whole, start_response)
    if expected == 413:
        assert (statuses, stored) == ([413], [])
        return
    check(httpx.Response(statuses[0], content=b"".join(chunks)), expected, stored, caplog)


def test_a_forgery_is_refused_although_a_callback_of_that_length_would_not_be(
    stored: Stored,
) -> None:
    """What is whole and wrongly signed is a 401; what has no Content-Length may be not whole."""
    chunked = {**signed(BODY), "Transfer-Encoding": "chunked"}
    for headers, status in (({**signed(BODY), **LENGTH}, 401), (signed(BODY), 503), (chunked, 503)):
        incoming = receiver(stored).open("POST", headers)
        incoming.add(BODY.replace(b"succeeded", b"forgeries"))
        assert incoming.answer().status == status
    empty = receiver(stored).open("POST", {**signed(BODY), "Content-Length": "0"})
    assert empty.answer().status == 401
    assert not stored


# Django


def django_nothing(request: Any) -> None:
    """What comes without a length is empty to Django."""


def django_empty_body(request: Any) -> None:
    assert request.body == b""


def django_no_post(request: Any) -> None:
    assert not request.POST


@pytest.mark.parametrize("read", [django_nothing, django_empty_body, django_no_post])
@pytest.mark.parametrize(("terminated", "expected"), [(True, KEPT), (False, GONE)])
def test_django_under_a_wsgi_server_that_takes_chunks(
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], None],
    terminated: bool,
    expected: int,
) -> None:
    from runflow_client.callbacks.django import callback_view

    from .servers import set_up_django

    set_up_django()
    from django.core.handlers.wsgi import WSGIRequest

    environ = {"wsgi.input": BytesIO(BODY), "wsgi.input_terminated": terminated}
    request = WSGIRequest(wsgi_environ(environ))
    read(request)
    response = callback_view(receiver(stored))(request)
    check(httpx.Response(response.status_code), expected, stored, caplog)


def test_django_under_an_asgi_server_that_takes_chunks(
    stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    from runflow_client.callbacks.django import callback_view

    from .servers import set_up_django

    set_up_django()
    from django.core.handlers.asgi import ASGIRequest

    headers = [(name.lower().encode(), value.encode()) for name, value in signed(BODY).items()]
    scope = {"type": "http", "method": "POST", "path": PATH, "headers": headers}
    response = callback_view(receiver(stored))(ASGIRequest(scope, BytesIO(BODY)))
    check(httpx.Response(response.status_code), KEPT, stored, caplog)
