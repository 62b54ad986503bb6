"""A receiver of callbacks on loopback: answers 200 to everything and keeps what came."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import attrs

LARGEST_BODY = 8 * 1024 * 1024  # bytes


@attrs.frozen
class Received:
    """One callback: its headers as they came, and the raw body."""

    headers: list[tuple[str, str]] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)


class CallbackReceiver:
    """Listens on a port of its own for the length of a `with` block."""

    def __init__(self) -> None:
        self._received: list[Received] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), LARGEST_BODY)
                receiver.keep(Received(list(self.headers.items()), self.rfile.read(size)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's own name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where callbacks go."""
        return f"http://127.0.0.1:{self._server.server_port}/callbacks"

    def keep(self, received: Received) -> None:
        """Keep a callback."""
        with self._lock:
            self._received.append(received)

    def take(self) -> list[Received]:
        """Return what came since this was called last, oldest first."""
        with self._lock:
            taken, self._received = self._received, []
        return taken

    def __enter__(self) -> CallbackReceiver:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
