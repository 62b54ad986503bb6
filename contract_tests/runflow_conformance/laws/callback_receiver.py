"""Receives callbacks on loopback: keeps them and answers 200, or 503 to refuse some."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from attrs import field, frozen

MAX_BODY_SIZE = 8 * 1024 * 1024  # bytes


@frozen
class ReceivedCallback:
    """One callback: its headers in the order received, and the raw body."""

    headers: list[tuple[str, str]] = field(repr=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Return the value of the header (case-insensitive), None if it was not sent."""
        return next((value for given, value in self.headers if given.lower() == name.lower()), None)


class CallbackReceiver:
    """Listens on a free port while its `with` block runs."""

    def __init__(self) -> None:
        self._received: list[ReceivedCallback] = []
        self._refusals = 0
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                size = min(int(self.headers.get("Content-Length") or 0), MAX_BODY_SIZE)
                self.send_response(
                    receiver.keep(
                        ReceivedCallback(list(self.headers.items()), self.rfile.read(size))
                    )
                )
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's own name
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        """The URL to send callbacks to."""
        return f"http://127.0.0.1:{self._server.server_port}/callbacks"

    def keep(self, received: ReceivedCallback) -> int:
        """Keep a callback and return the status to answer with."""
        with self._lock:
            self._received.append(received)
            refused = self._refusals > 0
            self._refusals -= refused
        return 503 if refused else 200

    def refuse_next(self, count: int) -> None:
        """Answer the next `count` callbacks with 503. They are kept, too."""
        with self._lock:
            self._refusals = count

    def take(self) -> list[ReceivedCallback]:
        """Return the callbacks since the last call, oldest first."""
        with self._lock:
            taken, self._received = self._received, []
        return taken

    def __enter__(self) -> "CallbackReceiver":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
