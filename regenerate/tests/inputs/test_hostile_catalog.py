"""A catalog that does not answer as HTTP, JSON or a page should, and what is sent to ask it."""

import socket
import sys
import threading
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import pytest

from ...inputs._remote import MAX_PAGE_BYTES, RemoteError, fetch_models, open_api
from ...inputs._upstream import upstream_lines
from ..catalog_server import KEY
from ..hostile_server import Answer, HostileServer, hostile_serving, is_silent, response

PAGE = b'{"items": [{"inputs": []}]}'
MEGABYTE = b" " * 2**20


@pytest.fixture(name="server", scope="module")
def fixture_server() -> Iterator[HostileServer]:
    with hostile_serving() as server:
        yield server


def long_page(size: int) -> Answer:
    """Return an answer of a sound page with white space behind it, of so many bytes."""

    def send(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + PAGE)
        left = size - len(PAGE)
        for part in (*repeat(MEGABYTE, left // len(MEGABYTE)), MEGABYTE[: left % len(MEGABYTE)]):
            connection.sendall(part)

    return send


NO_ANSWER = "no complete answer (RemoteProtocolError)"
ANSWERS: dict[str, tuple[bytes | Answer, str]] = {
    "nothing": (b"", NO_ANSWER),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n", NO_ANSWER),
    "half a head": (b"HTTP/1.1 200 OK\r\nContent-", NO_ANSWER),
    "half a page": (response(PAGE)[:-5], NO_ANSWER),
    "a page of another encoding": (
        response(PAGE, "Content-Encoding: gzip"),
        "no complete answer (DecodingError)",
    ),
    "a page too large": (
        long_page(MAX_PAGE_BYTES + 1),
        f"a page larger than {MAX_PAGE_BYTES} bytes",
    ),
    "a page of many levels": (response(b"[" * 5000), "nested deeper than 100 levels"),
    "a redirect": (
        response(b"", f"Location: http://127.0.0.1:9/?{KEY}", status="307 Temporary Redirect"),
        "was answered 307",
    ),
    "no success": (response(b"", status="204 No Content"), "was answered 204"),
    "too many requests": (response(b"", status="429 No"), "was answered 429: try again later"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_is_refused_with_what_came(name: str, server: HostileServer) -> None:
    answer, why = ANSWERS[name]
    server.answer(answer, "/v1/models")
    with pytest.raises(RemoteError) as refused:
        fetch_models(open_api(server.url(""), KEY))
    told = str(refused.value)
    assert told.startswith("GET /v1/models")
    assert told.endswith(why)
    assert KEY not in told
    assert refused.value.__cause__ is None


def test_the_largest_page_is_taken(server: HostileServer) -> None:
    server.answer(long_page(MAX_PAGE_BYTES), "/v1/models")
    assert fetch_models(open_api(server.url(""), KEY)) == [{"inputs": []}]


def test_nobody_there_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(RemoteError, match=r"^GET /v1/models: no complete answer \(ConnectError\)$"):
        fetch_models(open_api(f"http://127.0.0.1:{port}", KEY))


def test_an_answer_that_never_comes_is_not_waited_for(server: HostileServer) -> None:
    server.answer(is_silent, "/v1/models")
    with pytest.raises(RemoteError, match=r"^GET /v1/models: no complete answer \(\w+Timeout\)$"):
        fetch_models(open_api(server.url(""), KEY), timeout=0.05)


@pytest.mark.parametrize("base", ["", "/", "/base", "/base/"])
def test_what_is_sent_goes_to_this_machine_alone_whatever_proxy_there_is(
    base: str, server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    server.requests.clear()
    where = base.rstrip("/")
    row = b'{"items": [{"id": "a b/c?d"}], "next": "x&y"}'
    server.answer(response(row), f"{where}/v1/models")
    with pytest.raises(RemoteError, match="in a circle"):
        fetch_models(open_api(server.url(base), KEY))
    first, second = (request.lower() for request in server.requests)
    assert first.startswith(f"get {where}/v1/models?limit=100 http/1.1")
    assert second.startswith(f"get {where}/v1/models?limit=100&pq=x%26y http/1.1")
    for request in (first, second):
        assert f"\r\nauthorization: bearer {KEY.lower()}\r\n" in request
        assert "\r\naccept: application/json\r\n" in request


def test_the_inputs_of_an_id_are_asked_for_at_its_own_address(server: HostileServer) -> None:
    server.requests.clear()
    server.answer(response(rb'{"items": [{"id": "/a b/c?d#e%f\n"}]}'), "/v1/models")
    server.answer(response(PAGE), "/v1/models/a%20b/c%3Fd%23e%25f%0A/inputs")
    rows = fetch_models(open_api(server.url(""), KEY))
    assert rows == [{"id": "/a b/c?d#e%f\n", "inputs": [{"inputs": []}]}]


def test_a_client_that_cannot_be_imported_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: dict[str, Any] = sys.modules
    monkeypatch.setitem(modules, "runflow_client", None)
    [line] = upstream_lines("https://a.test")
    assert line.startswith(
        "Not compared with the public catalog: the client is not importable: import of runflow"
    )
