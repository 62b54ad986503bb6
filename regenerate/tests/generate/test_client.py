"""The generated client.

Time, secrets, copies of itself, its one place to send from, and what importing it costs.
"""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..traps import CALLS, Traps
from ..wire_server import WireServer

TOKEN = "rf_live_secret"


@contextmanager
def server_without_answer() -> Generator[str]:
    """Run a server that takes connections and never answers.

    The kernel takes them, nobody reads.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_timeout_is_finite(traps: Traps) -> None:
    client = traps.client.Client("http://127.0.0.1:1")
    for timeout in (client.get_httpx_client().timeout, client.get_async_httpx_client().timeout):
        assert timeout == httpx.Timeout(60.0, connect=10.0)


@pytest.mark.parametrize("how", CALLS)
def test_the_timeout_is_used(traps: Traps, how: str) -> None:
    with server_without_answer() as url:
        client = traps.client.Client(url).with_timeout(0.05)
        with pytest.raises(httpx.ReadTimeout):
            traps.call(how, "get_text", client=client)


def test_the_token_is_sent_and_never_shown(traps: Traps, server: WireServer) -> None:
    headers = {"X-Key": "hidden", "Cookie": "hidden"}
    client = traps.client.AuthenticatedClient(
        server.url, token=TOKEN, headers=headers, cookies={"c": "hidden"}
    )
    for how in CALLS:
        server.answer(200, b"t", "text/plain")
        traps.call(how, "get_text", client=client.with_timeout(5.0))
        assert server.last.header("Authorization") == f"Bearer {TOKEN}"
    client.get_httpx_client()
    for one in (client, client.with_headers({"X-Other": "hidden"})):
        assert TOKEN not in repr(one)
        assert "hidden" not in repr(one)
    assert repr(traps.client.Client("https://u:hidden@a.example/b")).startswith(
        "Client(_base_url=https://a.example/b, "
    )
    own = traps.client.AuthenticatedClient(
        server.url, token=TOKEN, prefix="", auth_header_name="X-API-Key"
    )
    traps.call("sync", "get_text", client=own)
    assert server.last.header("X-API-Key") == TOKEN
    assert server.last.header("Authorization") is None


def test_a_client_with_more_leaves_the_old_one_alone(traps: Traps, server: WireServer) -> None:
    server.answer(200, b"t", "text/plain")
    old = traps.client.AuthenticatedClient(server.url, token=TOKEN)
    inner = old.get_httpx_client()
    others = [old.with_headers({"X-New": "1"}), old.with_cookies({"c": "1"}), old.with_timeout(1.0)]
    get_text = traps.operation("get_text")
    with old:
        get_text.sync(client=old)
        assert server.last.header("X-New") is None
        assert server.last.header("Cookie") is None
        assert old.get_httpx_client() is inner
        assert inner.timeout == httpx.Timeout(60.0, connect=10.0)
    for other in others:
        assert type(other) is traps.client.AuthenticatedClient
        assert other.get_httpx_client() is not inner
        traps.call("sync", "get_text", client=other)
        assert server.last.header("Authorization") == f"Bearer {TOKEN}"
    assert others[2].get_httpx_client().timeout == httpx.Timeout(1.0)


@pytest.mark.parametrize("how", CALLS)
def test_cookies_are_sent(traps: Traps, server: WireServer, how: str) -> None:
    server.answer(200, b"t", "text/plain")
    client = traps.client.Client(server.url, cookies={"a": "1"}).with_cookies({"b": "2"})
    traps.call(how, "get_text", client=client)
    assert server.last.header("Cookie") == "a=1; b=2"


class Marked(ssl.SSLContext):
    """A context that says when it is used."""

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        raise ssl.SSLError("this context was used")

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        raise ssl.SSLError("this context was used")


@pytest.mark.parametrize("how", CALLS)
def test_certificates_are_checked_as_the_caller_says(traps: Traps, how: str) -> None:
    context = Marked(ssl.PROTOCOL_TLS_CLIENT)
    with server_without_answer() as url:
        client = traps.client.Client(
            url.replace("http:", "https:"), verify_ssl=context, timeout=5.0
        )
        with pytest.raises(httpx.ConnectError, match="this context was used"):
            traps.call(how, "get_text", client=client)


def test_certificates_are_checked_unless_the_caller_says_otherwise(
    traps: Traps, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is trusted is read only by who checks, and this file holds no certificate."""
    (tmp_path / "trusted.pem").write_text("nobody", encoding="ascii")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    for client in (
        traps.client.Client("https://a.example"),
        traps.client.AuthenticatedClient("https://a", token="t"),
    ):
        for make in (client.get_httpx_client, client.get_async_httpx_client):
            with pytest.raises(ssl.SSLError):
                make()
    traps.client.Client("https://a.example", verify_ssl=False).get_httpx_client().close()


def test_ones_own_httpx_client_is_used(traps: Traps) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=request.headers["X-Own"])

    transport = httpx.MockTransport(answer)
    own = httpx.Client(base_url="http://a.example", headers={"X-Own": "mine"}, transport=transport)
    client = traps.client.Client("http://other.example").set_httpx_client(own)
    assert traps.call("sync", "get_text", client=client) == "mine"
    own_async = httpx.AsyncClient(
        base_url="http://a.example", headers={"X-Own": "mine too"}, transport=transport
    )
    client = traps.client.Client("http://other.example").set_async_httpx_client(own_async)
    assert traps.call("asyncio", "get_text", client=client) == "mine too"


def test_more_arguments_reach_the_http_library(traps: Traps) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=str(request.url)))
    client = traps.client.Client("http://a.example/base/", httpx_args={"transport": transport})
    assert traps.call("sync", "get_text", client=client) == "http://a.example/base/v1/text"


@pytest.mark.parametrize("how", CALLS)
def test_a_subclass_takes_over_sending(traps: Traps, how: str) -> None:
    sent: list[Any] = []

    client_class: Any = traps.client.Client

    class Own(client_class):  # type: ignore[misc]  # it is generated while the tests run
        def send(self, arguments: Any) -> httpx.Response:
            sent.append(arguments)
            return httpx.Response(200, text="own")

        async def send_async(self, arguments: Any) -> httpx.Response:
            return self.send(arguments)

    traps.call(how, "get_text", client=Own("http://a.example"))
    assert sent == [{"method": "GET", "url": "/v1/text"}]


def test_only_one_module_names_the_http_library(traps: Traps) -> None:
    naming = [
        path.name
        for path in traps.path.rglob("*.py")
        if "import httpx" in path.read_text().replace("http_library import httpx", "")
    ]
    assert naming == ["http_library.py"]


def modules_after(traps: Traps, statement: str) -> set[str]:
    """Return the modules of the package that a fresh interpreter has after a statement."""
    code = (
        f"import sys; {statement}; print(*[name for name in sys.modules if "
        "name.startswith('traps_api')])"
    )
    command = [sys.executable, "-W", "error", "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(traps.path.parent)}
    finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return {name.removeprefix("traps_api.") for name in finished.stdout.split()}


def test_one_operation_does_not_import_every_model(traps: Traps) -> None:
    loaded = modules_after(traps, "import traps_api.client, traps_api.api.things.get_counts")
    assert {name for name in loaded if name.startswith("models.")} == {"models.counts"}
    assert {name for name in loaded if name.startswith("api.things.")} == {"api.things.get_counts"}


def test_packages_import_nothing_until_they_are_asked(traps: Traps) -> None:
    assert modules_after(traps, "import traps_api") == {"traps_api", "lazy"}
    loaded = modules_after(traps, "from traps_api import models; models.Color; dir(models)")
    assert {name for name in loaded if name.startswith("models.")} == {"models.color"}
    assert "client" in modules_after(traps, "from traps_api import Client")


def test_lazy_packages_know_their_names(traps: Traps) -> None:
    models = traps.models
    assert {"Thing", "Color", "JsonObject"} <= set(models.__all__) <= set(dir(models))
    assert models.Thing is models.Thing
    with pytest.raises(
        AttributeError, match=r"module 'traps_api.models' has no attribute 'Nothing'"
    ):
        _ = models.Nothing


def test_operations_say_what_they_do(traps: Traps) -> None:
    text = str(traps.operation("list_things").sync.__doc__)
    for sentence in (
        "Call list_things",
        "q: A filter.",
        "Not sent when unset; the server's default: 20.",
        "Returns:",
        "list[Thing]",
        "Raises:",
        "ErrorStatus",
        "UnexpectedStatus",
        "InvalidResponse",
    ):
        assert sentence in text
    assert "ErrorStatus" not in str(traps.operation("list_things").sync_detailed.__doc__)
    assert "Inferred" in str(traps.operation("get_default").sync.__doc__)


def test_calls_can_run_at_once(traps: Traps, server: WireServer) -> None:
    server.answer(200, b"t", "text/plain")

    async def call_often() -> list[str]:
        async with traps.client.Client(server.url) as client:
            asyncio_call = traps.operation("get_text").asyncio
            return list(await asyncio.gather(*(asyncio_call(client=client) for _ in range(5))))

    assert asyncio.run(call_often()) == ["t"] * 5
