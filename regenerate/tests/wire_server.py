"""A real HTTP server on the loopback that keeps what it is sent and answers what it is told."""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define, field, frozen


@frozen
class Received:
    """One request as it arrived: its target (path and query) byte for byte, headers, body."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header, None if it did not come."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        return found[0] if found else None


@define
class WireServer:
    """What the server answers next, and what it received."""

    url: str = ""
    status: int = 200
    body: bytes = b"{}"
    content_type: str = "application/json"
    received: list[Received] = field(factory=list[Received])

    def answer(
        self, status: int, body: bytes = b"", content_type: str = "application/json"
    ) -> None:
        """Set the answer to all requests from now on."""
        self.status, self.body, self.content_type = status, body, content_type

    @property
    def last(self) -> Received:
        """The request that came last."""
        return self.received[-1]


@contextmanager
def serving() -> Generator[WireServer]:
    """Run a server on a free port for the time of the context."""
    state = WireServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.received.append(
                Received(self.command, self.path, list(self.headers.items()), body)
            )
            self.send_response(state.status)
            self.send_header("Content-Type", state.content_type)
            if state.status != 204:
                self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            if state.status != 204:
                self.wfile.write(state.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server gives it
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
