"""Applications that read a callback's body before the receiver does: a true callback is stored, or
answered with 5xx and a reason in the log, and never with 4xx, which Runflow does not repeat.
"""

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Annotated, Any

import httpx
import pytest
from runflow_client.callbacks import CallbackEvent

from .bodies import BODY, GONE, KEPT, Stored, check, kept, receiver, stored
from .deliveries import signed
from .servers import PATH, serve_asgi, serve_flask, serve_wsgi

__all__ = ["kept", "stored"]


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


READER = "X-Reader"
"""The header that says how the application reads the body."""


def sent(read: Callable[..., object]) -> dict[str, str]:
    """The headers of a delivery to an application that reads the body so."""
    return {**signed(BODY), READER: read.__name__}


def named(
    reads: Iterable[tuple[Callable[..., Any], int]],
) -> dict[str | None, Callable[..., Any]]:
    """These functions by the header that asks for them."""
    return {read.__name__: read for read, _ in reads}


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


@pytest.fixture(scope="module")
def flask_url(kept: Stored) -> Iterator[str]:
    from flask import Flask, request
    from runflow_client.callbacks.flask import callback_blueprint

    reads, app = named(FLASK), Flask("application")
    app.before_request(lambda: reads[request.headers.get(READER)](request))
    app.register_blueprint(callback_blueprint(PATH, receiver(kept)))
    with serve_flask(app) as url:
        yield url


@contents
@pytest.mark.parametrize(("read", "expected"), FLASK)
def test_flask(
    flask_url: str,
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], None],
    expected: int,
    content: Callable[[], Any],
) -> None:
    check(http.post(flask_url, content=content(), headers=sent(read)), expected, stored, caplog)


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


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def django_url(request: pytest.FixtureRequest, kept: Stored) -> Iterator[str]:
    from django.conf import settings
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    from django.test.utils import override_settings
    from django.urls import path
    from runflow_client.callbacks.django import callback_view

    from .servers import set_up_django

    set_up_django()
    routes = (path(PATH[1:], callback_view(receiver(kept))),)
    name = f"{DjangoReader.__module__}.{DjangoReader.__name__}"
    with override_settings(MIDDLEWARE=[name, *settings.MIDDLEWARE], ROOT_URLCONF=routes):
        serving = (
            serve_wsgi(get_wsgi_application())
            if request.param == "wsgi"
            else serve_asgi(get_asgi_application())
        )
        with serving as url:
            yield url


@pytest.mark.parametrize(("read", "expected"), DJANGO)
def test_django(
    django_url: str,
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], None],
    expected: int,
) -> None:
    check(http.post(django_url, content=BODY, headers=sent(read)), expected, stored, caplog)


class DjangoReader:
    """A middleware that reads the body."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response
        self.reads = named(DJANGO)

    def __call__(self, request: Any) -> Any:
        self.reads[request.headers.get(READER)](request)
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


def starlette_middleware(kept: Stored) -> Any:
    """Return an application whose middleware reads before our route."""
    from runflow_client.callbacks.starlette import callback_route
    from starlette.applications import Starlette
    from starlette.middleware import Middleware
    from starlette.middleware.base import BaseHTTPMiddleware

    reads = named(STARLETTE)

    async def dispatch(request: Any, call_next: Any) -> Any:
        await reads[request.headers.get(READER)](request)
        return await call_next(request)

    return Starlette(
        routes=[callback_route(PATH, receiver(kept))],
        middleware=[Middleware(BaseHTTPMiddleware, dispatch=dispatch)],
    )


def fastapi_dependency(kept: Stored) -> Any:
    """Return an application of which a dependency reads before ours."""
    from fastapi import Depends, FastAPI, Request
    from runflow_client.callbacks.starlette import callback_event

    reads = named(STARLETTE)

    async def before(request: Request) -> None:
        await reads[request.headers.get(READER)](request)

    async def receive(
        event: Annotated[CallbackEvent, Depends(callback_event(receiver(kept)))],
    ) -> None:
        assert event.event

    app = FastAPI(dependencies=[Depends(before)])
    app.post(PATH)(receive)
    return app


@pytest.fixture(scope="module", params=[starlette_middleware, fastapi_dependency])
def starlette_url(request: pytest.FixtureRequest, kept: Stored) -> Iterator[str]:
    with serve_asgi(request.param(kept)) as url:
        yield url


@contents
@pytest.mark.parametrize(("read", "expected"), STARLETTE)
def test_starlette_middleware_and_dependencies_of_fastapi_before_ours(
    starlette_url: str,
    http: httpx.Client,
    stored: Stored,
    caplog: pytest.LogCaptureFixture,
    read: Callable[[Any], Awaitable[None]],
    expected: int,
    content: Callable[[], Any],
) -> None:
    response = http.post(starlette_url, content=content(), headers=sent(read))
    check(response, expected, stored, caplog)


def test_what_reads_the_body_after_ours_has_the_payload_of_the_event(
    stored: Stored, http: httpx.Client
) -> None:
    """The body itself is read once."""
    from fastapi import Depends, FastAPI, Request
    from runflow_client.callbacks.starlette import callback_event

    told: list[object] = []

    async def receive(
        event: Annotated[CallbackEvent, Depends(callback_event(receiver(stored)))],
        request: Request,
    ) -> None:
        with pytest.raises(RuntimeError, match="consumed"):
            await request.body()
        told.append(event.payload)

    app = FastAPI()
    app.post(PATH)(receive)
    with serve_asgi(app) as url:
        assert http.post(url, content=BODY, headers=signed(BODY)).status_code == 200
    assert (told, stored) == ([json.loads(BODY)], [BODY])


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
