"""Every adapter answers each delivery of the list as the receiver itself does, with the same
headers, and stores the same; none of them loses or adds a step.
"""

import logging
from collections.abc import Callable, MutableMapping
from http import HTTPStatus
from io import BytesIO
from typing import Any, ClassVar

import anyio
import pytest
from attrs import astuple, evolve, frozen
from flask import Flask
from runflow_client.callbacks import Answer, CallbackEvent, IncomingDelivery, Receiver, Store
from runflow_client.callbacks._receiver import CHUNK, MAX_DISCARDED, submitted_by
from runflow_client.callbacks.asgi import CallbackApp as AsgiApp
from runflow_client.callbacks.flask import callback_blueprint
from runflow_client.callbacks.starlette import callback_event, callback_route
from runflow_client.callbacks.wsgi import CallbackApp as WsgiApp
from starlette.exceptions import HTTPException
from starlette.requests import Request

from .answers import CASES, SECRET, Case
from .servers import PATH, set_up_django

PIECE = 64
Message = MutableMapping[str, Any]
Headers = list[tuple[str, str]]
Reply = tuple[int, str, Headers]
"""Status, text and headers of an answer."""


class Endless(Case):
    """A delivery whose body has no end and no length; it counts what is read of it."""

    total: ClassVar[int] = 0

    def headers(self) -> Headers:
        """Return the headers of the request."""
        return [one for one in super().headers() if one[0] != "Content-Length"]

    def read(self, size: int = -1) -> bytes:
        """Give as much as is asked for."""
        assert 0 < size <= CHUNK
        Endless.total += size
        assert Endless.total < 2 * MAX_DISCARDED, "it is read for ever"
        return bytes(size)

    readline = read

    async def receive(self) -> Message:
        """Give one piece, and say that there is more."""
        return {"type": "http.request", "body": self.read(CHUNK), "more_body": True}


def _environ(case: Case) -> dict[str, Any]:
    """Return the request as a WSGI server gives it that knows where a body ends."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": case.method.upper(),
        "PATH_INFO": PATH,
        "SERVER_NAME": "me.test",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": case if isinstance(case, Endless) else BytesIO(_sent(case)),
        "wsgi.input_terminated": True,
    }
    for name, value in case.headers():
        key = name.upper().replace("-", "_").removeprefix("HTTP_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        environ[key] = f"{environ[key]}, {value}" if key in environ else value
    return environ


def _sent(case: Case) -> bytes:
    return case.body[: len(case.body) - case.cut]


def _call_wsgi(app: Any, case: Case) -> Reply:
    started: list[tuple[str, Headers]] = []

    def start(status: str, headers: Headers, *error: object) -> Callable[[bytes], object]:
        started.append((status, headers))
        return lambda data: None

    body = b"".join(app(_environ(case), start))
    ((status, headers),) = started
    code = int(status[:3])
    assert status[3:].lower() in (
        f" {HTTPStatus(code).phrase}".lower(),
        " request entity too large",
    )
    return code, body.decode(), headers


def wsgi(receiver: Receiver, case: Case) -> Reply:
    """The bare WSGI application."""
    status, text, headers = _call_wsgi(WsgiApp(receiver), case)
    return status, text, _told_length(text, headers)


def _told_length(text: str, headers: Headers) -> Headers:
    """Check that an application of its own tells how long its answer is, for servers need not."""
    assert [value for name, value in headers if name.lower() == "content-length"] == [
        str(len(text.encode()))
    ]
    return headers


def flask(receiver: Receiver, case: Case) -> Reply:
    """The blueprint in Flask."""
    app = Flask("receiver")
    app.register_blueprint(callback_blueprint(PATH, receiver))
    return _call_wsgi(app, case)


def django(receiver: Receiver, case: Case) -> Reply:
    """The view of Django."""
    set_up_django()
    from django.core.handlers.wsgi import WSGIRequest
    from runflow_client.callbacks.django import callback_view

    response = callback_view(receiver)(WSGIRequest(_environ(case)))
    return response.status_code, response.content.decode(), list(response.items())


def _scope(case: Case) -> dict[str, Any]:
    pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in case.headers()]
    return {"type": "http", "method": case.method, "path": PATH, "headers": pairs}


def _receive(case: Case) -> Callable[[], Any]:
    """Return what receives the messages of the request, the last of which says that it ended."""
    if isinstance(case, Endless):
        return case.receive
    body = _sent(case)
    left: list[Message] = [
        {"type": "http.request", "body": body[at : at + PIECE], "more_body": True}
        for at in range(0, len(body), PIECE)
    ]
    if case.cut:
        left.append({"type": "http.disconnect"})
    else:
        left.append({"type": "http.request"})

    async def receive() -> Message:
        return left.pop(0)

    return receive


def _call_asgi(app: Any, case: Case) -> Reply:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    anyio.run(app, _scope(case), _receive(case), send)
    start, body = sent
    assert (start["type"], body["type"]) == ("http.response.start", "http.response.body")
    assert all(name == name.lower() for name, _ in start["headers"])
    headers = [(name.decode(), value.decode()) for name, value in start["headers"]]
    text = body["body"].decode()
    return start["status"], text, _told_length(text, headers)


def asgi(receiver: Receiver, case: Case) -> Reply:
    """The bare ASGI application."""
    return _call_asgi(AsgiApp(receiver), case)


def starlette(receiver: Receiver, case: Case) -> Reply:
    """The route of Starlette."""
    return _call_asgi(callback_route(PATH, receiver).endpoint, case)


def dependency(receiver: Receiver, case: Case) -> Reply:
    """The dependency of FastAPI, which answers for what is refused alone."""
    request = Request(_scope(case), _receive(case))
    try:
        event: CallbackEvent = anyio.run(callback_event(receiver), request)
    except HTTPException as refusal:
        return refusal.status_code, refusal.detail, list((refusal.headers or {}).items())
    assert isinstance(event, CallbackEvent)
    return 200, "", []


class Submitting:
    """A store that takes an event without blocking."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @submitted_by("submit")
    def put(self, event: CallbackEvent, body: bytes) -> object:
        """Store the event while its caller waits."""
        raise AssertionError("it blocks")

    def submit(self, event: CallbackEvent, body: bytes, done: Any) -> None:
        """Store the event, and tell what became of it."""
        done(self._store(event, body))


def submitted(receiver: Receiver, case: Case) -> Reply:
    """The receiver, which does not block."""
    store = Submitting(receiver.store).put
    incoming = Receiver(receiver.secrets, store, receiver.max_body_bytes).open(
        case.method, case.headers()
    )
    read = case.read if isinstance(case, Endless) else BytesIO(_sent(case)).read
    incoming.fill(read)
    answers: list[Answer] = []
    assert incoming.submit(answers.append)
    (answer,) = answers
    return int(answer.status), answer.text, list(answer.headers.items())


GONE = (
    "ERROR the body could not be read (request 'request-7') "
    "<class 'starlette.requests.ClientDisconnect'>"
)
ADAPTERS = {
    one.__name__: one for one in (wsgi, flask, django, asgi, starlette, dependency, submitted)
}


@frozen
class Outcome:
    """What came of a delivery."""

    status: int
    text: str
    headers: dict[str, str]
    stored: list[tuple[CallbackEvent, bytes]]
    logged: list[str]


def _outcome(case: Case, caplog: pytest.LogCaptureFixture, answer: Callable[..., Reply]) -> Outcome:
    stored: list[tuple[CallbackEvent, bytes]] = []

    def store(event: CallbackEvent, body: bytes) -> object:
        stored.append((event, body))
        return case.store(event, body)

    caplog.clear()
    status, text, headers = answer(Receiver(case.secrets, store, case.limit), case)
    found = {name.lower(): value for name, value in headers}
    assert len(found) == len(headers)
    assert found.pop("content-length", None) in (None, str(len(text.encode())))
    logged = [
        f"{one.levelname} {one.getMessage()} {one.exc_info and one.exc_info[0]}"
        for one in caplog.records
        if one.name == "runflow_client.callbacks"
    ]
    return Outcome(status, text, found, stored, logged)


def itself(receiver: Receiver, case: Case) -> Reply:
    """The receiver, without an adapter."""
    incoming: IncomingDelivery = receiver.open(case.method, case.headers())
    body = _sent(case)
    for at in range(0, len(body), PIECE):
        if incoming.wants_more:
            incoming.add(body[at : at + PIECE])
    answer = incoming.answer()
    return int(answer.status), answer.text, list(answer.headers.items())


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_adapter_answers_as_the_receiver_itself(
    adapter: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "runflow_client.callbacks")
    differ: list[tuple[str, object, object]] = []
    for name, case in CASES.items():
        if adapter == "flask" and case.method.upper() != "POST":
            continue  # Flask answers by itself
        if adapter == "django" and case.length in ("7", "seven"):
            continue  # Django reads no further than it understands
        expected = _outcome(case, caplog, itself)
        if adapter == "dependency" and expected.status == 200:
            expected = evolve(expected, text="", headers={})
        if adapter == "dependency" and case.cut:
            expected = evolve(expected, logged=[GONE])
        found = _outcome(case, caplog, ADAPTERS[adapter])
        if found != expected:
            pairs = zip(
                astuple(expected, recurse=False), astuple(found, recurse=False), strict=True
            )
            differ += [(name, one, other) for one, other in pairs if one != other]
    assert differ == []


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_every_adapter_passes_on_each_header_of_an_answer(
    adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that is newer than the adapter, and that no framework has by itself."""

    def headers(answer: Answer) -> dict[str, str]:
        return {"Content-Type": "text/odd", "X-Newer": f"{answer.status:d}"}

    monkeypatch.setattr(Answer, "headers", property(headers))
    receiver = Receiver(SECRET, lambda event, body: None)
    status, _, found = ADAPTERS[adapter](receiver, CASES["no signature"])
    told = {name.lower(): value for name, value in found}
    assert (status, told["content-type"], told["x-newer"]) == (401, "text/odd", "401")


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_no_adapter_reads_a_body_without_end(adapter: str) -> None:
    stored: list[CallbackEvent] = []
    receiver = Receiver(SECRET, lambda event, body: stored.append(event), 1000)
    Endless.total = 0
    status, text, _ = ADAPTERS[adapter](receiver, Endless())
    assert (status, stored) == (413, [])
    assert text.endswith("bytes; at most 1000 are read")
    assert MAX_DISCARDED < Endless.total <= MAX_DISCARDED + 1000 + 2 * CHUNK
