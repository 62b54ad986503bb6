"""Connections: HTTP/2 where the extra `http2` is there and the server offers it, certificates, and
whose they are to close.
"""

import asyncio
import json
import logging
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from runflow_api.api.account import get_balance
from runflow_api.client import AuthenticatedClient
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, ConnectFailed, ConnectionLost, RetryPolicy, Runflow

from ..answering import Told, ask, ask_together

RUN_ID = "0198c0de-0000-7000-8000-000000000000"
BALANCE = json.dumps({"balance": "12.50"}).encode()


class BalanceServer(asyncio.Protocol):
    """Answers every request with a balance, in whichever of its protocols the client chose."""

    def __init__(self, spoken: list[str]) -> None:
        self._spoken = spoken
        self._http2: H2Connection | None = None
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        chosen = transport.get_extra_info("ssl_object").selected_alpn_protocol()
        self._spoken.append(chosen)
        if chosen == "h2":
            self._http2 = H2Connection(H2Configuration(client_side=False))
            self._http2.initiate_connection()
            transport.write(self._http2.data_to_send())

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        if self._http2 is None:
            head = (
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                f"{len(BALANCE)}\r\n\r\n"
            )
            self._transport.write(head.encode() + BALANCE)
            return
        for event in self._http2.receive_data(data):
            if isinstance(event, RequestReceived):
                assert event.stream_id is not None
                headers = [(":status", "200"), ("content-type", "application/json")]
                self._http2.send_headers(event.stream_id, headers)
                self._http2.send_data(event.stream_id, BALANCE, end_stream=True)
        self._transport.write(self._http2.data_to_send())


@contextmanager
def balance_server(context: ssl.SSLContext, spoken: list[str]) -> Generator[str]:
    """Serve on a free port of 127.0.0.1 in a thread of its own, and give the base URL."""
    loop = asyncio.new_event_loop()

    async def serve() -> asyncio.Server:
        return await loop.create_server(lambda: BalanceServer(spoken), "127.0.0.1", 0, ssl=context)

    async def close(server: asyncio.Server) -> None:
        server.close()
        await asyncio.sleep(0)

    server = loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
    finally:
        asyncio.run_coroutine_threadsafe(close(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def read_balance(colour: str, base_url: str) -> Decimal | None:
    """The balance as a client of this colour reads it, on connections of its own."""

    async def read() -> Decimal | None:
        async with AsyncRunflow("rf_live_x", base_url=base_url) as client:
            return await client.account.balance()

    if colour == "async":
        return asyncio.run(read())
    with Runflow("rf_live_x", base_url=base_url) as client:
        return client.account.balance()


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(
    ("offered", "chosen"), [(["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1")]
)
def test_the_newest_protocol_that_the_server_offers_is_spoken(
    authority: trustme.CA, colour: str, offered: list[str], chosen: str
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(offered)
    spoken: list[str] = []
    with balance_server(context, spoken) as base_url:
        assert read_balance(colour, base_url) == Decimal("12.50")
    assert spoken == [chosen]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_what_packs_the_headers_of_http2_logs_nothing_of_them(
    authority: trustme.CA, colour: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    context.set_alpn_protocols(["h2"])
    with balance_server(context, []) as base_url:
        assert read_balance(colour, base_url) == Decimal("12.50")
    packed = [line for line in caplog.records if line.name.startswith("hpack")]
    assert packed  # by the server, which has a thread of its own
    assert [line for line in packed if line.thread == threading.get_ident()] == []


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_server_with_an_untrusted_certificate_does_not_receive_the_key(colour: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    spoken: list[str] = []
    with balance_server(context, spoken) as base_url:
        with pytest.raises(ConnectFailed, match="certificate"):
            read_balance(colour, base_url)
        generated = AuthenticatedClient(base_url=base_url, token="rf_live_x")
        with pytest.raises(httpx.ConnectError, match="certificate"):
            get_balance.sync(client=generated)
        with pytest.raises(httpx.ConnectError, match="certificate"):
            asyncio.run(get_balance.asyncio(client=generated))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_generated_client_trusts_the_configured_certificate(colour: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)

    async def read(base_url: str) -> object:
        async with AuthenticatedClient(
            base_url=base_url, token="rf_live_x", verify_ssl=False
        ) as client:
            return (await get_balance.asyncio(client=client)).balance

    with balance_server(context, []) as base_url:
        if colour == "async":
            assert asyncio.run(read(base_url)) == "12.50"
        else:
            with AuthenticatedClient(
                base_url=base_url, token="rf_live_x", verify_ssl=False
            ) as client:
                assert get_balance.sync(client=client).balance == "12.50"


def test_an_http_client_of_the_callers_own_stays_open() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=BALANCE, headers={"Content-Type": "application/json"})

    async def use() -> bool:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            async with AsyncRunflow("rf_live_x", http_client=http) as client:
                await client.account.balance()
            return http.is_closed

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        with Runflow("rf_live_x", http_client=http) as client:
            client.account.balance()
        assert not http.is_closed
    assert not asyncio.run(use())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_opens_a_connection_of_its_own() -> None:
    """Asked one after the other, so that answers that went to the wrong process would not show: the
    connections are counted.
    """
    opened: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            opened.append(self.client_address)
            super().setup()

        def do_GET(self) -> None:  # the library's name
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(BALANCE)))
            self.end_headers()
            self.wfile.write(BALANCE)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    program = (
        "import os, sys\n"
        "from runflow_client import Runflow\n"
        "client = Runflow('rf_live_x', base_url=sys.argv[1])\n"
        "client.account.balance()\n"
        "if child := os.fork():\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "else:\n"
        "    client.account.balance()\n"
        "    os._exit(0)\n"
        "client.account.balance()\n"
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-c",
            program,
            f"http://127.0.0.1:{server.server_port}",
        ]
        subprocess.run(command, check=True, timeout=60)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert len(opened) == 2


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_encrypted_download_is_checked_although_the_api_is_plain_http(
    colour: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)
    context, authority = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), trustme.CA()
    context.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))

    def trust() -> None:
        """Trust the storage, now that the client is made."""
        if trusted:
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))

    def read(client: Runflow) -> bytes:
        trust()
        return client.runs.get(RUN_ID).outputs[0].read()

    async def read_async(client: AsyncRunflow) -> bytes:
        trust()
        return await (await client.runs.get(RUN_ID)).outputs[0].read()

    def download(storage: str) -> bytes:
        output = {"outputs": [{"url": f"{storage}/one.json", "type": "text"}]}
        told = Told({"id": RUN_ID, "status_code": "succeeded", "output": output})
        once = RetryPolicy(attempts=1)
        if colour == "sync":
            return ask(lambda asked: told, read, retries=once)
        return ask_together(lambda asked: told, read_async, retries=once)

    spoken: list[str] = []
    with balance_server(context, spoken) as storage:
        if trusted:
            assert download(storage) == BALANCE
            assert spoken == ["h2"]
            return
        with pytest.raises(ConnectionLost) as caught:
            download(storage)
        assert "certificate verify failed" in str(caught.value.__cause__)
