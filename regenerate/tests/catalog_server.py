"""A small server on the loopback that lists models as the API does: in pages, with a key."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from attrs import define, field

KEY: Final = "rf_live_of_the_test"
PUBLIC: Final = ("/v1/public/models", "/models-catalog.json")


@define
class CatalogServer:
    """The rows that the server lists, two a page, and the paths that were asked.

    `spoil` may change any answer.
    """

    url: str = ""
    models: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    inputs: dict[str, list[dict[str, Any]]] = field(factory=dict[str, list[dict[str, Any]]])
    """By the model's id, for models whose row has no inputs."""
    public: list[dict[str, Any]] = field(factory=list[dict[str, Any]])
    """The rows of the public list, which is missing without any."""
    missing: int = 404
    """The status of the public list without rows."""
    keys_in_public: int = 0
    """How often a key came where none is needed."""
    asked: list[str] = field(factory=list[str])
    spoil: Callable[[str, dict[str, Any]], tuple[int, bytes]] | None = None

    def answer(self, target: str, authorization: str | None) -> tuple[int, bytes]:
        """Return the status and the body for a GET of that path and query."""
        self.asked.append(target)
        if target.startswith(PUBLIC):
            self.keys_in_public += authorization is not None
            body = json.dumps({"items": self.public, "next": None})
            return (200, body.encode()) if self.public else (self.missing, b"{}")
        if authorization != f"Bearer {KEY}":
            return 401, b"{}"
        parts = urlsplit(target)
        segments = parts.path.strip("/").split("/")
        if segments == ["v1", "models"]:
            rows = self.models
        elif len(segments) == 4 and segments[3] == "inputs" and segments[2] in self.inputs:
            rows = self.inputs[segments[2]]
        else:
            return 404, b"{}"
        start = int(parse_qs(parts.query).get("pq", ["0"])[0])
        following = str(start + 2) if start + 2 < len(rows) else None
        page: dict[str, Any] = {
            "items": rows[start : start + 2],
            "first": "0",
            "next": following,
            "previous": None,
        }
        return self.spoil(target, page) if self.spoil else (200, json.dumps(page).encode())


@contextmanager
def listing() -> Generator[CatalogServer]:
    """Run a server on a free port for the time of the context."""
    state = CatalogServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = state.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the name that the base class has
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
