"""A server of large files that is never the bottleneck: it sends zeros and throws away what comes.

It also answers the few requests of the API that go with a transfer. As a command it prints its base
URL and serves until its standard input ends.
"""

import json
import sys
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from uuid import uuid4

PIECE: Final = bytes(1024 * 1024)
RUN_OF: Final = "0198c0de-0000-7000-8000-"
"""Begins the id of a run; the rest is the size of its output, in hexadecimal bytes."""


class Handler(BaseHTTPRequestHandler):
    """Serves `/bytes/SIZE`, takes every PUT, and answers as the API does around them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send so many bytes, or the run whose output has them."""
        _, kind, *rest = self.path.split("/")
        if kind == "bytes":
            self._begin(int(rest[-1]), "application/octet-stream")
            left = int(rest[-1])
            while left:
                left -= self.wfile.write(PIECE[:left])
        else:
            size = int(rest[-1].rpartition("-")[2], 16)
            outputs = [{"url": f"{self._base_url}/bytes/{size}", "type": "video"}]
            state = {"status_code": "succeeded", "output": {"outputs": outputs}}
            self._answer({"id": rest[-1], **state})

    def do_PUT(self) -> None:
        """Throw the body away."""
        self._throw_away()
        self._answer({})

    def do_POST(self) -> None:
        """Say where an upload goes, or that it has come."""
        self._throw_away()
        *_, before, last = self.path.split("/")
        asset_id = before if last == "confirmations" else str(uuid4())
        session = {"asset_id": asset_id, "upload_url": f"{self._base_url}/upload"}
        self._answer({"id": asset_id, "ref": f"runflow://assets/{asset_id}", **session}, 201)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base's own word
        """Say nothing."""

    @property
    def _base_url(self) -> str:
        return f"http://{self.headers['Host']}"

    def _throw_away(self) -> None:
        left = int(self.headers.get("Content-Length", 0))
        while left and (piece := self.rfile.read1(min(left, len(PIECE)))):
            left -= len(piece)

    def _answer(self, body: Mapping[str, Any], status: int = 200) -> None:
        content = json.dumps(body).encode()
        self._begin(len(content), "application/json", status)
        self.wfile.write(content)

    def _begin(self, size: int, media_type: str, status: int = 200) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(size))
        self.end_headers()


class Server(ThreadingHTTPServer):
    """Takes all connections of one scene at once."""

    request_queue_size = 128


def main() -> None:
    """Serve on a free port of 127.0.0.1 until standard input ends."""
    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
