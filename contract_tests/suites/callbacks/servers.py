"""Every kind of receiver under the real server of its framework, on a loopback port, in a
thread.
"""

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Annotated, Any
from wsgiref.simple_server import WSGIRequestHandler, make_server as make_wsgi_server

import uvicorn
from runflow_client.callbacks import CallbackEvent, Receiver

HOST = "127.0.0.1"
PATH = "/hooks/runflow"

Serve = Callable[[Receiver], AbstractContextManager[str]]


@contextmanager
def _in_thread(
    run: Callable[[], object], stop: Callable[[], object], port: int
) -> Generator[str, None, None]:
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{port}{PATH}"
    finally:
        stop()
        thread.join()


@contextmanager
def under_uvicorn(app: Any, listener: socket.socket) -> Generator[str, None, None]:
    """Serve an ASGI application on this socket, which is bound."""
    listener.listen()  # from now on connections wait, whenever the server is ready
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
    )

    def stop() -> None:
        server.should_exit = True

    with _in_thread(lambda: server.run(sockets=[listener]), stop, listener.getsockname()[1]) as url:
        yield url


@contextmanager
def serve_asgi(app: Any) -> Generator[str, None, None]:
    """Serve an ASGI application on a free port: its URL."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind((HOST, 0))
        with under_uvicorn(app, listener) as url:
            yield url


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the parent's own name
        pass


@contextmanager
def serve_wsgi(app: Any) -> Generator[str, None, None]:
    """Serve a WSGI application on a free port: its URL."""
    with (
        make_wsgi_server(HOST, 0, app, handler_class=_Quiet) as server,
        _in_thread(lambda: server.serve_forever(0.01), server.shutdown, server.server_port) as url,
    ):
        yield url


def asgi(receiver: Receiver) -> AbstractContextManager[str]:
    """The bare ASGI application."""
    from runflow_client.callbacks.asgi import CallbackApp

    return serve_asgi(CallbackApp(receiver))


def starlette(receiver: Receiver) -> AbstractContextManager[str]:
    """The route in Starlette."""
    from runflow_client.callbacks.starlette import callback_route
    from starlette.applications import Starlette

    return serve_asgi(Starlette(routes=[callback_route(PATH, receiver)]))


def fastapi(receiver: Receiver) -> AbstractContextManager[str]:
    """The route in FastAPI."""
    from fastapi import FastAPI
    from runflow_client.callbacks.starlette import callback_route

    app = FastAPI()
    app.router.routes.append(callback_route(PATH, receiver))
    return serve_asgi(app)


def fastapi_dependency(receiver: Receiver) -> AbstractContextManager[str]:
    """An endpoint in FastAPI that depends on the verified event."""
    from fastapi import Depends, FastAPI
    from runflow_client.callbacks.starlette import callback_event

    app = FastAPI()

    @app.post(PATH)
    async def receive(
        event: Annotated[CallbackEvent, Depends(callback_event(receiver))],
    ) -> dict[str, str | None]:  # pyright: ignore[reportUnusedFunction] # FastAPI holds it
        return {"received": event.subject_id}

    return serve_asgi(app)


def wsgi(receiver: Receiver) -> AbstractContextManager[str]:
    """The bare WSGI application."""
    from runflow_client.callbacks.wsgi import CallbackApp

    return serve_wsgi(CallbackApp(receiver))


@contextmanager
def serve_flask(app: Any) -> Generator[str, None, None]:
    """Serve a Flask application on a free port: its URL."""
    from werkzeug.serving import WSGIRequestHandler as Handler, make_server

    class Quiet(Handler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            pass

    server = make_server(HOST, 0, app, threaded=True, request_handler=Quiet)
    try:
        with _in_thread(
            lambda: server.serve_forever(0.01), server.shutdown, server.server_port
        ) as url:
            yield url
    finally:
        server.server_close()


def flask(receiver: Receiver) -> AbstractContextManager[str]:
    """The blueprint in Flask."""
    from flask import Flask
    from runflow_client.callbacks.flask import callback_blueprint

    app = Flask("receiver")
    app.register_blueprint(callback_blueprint(PATH, receiver))
    return serve_flask(app)


def set_up_django() -> None:
    """Configure Django once, with the usual middleware."""
    import django
    from django.conf import settings

    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=[HOST],
            MIDDLEWARE=[
                "django.middleware.security.SecurityMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
            ],
            LOGGING_CONFIG=None,
        )
        django.setup()


def django(receiver: Receiver) -> AbstractContextManager[str]:
    """The view in Django, behind the usual middleware."""
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import path
    from runflow_client.callbacks.django import callback_view

    set_up_django()
    settings.ROOT_URLCONF = (path(PATH[1:], callback_view(receiver)),)
    return serve_wsgi(get_wsgi_application())


SERVERS: dict[str, Serve] = {
    serve.__name__: serve
    for serve in (asgi, starlette, fastapi, fastapi_dependency, wsgi, flask, django)
}
