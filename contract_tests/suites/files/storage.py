"""A storage that misbehaves as it is told: what the mock server's own storage cannot do."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from attrs import define, field

PNG = b"\x89PNG\r\n\x1a\n"

LONGEST = 10.0
"""Seconds after which a client that says nothing was left connected."""


@define
class Recorded:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@define(eq=False)
class Storage:
    """Serves one file under every path, or does what is planned for the next requests."""

    base_url: str
    content: bytes = b""
    media_type: str = "image/png"
    tag: str | None = '"first"'
    acts: list["Act"] = field(factory=list)
    requests: list[Recorded] = field(factory=list)
    swallow: list[int] | None = None
    """Where only the sizes of uploads are kept, if they are."""

    @property
    def url(self) -> str:
        """Where the file is; the query must never be shown."""
        return f"{self.base_url}/outputs/picture.png?X-Amz-Signature=5ec4e7"


Act = Callable[[BaseHTTPRequestHandler, Storage], None]


def serve(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
    """The file, or the part of it that is asked for."""
    asked = handler.headers.get("Range")
    if asked is None or handler.headers.get("If-Range") not in (None, storage.tag):
        whole(handler, storage)
        return
    begin = int(asked.removeprefix("bytes=").removesuffix("-"))
    size = len(storage.content)
    _answer(
        handler,
        storage,
        206,
        storage.content[begin:],
        {"Content-Range": f"bytes {begin}-{size - 1}/{size}"},
    )


def whole(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
    """The whole file, whatever is asked for."""
    _answer(handler, storage, 200, storage.content)


def breaking(after: int) -> Act:
    """The connection breaks after so many bytes of the body."""

    def act(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
        begin = int(
            handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-")
        )
        rest, size = storage.content[begin:], len(storage.content)
        extra = {"Content-Range": f"bytes {begin}-{size - 1}/{size}"} if begin else {}
        _answer(
            handler,
            storage,
            206 if begin else 200,
            rest[:after],
            {**extra, "Content-Length": str(len(rest))},
        )

    return act


def answering(
    status: int, body: bytes = b"", media_type: str = "application/xml", **headers: str
) -> Act:
    """Another answer than the file."""

    def act(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        _answer(handler, storage, status, body, {"Content-Type": media_type, **named})

    return act


def endless(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
    """The file without its length."""
    _answer(handler, storage, 200, storage.content, {"Content-Length": ""})


def changing(act: Act, **fields: Any) -> Act:
    """The storage is another from this request on."""

    def change(handler: BaseHTTPRequestHandler, storage: Storage) -> None:
        for name, value in fields.items():
            setattr(storage, name, value)
        act(handler, storage)

    return change


def _answer(
    handler: BaseHTTPRequestHandler,
    storage: Storage,
    status: int,
    body: bytes,
    extra: dict[str, str] | None = None,
) -> None:
    headers = {
        "Content-Type": storage.media_type,
        "Content-Length": str(len(body)),
        **(extra or {}),
    }
    if storage.tag is not None:
        headers["ETag"] = storage.tag
    handler.send_response(status)
    for name, value in headers.items():
        if value:
            handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def running_storage() -> Generator[Storage, None, None]:
    """A storage on 127.0.0.1 for the length of the block."""
    troubles: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        timeout = LONGEST

        def do_GET(self) -> None:  # the library's name
            self._do()

        def do_PUT(self) -> None:
            self._do()

        def _do(self) -> None:
            body = self._body(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            storage.requests.append(Recorded(self.command, self.path, headers, body))
            act = storage.acts.pop(0) if storage.acts else serve
            with suppress(ConnectionError):  # a client that has seen enough hangs up
                act(self, storage)

        def _body(self, size: int) -> bytes:
            if storage.swallow is None:
                return self.rfile.read(size)
            storage.swallow.append(0)
            while storage.swallow[-1] < size:
                storage.swallow[-1] += len(self.rfile.read(min(65536, size - storage.swallow[-1])))
            return b""

        def log_error(self, format: str, *args: Any) -> None:  # noqa: A002
            """Remember what a client did not do, such as to hang up."""
            troubles.append(format % args)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    storage = Storage(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield storage
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert troubles == []
