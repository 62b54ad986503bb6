"""What the environment says of proxies and certificates: used, refused by name, or not for the
key.
"""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runflow_client import (
    AsyncRunflow,
    ConnectFailed,
    InvalidArgument,
    RetryPolicy,
    Runflow,
    RunflowError,
)
from runflow_mock import MockRunflow

from ..conftest import MockTime

ONE_ATTEMPT = RetryPolicy(attempts=1)
VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
        monkeypatch.delenv(name, raising=False)


class Proxy:
    """Refuses every request and keeps what it was sent."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                request = connection.recv(65536)
                if not request:
                    return
                self.received.append(request)
                connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        """Accept nothing more."""
        socket.create_connection(self._socket.getsockname()).close()
        self._thread.join()
        self._socket.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_not_contacted_through_a_proxy(
    mock: MockRunflow, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, name: str, host: str
) -> None:
    monkeypatch.setenv(name, proxy.url)
    base_url = mock.base_url.replace("127.0.0.1", host)
    with Runflow(mock.api_key, base_url=base_url, clock=MockTime(mock)) as client:
        assert client.account.balance() == mock.balance
        client.run("google/nano-banana-pro", {"prompt": "x"}).outputs[0].read()
    assert proxy.received == []


def test_another_host_is_contacted_through_the_proxy_and_the_key_is_encrypted(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    with Runflow("rf_live_5ec4e7", retries=no_retries()) as client, pytest.raises(RunflowError):
        client.account.balance()
    assert proxy.received[0].startswith(b"CONNECT api.runflow.io:443 ")
    assert b"5ec4e7" not in b"".join(proxy.received)


def no_retries() -> Any:
    from runflow_client import RetryPolicy

    return RetryPolicy(attempts=1)


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize("name", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_that_would_see_the_key_is_refused(
    kind: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://user:5ec4e7@proxy.test:3128")
    hosts = ["mock.internal"]
    with pytest.raises(
        InvalidArgument, match=f"^{name} sends plain http to mock.internal"
    ) as caught:
        kind("rf_live_x", base_url="http://mock.internal", insecure_hosts=hosts)
    assert "5ec4e7" not in str(caught.value)
    kind("rf_live_x", base_url="https://mock.internal", insecure_hosts=hosts)
    kind("rf_live_x", base_url="http://mock.internal", insecure_hosts=[*hosts, "proxy.test"])
    monkeypatch.setenv("NO_PROXY", "mock.internal")
    kind("rf_live_x", base_url="http://mock.internal", insecure_hosts=hosts)


UNUSABLE = [
    ("NO_PROXY", "localhost,fd07:b51a:cc66:f0::/64"),
    ("no_proxy", "localhost, [::1]"),
    ("ALL_PROXY", "socks://127.0.0.1:7890"),
    ("HTTPS_PROXY", "http://proxy:port"),
    ("http_proxy", "ftp://proxy"),
    ("SSL_CERT_FILE", "{folder}/missing.pem"),
    ("SSL_CERT_FILE", "{folder}/empty.pem"),
    ("SSL_CERT_FILE", "{folder}"),
    ("SSLKEYLOGFILE", "{folder}/missing/keys"),
    ("SSL_CERT_DIR", "{folder}/missing"),
    ("SSL_CERT_DIR", "{folder}/empty.pem"),
    *(
        (name, value)
        for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY")
        for value in (
            "http://",
            "http:///x",
            " ",
            "*",
            "http://a b:1",
            "http://proxy:99999",
            "://x",
        )
    ),
]


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize("port", [1, 80, 65_535])
def test_a_proxy_may_have_any_port_that_there_is(
    kind: Any, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://proxy.test:{port}")
    kind("rf_live_x")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:65536")
    with pytest.raises(InvalidArgument, match=r"^HTTPS_PROXY (is|has)"):
        kind("rf_live_x")


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(("name", "value"), UNUSABLE)
def test_a_variable_that_cannot_be_used_is_named(
    kind: Any, name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.pem").touch()
    monkeypatch.setenv(name, value.format(folder=tmp_path))
    with pytest.raises(InvalidArgument, match=f"^{name} (is|has).*http_client of your own"):
        kind("rf_live_x")


@pytest.mark.parametrize("kind", [Runflow, AsyncRunflow])
@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("ftp://me:secret@proxy.test", "ftp://proxy.test"),
        ("http://me:secret@proxy.test:99999", "http://proxy.test:99999"),
        ("http://me:secret/of@mine@proxy.test:3128", "http://proxy.test:3128"),
        ("me:secret?of@proxy.test", "http://proxy.test"),
        ("http://me:secret#of@proxy.test", "http://proxy.test"),
        ("http://proxy.test:rf_live_secret", "http://proxy.test:[hidden]"),
        ("http://me:secret@[::1", "a URL that cannot be read"),
    ],
)
def test_no_password_of_a_proxy_is_shown(
    kind: Any, value: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    monkeypatch.setenv("ALL_PROXY", "http://other.test")  # which needs no password
    with pytest.raises(InvalidArgument) as caught:
        kind("rf_live_x")
    assert str(caught.value).startswith(f"HTTPS_PROXY is {shown!r}, which is not")
    assert "secret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NO_PROXY", "*"),
        ("NO_PROXY", "localhost,127.0.0.1,::1,.example.test,10.0.0.0/8,https://a.test,"),
        ("HTTPS_PROXY", "proxy.test:3128"),
        ("ALL_PROXY", "http://user:password@proxy.test"),
        ("SSL_CERT_DIR", "/missing:/"),
    ],
)
def test_a_variable_that_can_be_used_is_used(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    Runflow("rf_live_x").close()


THIS_MACHINE = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "127.8.9.1", "0.0.0.0", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "localhost", "LocalHost.",
    "a.localhost", "localhost.localdomain", "ip6-localhost",
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", THIS_MACHINE)
def test_no_spelling_of_this_machine_is_contacted_through_a_proxy(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, host: str, scheme: str
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    base_url = f"{scheme}://{host}:9"  # where nothing listens
    with (
        Runflow("rf_live_x", base_url=base_url, retries=RetryPolicy(attempts=1)) as client,
        pytest.raises(ConnectFailed),
    ):
        client.account.balance()
    assert proxy.received == []


@pytest.mark.parametrize(
    "url",
    ["https://a.test ", '"https://a.test"', "a.test", "http://a.test", "https://a.test:99999"],
)
def test_a_base_url_of_the_environment_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("RUNFLOW_BASE_URL", url)
    with pytest.raises(InvalidArgument, match="RUNFLOW_BASE_URL"):
        Runflow("rf_live_x")
    with pytest.raises(InvalidArgument) as caught:
        Runflow("rf_live_x", base_url=url)
    assert "RUNFLOW_BASE_URL" not in str(caught.value)


@pytest.mark.parametrize("key", ['"rf_live_x"', "'rf_live_x'", "rf_live_x`", " rf_live_x", "rf\n"])
def test_a_key_in_quotes_or_white_space_is_refused_by_its_variable(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("RUNFLOW_API_KEY", key)
    with pytest.raises(InvalidArgument, match="RUNFLOW_API_KEY") as caught:
        Runflow()
    assert "rf_live" not in str(caught.value)


def test_a_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks://user:5ec4e7@proxy.test")
    with pytest.raises(InvalidArgument) as caught:
        Runflow("rf_live_x")
    assert "5ec4e7" not in str(caught.value)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_contacts_this_machine_directly_too(mock: MockRunflow, proxy: Proxy) -> None:
    program = (
        "import os, sys\n"
        "from runflow_client import Runflow\n"
        "client = Runflow(sys.argv[1], base_url=sys.argv[2])\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    client.account.balance()\n"
        "    os._exit(0)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, mock.api_key, mock.base_url],
        env={**os.environ, "HTTP_PROXY": proxy.url, "http_proxy": proxy.url},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert proxy.received == []
    assert len(mock.requests) == 1


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("through_proxy", [False, True])
def test_a_connection_that_fails_names_the_address_that_was_tried(
    monkeypatch: pytest.MonkeyPatch, colour: str, through_proxy: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    base_url = "https://api.example" if through_proxy else f"http://localhost:{port}"
    if through_proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://user:5ec4e7@127.0.0.1:{port}")

    def ask() -> None:
        with Runflow("rf_live_x", base_url=base_url, retries=ONE_ATTEMPT) as client:
            client.account.balance()

    async def ask_in_a_loop() -> None:
        async with AsyncRunflow("rf_live_x", base_url=base_url, retries=ONE_ATTEMPT) as client:
            await client.account.balance()

    host = "api.example" if through_proxy else "localhost"
    with pytest.raises(ConnectFailed, match=f"could not connect to {host}") as caught:
        asyncio.run(ask_in_a_loop()) if colour == "async" else ask()
    assert f":{port})" in str(caught.value)
    assert "5ec4e7" not in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "RUNFLOW_BASEURL",
        "RUNFLOW_BASE_URI",
        "RUNFLOW_BAES_URL",
        "runflow_base_url",
        "RUN_FLOW_BASE_URL",
    ],
)
def test_a_misspelt_base_url_does_not_send_to_production(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFLOW_BASE_URL", raising=False)
    monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(InvalidArgument, match=f"^{name} is set, and RUNFLOW_BASE_URL is not"):
        Runflow("rf_live_x")
    Runflow("rf_live_x", base_url="http://127.0.0.1:9").close()
    monkeypatch.setenv("RUNFLOW_BASE_URL", "http://127.0.0.1:9")
    Runflow("rf_live_x").close()


@pytest.mark.parametrize("name", ["RUNFLOW_APIKEY", "RUNFLOW_API_KEYS", "RUNFLOW_AP_KEY"])
def test_a_misspelt_key_is_not_replaced_by_the_stored_one(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RUNFLOW_API_KEY", raising=False)
    monkeypatch.setenv(name, "rf_live_of_another_account")
    with pytest.raises(InvalidArgument, match=f"^{name} is set") as caught:
        Runflow()
    assert "rf_live" not in str(caught.value)


def test_other_variables_of_the_program_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNFLOW_BASE_URL", raising=False)
    for name in ("RUNFLOW_CALLBACK_SECRET", "RUNFLOW_URL", "RUNFLOW_DATABASE_URL", "RUNNER_NAME"):
        monkeypatch.setenv(name, "x")
    Runflow("rf_live_x").close()
