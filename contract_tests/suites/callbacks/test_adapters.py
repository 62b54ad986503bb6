"""Receivers of every framework, under its real server: the same answers, and the event stored
before the 200.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from flask import Flask
from runflow_client import InvalidArgument
from runflow_client.callbacks import CallbackEvent, Receiver, RunCompletedEvent
from runflow_client.callbacks.flask import callback_blueprint
from runflow_client.callbacks.starlette import callback_route
from starlette.applications import Starlette

from .deliveries import RUN_ID, SECRET, encode, signed
from .servers import SERVERS, serve_asgi, serve_flask


class Shelf:
    """A store that can be out of order."""

    def __init__(self) -> None:
        self.stored: list[tuple[CallbackEvent, bytes]] = []
        self.broken = False

    def clear(self) -> None:
        self.stored.clear()
        self.broken = False

    def put(self, event: CallbackEvent, body: bytes) -> bool:
        if self.broken:
            raise OSError("no space left on device")
        self.stored.append((event, body))
        return len(self.stored) == 1


@pytest.fixture(scope="module")
def shelves() -> Shelf:
    return Shelf()


@pytest.fixture(scope="module", params=SERVERS)
def url(request: pytest.FixtureRequest, shelves: Shelf) -> Iterator[str]:
    with SERVERS[request.param](
        Receiver(["whsec_next", SECRET], shelves.put, max_body_bytes=1_000_000)
    ) as url:
        yield url


@pytest.fixture
def shelf(shelves: Shelf) -> Shelf:
    shelves.clear()
    return shelves


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as client:
        yield client


def test_an_event_is_stored_and_acknowledged(url: str, shelf: Shelf, http: httpx.Client) -> None:
    body = encode()
    response = http.post(url, content=body, headers=signed(body))
    assert response.status_code == 200, response.text
    ((event, kept),) = shelf.stored
    assert isinstance(event, RunCompletedEvent)
    assert (event.run_id, event.request_id, kept) == (RUN_ID, "req_1", body)


def test_a_duplicate_is_acknowledged_too(url: str, shelf: Shelf, http: httpx.Client) -> None:
    body = encode()
    assert [http.post(url, content=body, headers=signed(body)).status_code for _ in range(2)] == [
        200,
        200,
    ]


def test_what_cannot_be_stored_is_asked_for_again(
    url: str, shelf: Shelf, http: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    body = encode()
    shelf.broken = True
    assert http.post(url, content=body, headers=signed(body)).status_code == 503
    (record,) = [record for record in caplog.records if record.name == "runflow_client.callbacks"]
    assert RUN_ID in record.getMessage()
    assert "req_1" in record.getMessage()
    shelf.broken = False
    assert http.post(url, content=body, headers=signed(body)).status_code == 200
    assert len(shelf.stored) == 1


@pytest.mark.parametrize(
    ("body", "changes", "status"),
    [
        pytest.param(encode(), {"Runflow-Signature": None}, 401, id="no signature"),
        pytest.param(
            encode(),
            {"Runflow-Signature": signed(encode(), "other")["Runflow-Signature"]},
            401,
            id="mismatch",
        ),
        pytest.param(encode(), {"Runflow-Signature": "x"}, 400, id="malformed"),
        pytest.param(
            encode(),
            {"Runflow-Signature": "sha256=" + signed(encode())["Runflow-Signature"]},
            400,
            id="prefix",
        ),
        pytest.param(b"", {}, 503, id="empty"),
        pytest.param(b"\xff\xfe{", {}, 503, id="not UTF-8"),
        pytest.param(b"[" * 100_000, {}, 503, id="deep"),
        pytest.param(b"[]", {}, 503, id="not an event"),
        pytest.param(
            b'{"event": "run.failed", "run_id": "a", "run_id": "b"}', {}, 503, id="duplicate keys"
        ),
        pytest.param(encode(duration_ms=10**400), {}, 200, id="overflow"),
        pytest.param(encode(created_at="2026-05-06T10:00:00"), {}, 200, id="no zone"),
        pytest.param(encode(metadata={"x": "a" * 1_000_000}), {}, 413, id="too large"),
        pytest.param(encode(metadata={"x": "a" * 10_000_000}), {}, 413, id="far too large"),
    ],
)
def test_each_refusal_has_its_status(
    url: str,
    shelf: Shelf,
    http: httpx.Client,
    body: bytes,
    changes: dict[str, str | None],
    status: int,
) -> None:
    headers = {
        name: value for name, value in {**signed(body), **changes}.items() if value is not None
    }
    response = http.post(url, content=body, headers=headers)
    assert response.status_code == status, response.text
    if status != 200:  # with a dependency of FastAPI the application says what it likes then
        assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert len(shelf.stored) == (status == 200)
    assert SECRET not in response.text


@pytest.mark.parametrize("make", [callback_blueprint, callback_route])
@pytest.mark.parametrize(
    ("path", "name", "told"),
    [("runflow", "x", "path"), ("", "x", "path"), ("/runflow", "", "name")],
)
def test_a_place_where_nothing_can_be_received_is_refused(
    make: Callable[..., object], path: str, name: str, told: str
) -> None:
    with pytest.raises(InvalidArgument, match=told):
        make(path, Receiver(SECRET, Shelf().put), name=name)


@pytest.mark.parametrize("options", [{}, {"name": "mine"}], ids=["usual", "mine"])
def test_a_route_is_found_by_its_name(options: dict[str, str]) -> None:
    receiver, name = Receiver(SECRET, Shelf().put), options.get("name", "runflow_callbacks")
    starlette = Starlette(routes=[callback_route("/hooks", receiver, **options)])
    assert starlette.url_path_for(name) == "/hooks"
    flask = Flask("receiver")
    flask.register_blueprint(callback_blueprint("/hooks", receiver, **options))
    assert list(flask.blueprints) == [name]
    assert [str(rule) for rule in flask.url_map.iter_rules(f"{name}.receive")] == ["/hooks"]


SIGNATURE = "Runflow-Signature"
TRUE_CALLBACKS: dict[str, list[tuple[str, str]]] = {
    **{
        f"the type {kind}": [("Content-Type", kind)]
        for kind in (
            "application/json",
            "application/json; charset=utf-8",
            "Application/JSON;charset=latin-1",
            "application/vnd.runflow+json",
            "application/jsonx",
            "text/plain",
            "text/plain; charset=utf-16",
            "text/html",
            "multipart/form-data; boundary=x",
            "multipart/form-data",
            "application/x-www-form-urlencoded",
            "application/octet-stream",
            "",
            ";",
            "nonsense",
            "*/*",
        )
    },
    "no type": [],
    "two types": [("Content-Type", "application/json"), ("content-type", "text/plain")],
    "an encoding that changes nothing": [("Content-Encoding", "identity")],
    "an interim answer is awaited": [("Expect", "100-continue")],
    "signed twice": [(SIGNATURE.upper(), signed(encode())[SIGNATURE])],
}


@pytest.mark.parametrize("added", TRUE_CALLBACKS.values(), ids=TRUE_CALLBACKS)
@pytest.mark.parametrize("query", ["", "?a=1&a=%00"], ids=["", "query"])
def test_a_true_callback_is_stored_whatever_surrounds_it(
    url: str, shelf: Shelf, http: httpx.Client, added: list[tuple[str, str]], query: str
) -> None:
    body = encode()
    headers = [(SIGNATURE, signed(body)[SIGNATURE]), *added]
    response = http.post(url + query, content=body, headers=headers)
    assert response.status_code == 200, response.text
    assert [kept for _, kept in shelf.stored] == [body]


def starlette_at(path: str, receiver: Receiver) -> AbstractContextManager[str]:
    return serve_asgi(Starlette(routes=[callback_route(path, receiver)]))


def fastapi_at(path: str, receiver: Receiver) -> AbstractContextManager[str]:
    app = FastAPI()
    app.router.routes.append(callback_route(path, receiver))
    return serve_asgi(app)


def flask_at(path: str, receiver: Receiver) -> AbstractContextManager[str]:
    app = Flask("receiver")
    app.register_blueprint(callback_blueprint(path, receiver))
    return serve_flask(app)


@pytest.mark.parametrize("serve", [starlette_at, fastapi_at, flask_at])
@pytest.mark.parametrize("path", ["/hooks/runflow", "/hooks/runflow/", "/"])
def test_a_final_slash_makes_no_difference(
    http: httpx.Client, serve: Callable[[str, Receiver], AbstractContextManager[str]], path: str
) -> None:
    shelf, body = Shelf(), encode()
    with serve(path, Receiver(SECRET, shelf.put)) as served:
        url = (urljoin(served, "/").rstrip("/") + path).rstrip("/")
        for asked, status in ((url, 200), (f"{url}/", 200), (f"{url}/x", 404)):
            response = http.post(asked, content=body, headers=signed(body))
            assert response.status_code == status, asked
    assert len(shelf.stored) == 2


def test_two_signatures_are_malformed(url: str, shelf: Shelf, http: httpx.Client) -> None:
    body = encode()
    headers = [*signed(body).items(), ("Runflow-Signature", "0" * 64)]
    assert http.post(url, content=body, headers=headers).status_code == 400
    assert not shelf.stored


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_posts_are_callbacks(url: str, shelf: Shelf, http: httpx.Client, method: str) -> None:
    body = encode()
    response = http.request(method, url, content=body, headers=signed(body))
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]
    assert not shelf.stored


def test_a_sender_that_goes_away_leaves_nothing_behind(
    url: str, shelf: Shelf, http: httpx.Client
) -> None:
    body = encode()
    place = urlsplit(url)
    lines = [f"POST {place.path} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in signed(body).items()]
    with socket.create_connection((place.hostname or "", place.port or 0)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body[:-10])
    other = encode(run_id="0198c0de-0000-7000-8000-000000000001")
    assert http.post(url, content=other, headers=signed(other)).status_code == 200
    assert [body for _, body in shelf.stored] == [other]
