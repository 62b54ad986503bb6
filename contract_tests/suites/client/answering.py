"""A server on a real socket that answers as it is told, or not at all: what no well-behaved server
does.
"""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from uuid import uuid4

import anyio
from attrs import define, field
from runflow_client import AsyncRunflow, Runflow

from .stepped_time import SteppedTime

T = TypeVar("T")

LONGEST = 60.0
"""Seconds after which a connection on which nothing is answered is given up, so that a failing test
ends.
"""


@define
class Asked:
    """One request that came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def fields(self) -> dict[str, Any]:
        """The JSON object of its body."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@define
class Told:
    """What is answered: a body that is not bytes as JSON."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(factory=dict[str, str])


NOTHING = Told()
"""No answer at all, as long as the server runs."""


@define(eq=False)
class Answering:
    """The server: where it is, and what it was asked."""

    base_url: str
    asked: list[Asked] = field(factory=list[Asked])

    def count(self, method: str, path: str) -> int:
        """How often this was asked for."""
        return sum((one.method, one.path) == (method, path) for one in self.asked)


class _Listening(ThreadingHTTPServer):
    daemon_threads = False  # so that those that answer are waited for at the end


@contextmanager
def answering(tell: Callable[[Asked], Told]) -> Iterator[Answering]:
    """Serve on a free port of 127.0.0.1 what `tell` says to each request."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = LONGEST

        def answer(self) -> None:
            path, _, query = self.path.partition("?")
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, path, query, dict(self.headers), body)
            server.asked.append(asked)
            told = tell(asked)
            if told is NOTHING:
                over.wait(LONGEST)
                self.close_connection = True
                return
            content = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
            self.send_response_only(told.status)
            for name, value in {**told.headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 # the names that http.server looks for

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the name that http.server gives it
            """Say nothing."""

    with _Listening(("127.0.0.1", 0), Handler) as listening:
        server = Answering(f"http://127.0.0.1:{listening.server_port}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            over.set()
            listening.shutdown()
            thread.join()


def ask(
    tell: Callable[[Asked], Told],
    work: Callable[[Runflow], T],
    time: SteppedTime | None = None,
    **options: Any,
) -> T:
    """What comes of this work with a synchronous client, whose clock is stepped."""
    clock = time or SteppedTime(0.0)
    with (
        answering(tell) as server,
        Runflow("rf_live_x", base_url=server.base_url, clock=clock, **options) as client,
    ):
        return work(client)


def ask_together(
    tell: Callable[[Asked], Told], work: Callable[[AsyncRunflow], Awaitable[T]], **options: Any
) -> T:
    """What comes of this work with an asynchronous client."""

    async def scenario(base_url: str) -> T:
        async with AsyncRunflow("rf_live_x", base_url=base_url, **options) as client:
            with anyio.fail_after(LONGEST):
                return await work(client)

    with answering(tell) as server:
        return asyncio.run(scenario(server.base_url))


def refusing(status: int, body: Any = None, **headers: str) -> Callable[[Asked], Told]:
    """Every request is answered so."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked: Told(
        {"code": "X", "message": "no"} if body is None else body, status, named
    )


def run_of(asked: Asked, model_id: str) -> dict[str, Any]:
    """The run that this create makes."""
    return {"id": str(uuid4()), "status_code": "queued", "model_id": model_id, **asked.fields}
