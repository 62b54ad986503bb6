"""A receiver of callbacks for tests: a real HTTP server on loopback.

Tests choose its answers; it keeps the requests that it got.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from attrs import field, frozen

DEADLINE = 60  # seconds; only a callback that never comes takes so long


@frozen
class Received:
    """One callback that came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> dict[str, Any]:
        """The body as the JSON object that it says."""
        content: dict[str, Any] = json.loads(self.body)
        return content


class Receiver:
    """Listens from `start` to `stop`.

    `answers` are the statuses of the next answers; after them every answer is 200.
    """

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: list[int] = []
        self._came = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                with receiver._came:
                    receiver.received.append(Received(self.path, headers, body))
                    receiver._came.notify_all()
                status = receiver.answers.pop(0) if receiver.answers else 200
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_request(self, code: object = "-", size: object = "-") -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )

    @property
    def url(self) -> str:
        """Where callbacks go."""
        return f"http://127.0.0.1:{self._server.server_port}/callbacks"

    def start(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def wait_for(self, count: int) -> list[Received]:
        """Return what came once that many have; raise AssertionError after DEADLINE seconds."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.received) >= count, DEADLINE)
            return list(self.received)

    def stop(self) -> None:
        """Listen no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
