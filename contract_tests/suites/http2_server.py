"""A server of HTTP/2 that does to every stream what a test wants."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived


class Stream:
    """What a server may do with the stream of a request."""

    def __init__(
        self,
        http2: H2Connection,
        number: int,
        transport: asyncio.Transport,
        asked: Mapping[str, str],
    ) -> None:
        self.http2 = http2
        self.number = number
        self.asked = asked
        """The headers of the request."""
        self._transport = transport

    def start(self, status: int = 200, *, length: int | None = None, **headers: str) -> None:
        """Send the head of the answer. Headers are given with `_` for `-`."""
        told = {"content_type": "application/json"} | headers
        if length is not None:
            told["content_length"] = str(length)
        named = [(name.replace("_", "-"), value) for name, value in told.items()]
        self.http2.send_headers(self.number, [(":status", str(status)), *named])

    def send(self, content: bytes) -> None:
        """Send these bytes in frames."""
        size = self.http2.max_outbound_frame_size
        for begin in range(0, len(content), size):
            self.http2.send_data(self.number, content[begin : begin + size])

    def flush(self) -> None:
        self._transport.write(self.http2.data_to_send())

    def hang_up(self) -> None:
        self.flush()
        self._transport.close()


class Server(asyncio.Protocol):
    """Speaks HTTP/2, and treats every request in one way."""

    def __init__(self, treat: Callable[[Stream], None], connected: set[asyncio.Transport]) -> None:
        self._treat = treat
        self._connected = connected
        self._http2 = H2Connection(
            H2Configuration(client_side=False, validate_outbound_headers=False)
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connected.add(transport)
        self._http2.initiate_connection()
        transport.write(self._http2.data_to_send())

    def connection_lost(self, exc: Exception | None) -> None:
        self._connected.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        for event in self._http2.receive_data(data):
            if isinstance(event, RequestReceived):
                assert event.stream_id is not None
                asked = {_text(name): _text(value) for name, value in event.headers or ()}
                self._treat(Stream(self._http2, event.stream_id, self._transport, asked))
        if not self._transport.is_closing():
            self._transport.write(self._http2.data_to_send())


def _text(value: bytes | str) -> str:
    return value if isinstance(value, str) else value.decode()


@contextmanager
def serving(authority: trustme.CA, treat: Callable[[Stream], None]) -> Generator[str]:
    """Serve on a free port of 127.0.0.1 in a thread of its own, and give the base URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    loop = asyncio.new_event_loop()
    connected: set[asyncio.Transport] = set()
    server = loop.run_until_complete(
        loop.create_server(lambda: Server(treat, connected), "127.0.0.1", 0, ssl=context)
    )
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def close() -> None:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        for transport in list(connected):
            transport.abort()
        while connected:
            await asyncio.sleep(0)

    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
