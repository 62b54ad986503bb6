"""Applications that read a callback's body before the receiver does: a true callback is stored, or
answered with 5xx and a reason in the log, and never with 4xx, which Runflow does not repeat.
"""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from io import BytesIO
from typing import Annotated, Any

import anyio
import httpx
import pytest
from runflow_client.callbacks import CallbackEvent, Receiver
from runflow_client.callbacks.asgi import CallbackApp as AsgiApp
from runflow_client.callbacks.wsgi import CallbackApp as WsgiApp

from .deliveries import SECRET, encode, signed
from .servers import PATH, serve_asgi, serve_flask, serve_wsgi

BODY = encode()
GONE = 503
KEPT = 200

Stored = list[bytes]


def receiver(stored: Stored) -> Receiver:
    return Receiver(SECRET, lambda event, body: stored.append(body))


@pytest.fixture
def stored() -> Stored:
    return []


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        yield client


def in_chunks(body: bytes) -> Iterator[bytes]:
    """Sent without Content-Length."""
    for at in range(0, len(body), 50):
        yield body[at : at + 50]


CONTENTS: list[Callable[[], Any]] = [lambda: BODY, lambda: in_chunks(BODY)]
contents = pytest.mark.parametrize("content", CONTENTS, ids=["with length", "chunked"])


def check(
    response: httpx.Response, expected: int, stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    assert response.status_code == expected, response.text
    assert stored == ([BODY] if expected == KEPT else [])
    told = [record for record in caplog.records if record.name == "runflow_client.callbacks"]
    assert len(told) == (expected == GONE)
    for record in told:
        assert record.levelno == logging.ERROR
        assert "read" in record.getMessage()
        assert "req_1" in record.getMessage()


def wsgi_environ(environ: dict[str, Any]) -> dict[str, Any]:
    """The environ of a signed request, with these members."""
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in signed(BODY).items()
        if name != "Content-Type"
    }
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "CONTENT_TYPE": "application/json",
        **headers,
        **environ,
    }


# Flask


def flask_get_data(request: Any) -> None:
    request.get_data()


def flask_data(request: Any) -> None:
    assert request.data


def flask_json(request: Any) -> None:
    request.get_json(silent=True)


def flask_form(request: Any) -> None:
    assert not request.form
    assert not request.files


def flask_values_then_json(request: Any) -> None:
    assert not request.values
    assert request.json


def flask_twice(request: Any) -> None:
    assert request.get_data() == request.get_data(as_text=True).encode()


def flask_stream(request: Any) -> None:
    request.stream.read()


def flask_a_part_of_the_stream(request: Any) -> None:
    request.stream.read(10)


def flask_data_that_is_not_kept(request: Any) -> None:
    request.get_data(cache=False)


FLASK = [
    (flask_get_data, KEPT),
    (flask_data, KEPT),
    (flask_json, KEPT),
    (flask_form, KEPT),
    (flask_values_then_json, KEPT),
    (flask_twice, KEPT),
    (flask_stream, GONE),
    (flask_a_part_of_the_stream, GONE),
    (flask_data_that_is_not_kept, GONE),
]


@contents
@pytest.mark.parametrize(("read", "expected"), FLASK)
def test_flask(
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], None],
    expected: int,
    content: Callable[[], Any],
) -> None:
    from flask import Flask, request
    from runflow_client.callbacks.flask import callback_blueprint

    app = Flask("application")
    app.before_request(lambda: read(request))
    app.register_blueprint(callback_blueprint(PATH, receiver(stored)))
    with serve_flask(app) as url:
        check(http.post(url, content=content(), headers=signed(BODY)), expected, stored, caplog)


def test_flask_with_a_smaller_limit_of_its_own(
    http: httpx.Client, stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    from flask import Flask
    from runflow_client.callbacks.flask import callback_blueprint

    app = Flask("application")
    app.config["MAX_CONTENT_LENGTH"] = 10
    app.register_blueprint(callback_blueprint(PATH, receiver(stored)))
    with serve_flask(app) as url:
        check(http.post(url, content=BODY, headers=signed(BODY)), KEPT, stored, caplog)


# Django


def django_body(request: Any) -> None:
    assert request.body


def django_post(request: Any) -> None:
    assert not request.POST


def django_body_then_post(request: Any) -> None:
    assert request.body
    assert not request.POST


def django_body_then_the_stream(request: Any) -> None:
    assert request.body
    request.read()


def django_body_then_a_part(request: Any) -> None:
    assert request.body
    request.read(10)


def django_stream(request: Any) -> None:
    request.read()


def django_a_part(request: Any) -> None:
    request.read(10)


def django_lines(request: Any) -> None:
    list(request)


def django_nothing(request: Any) -> None:
    """What comes without a length is empty to Django."""


def django_empty_body(request: Any) -> None:
    assert request.body == b""


def django_no_post(request: Any) -> None:
    assert not request.POST


DJANGO = [
    (django_body, KEPT),
    (django_post, KEPT),
    (django_body_then_post, KEPT),
    (django_body_then_the_stream, KEPT),
    (django_body_then_a_part, KEPT),
    (django_stream, GONE),
    (django_a_part, GONE),
    (django_lines, GONE),
]


@pytest.mark.parametrize(("read", "expected"), DJANGO)
@pytest.mark.parametrize("server", ["wsgi", "asgi"])
def test_django(
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], None],
    expected: int,
    server: str,
) -> None:
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import override_settings
    from django.urls import path
    from runflow_client.callbacks.django import callback_view

    from .servers import set_up_django

    set_up_django()
    DjangoReader.read = staticmethod(read)
    routes = (path(PATH[1:], callback_view(receiver(stored))),)
    name = f"{DjangoReader.__module__}.{DjangoReader.__name__}"
    with override_settings(MIDDLEWARE=[name, *settings.MIDDLEWARE], ROOT_URLCONF=routes):
        serving = (
            serve_wsgi(get_wsgi_application())
            if server == "wsgi"
            else serve_asgi(get_asgi_application())
        )
        with serving as url:
            check(http.post(url, content=BODY, headers=signed(BODY)), expected, stored, caplog)


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


class DjangoReader:
    """A middleware that reads the body."""

    read: Callable[[Any], None]

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        self.read(request)
        return self.get_response(request)


# Starlette and FastAPI


async def starlette_body(request: Any) -> None:
    assert await request.body()


async def starlette_json(request: Any) -> None:
    assert await request.json()


async def starlette_form(request: Any) -> None:
    assert not await request.form()


async def starlette_body_then_form(request: Any) -> None:
    assert await request.body()
    assert not await request.form()


async def starlette_form_then_closed(request: Any) -> None:
    async with request.form() as form:
        assert not form


async def starlette_stream(request: Any) -> None:
    async for _ in request.stream():
        pass


async def starlette_a_part(request: Any) -> None:
    async for _ in request.stream():
        break


STARLETTE: list[tuple[Callable[[Any], Awaitable[None]], int]] = [
    (starlette_body, KEPT),
    (starlette_json, KEPT),
    (starlette_form, KEPT),
    (starlette_body_then_form, KEPT),
    (starlette_form_then_closed, KEPT),
    (starlette_stream, GONE),
    (starlette_a_part, GONE),
]


@contents
@pytest.mark.parametrize(("read", "expected"), STARLETTE)
def test_starlette_middleware_before_the_route(
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], Awaitable[None]],
    expected: int,
    content: Callable[[], Any],
) -> None:
    from runflow_client.callbacks.starlette import callback_route
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware

    async def dispatch(request: Any, call_next: Any) -> Any:
        await read(request)
        return await call_next(request)

    app = Starlette(
        routes=[callback_route(PATH, receiver(stored))],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)],
    )
    with serve_asgi(app) as url:
        check(http.post(url, content=content(), headers=signed(BODY)), expected, stored, caplog)


@contents
@pytest.mark.parametrize(("read", "expected"), STARLETTE)
def test_a_dependency_of_fastapi_before_ours(
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], Awaitable[None]],
    expected: int,
    content: Callable[[], Any],
) -> None:
    from fastapi import Depends, FastAPI, Request
    from runflow_client.callbacks.starlette import callback_event

    async def before(request: Request) -> None:
        await read(request)

    async def receive(
        event: Annotated[CallbackEvent, Depends(callback_event(receiver(stored)))],
    ) -> None:
        assert event.event

    app = FastAPI(dependencies=[Depends(before)])
    app.post(PATH)(receive)
    with serve_asgi(app) as url:
        check(http.post(url, content=content(), headers=signed(BODY)), expected, stored, caplog)


def test_parameters_of_fastapi_that_are_the_body(
    http: httpx.Client, stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    from fastapi import Body, Depends, FastAPI
    from runflow_client.callbacks.starlette import callback_event

    async def receive(
        payload: Annotated[dict[str, Any], Body()],
        event: Annotated[CallbackEvent, Depends(callback_event(receiver(stored)))],
    ) -> None:
        assert payload["event"] == event.event

    app = FastAPI()
    app.post(PATH)(receive)
    with serve_asgi(app) as url:
        check(http.post(url, content=BODY, headers=signed(BODY)), KEPT, stored, caplog)


# bare ASGI

Message = MutableMapping[str, Any]


def request(body: Any = None, *, more: bool = False) -> Message:
    return {"type": "http.request", **({} if body is None else {"body": body}), "more_body": more}


GONE_AWAY: Message = {"type": "http.disconnect"}
LENGTH = {"Content-Length": str(len(BODY))}


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
