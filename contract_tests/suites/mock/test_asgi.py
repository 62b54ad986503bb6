"""The server as an ASGI application: who asks, bodies in pieces, pauses, broken connections."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context
from pathlib import Path
from typing import Any, Final, TypeVarTuple

import pytest
from runflow_mock import Fault, Settings, SteppedClock
from runflow_mock.api.handlers import operation_names
from runflow_mock.faults.plan import INSTEAD, ON_THE_WIRE, Faults
from runflow_mock.server.answered import MAX_BODY
from runflow_mock.server.app import Application
from runflow_mock.server.transport import EXTENSION
from runflow_mock.simulation.simulation import Simulation
from runflow_mock.state.state import State

from ..snapshot import check_snapshot
from .stories.world import BEARER, CONTRACT, Receiver

SNAPSHOTS: Final = Path(__file__).with_name("tables")
BODY: Final = b'{"label": "a"}'
HERE: Final = ("127.0.0.1", 1)
NO_HEADERS: Final[Mapping[str, str]] = {}
PAGE: Final = (
    ("GET", "/_mock/"),
    ("GET", "/_mock/events"),
    ("POST", "/_mock/page/clear-faults"),
    ("GET", "/_mock/page/outputs/x/0.png"),
)
CONTROL: Final = ("GET", "/_mock/unused")


Arguments = TypeVarTuple("Arguments")


class Loop(asyncio.SelectorEventLoop):
    """Notes for how long it was to wait, and returns at once."""

    def __init__(self, notes: list[str]) -> None:
        super().__init__()
        self._notes = notes

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Arguments], object],
        *arguments: *Arguments,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Note the seconds, and call what was to be called then."""
        self._notes.append(f"pause of {delay} s")
        return super().call_later(0, callback, *arguments, context=context)


class Connected:
    """Notes what becomes of the connection."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes

    async def reset(self) -> None:
        """Note it."""
        self._notes.append("reset")

    async def close(self) -> None:
        """Note it."""
        self._notes.append("closed")


def application() -> Application:
    """Return a server that takes no larger body than BODY."""
    settings = Settings(seed=0, largest_body=len(BODY))
    state = State(SteppedClock(), settings, "http://mock")
    faults = Faults(operation_names(), CONTRACT.document.operations)
    return Application(Simulation(state, CONTRACT, faults, Receiver()), lambda: None)


def asked(
    method: str,
    path: str,
    headers: Mapping[str, str] = NO_HEADERS,
    client: tuple[str, int] | None = HERE,
) -> Any:
    """Return the ASGI scope of a request."""
    given = {"host": "localhost", **headers}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), text.encode()) for name, text in given.items()],
        "client": client,
    }


def shown(message: Any) -> str:
    """Return what the server sends, in a line."""
    if message["type"] == "http.response.start":
        headers = {name.decode(): value.decode() for name, value in message["headers"]}
        kind = headers.get("content-type", "")
        return f"{message['status']} {kind if kind.startswith('text/html') else headers}"
    text = message["body"].decode(errors="replace")
    is_page = text.startswith(("<!doctype", "event:"))
    return f"{text[:20] if is_page else text!r}{' and more' * message['more_body']}"


def answers(
    app: Application, scope: Any, *pieces: bytes | None, is_connected: bool = True
) -> Iterator[str]:
    """Yield what the server does with a request whose body comes in pieces; None breaks off."""
    notes: list[str] = []
    left: list[dict[str, Any]] = [
        {"type": "http.disconnect"}
        if piece is None
        else {"type": "http.request", "body": piece, "more_body": place < len(pieces)}
        for place, piece in enumerate(pieces, 1)
    ] or [{"type": "http.request"}]

    async def receive() -> dict[str, Any]:
        return left.pop(0) if left else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        notes.append(shown(message))

    async def main() -> list[str]:
        await app({**scope, "extensions": extensions}, receive, send)
        return [*notes]

    extensions = {EXTENSION: Connected(notes)} if is_connected else {}
    with asyncio.Runner(loop_factory=lambda: Loop(notes)) as runner:
        try:
            found = runner.run(main())
        except RuntimeError as problem:
            found = [*notes, f"RuntimeError: {problem}"]
    yield from (f"    {one}" for one in found or ["nothing"])
    statuses = [one.status for one in app.answered]
    yield f"    {len(app.requests)} recorded, answered {statuses}"


def callers() -> Iterator[str]:
    """Who may see the page: this machine, under its own names, from the page's own address."""
    for client in (HERE, ("::1", 1), ("127.8.9.1", 1), ("10.0.0.7", 1), ("fe80::1", 1), None):
        for method, path in (*PAGE, CONTROL):
            yield f"{method} {path} from {client and client[0]}"
            yield from answers(application(), asked(method, path, client=client))
    wrong: tuple[dict[str, str], ...] = (
        {"host": "mock.example"},
        {"host": ""},
        {"origin": "https://page.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "Same-Origin"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
    )
    for headers in wrong:
        for method, path in (*PAGE[:2], CONTROL):
            yield f"{method} {path} with {headers}"
            yield from answers(application(), asked(method, path, headers))


def pieces() -> Iterator[str]:
    """Bodies in one piece, in several, as large as allowed, too large, and broken off."""
    given: tuple[tuple[bytes | None, ...], ...] = (
        (BODY,),
        (BODY[:5], BODY[5:]),
        (BODY, b""),
        (BODY, b" "),
        (BODY + b" ",),
        (BODY[:5], None),
        (BODY, None),
    )
    for some in given:
        yield f"{some}"
        headers = {"authorization": BEARER, "content-type": "application/json"}
        scope = asked("POST", "/v1/callback-secrets", headers)
        yield from answers(application(), scope, *some)


def ways() -> Iterator[str]:
    """Paths that come otherwise, methods without a body, and what is no request."""
    health = asked("GET", "/v1/health")
    scopes: dict[str, Any] = {
        "no raw path": {**health, "raw_path": None},
        "a query in the raw path": {**health, "path": "/", "raw_path": b"/v1/health?a=1"},
        "HEAD": {**health, "method": "HEAD"},
        "HEAD of the page": {**asked("HEAD", "/_mock/")},
        "POST to the events": {**asked("POST", "/_mock/events")},
        "a WebSocket": {**health, "type": "websocket"},
        "a lifespan": {"type": "lifespan"},
    }
    for name, scope in scopes.items():
        yield name
        yield from answers(application(), scope)


def lengths() -> Iterator[str]:
    """What is said of a body that is not there, and of a part of one."""
    app = application()
    headers = {"authorization": BEARER, "content-type": "application/json"}
    list(answers(app, asked("POST", "/v1/callback-secrets", headers), BODY))
    [secret] = app.simulation.state.secrets
    yield "204"
    yield from answers(app, asked("DELETE", f"/v1/callback-secrets/{secret['id']}", headers))
    state = app.simulation.state
    state.files.put("a", b"abc")
    state.assets.put({"id": "a", "mime_type": "image/png", "created_at": "2026-01-01T00:00:00Z"})
    conditions: tuple[tuple[str, dict[str, str]], ...] = (
        ("GET", {}),
        ("GET", {"if-none-match": "*"}),
        ("GET", {"range": "bytes=1-1"}),
        ("GET", {"range": "bytes=3-"}),
        ("HEAD", {}),
        ("HEAD", {"range": "bytes=1-"}),
    )
    for method, sent in conditions:
        yield f"{method} {sent}"
        path, _, query = state.urls.sign("/_assets/a/a.png", state.now(), 60, method).partition("?")
        scope = asked(method, path.removeprefix("http://mock"), sent)
        yield from answers(app, {**scope, "query_string": query.encode()})


def broken() -> Iterator[str]:
    """What each fault does to the connection, and to one that cannot be broken."""
    for kind in sorted(INSTEAD | ON_THE_WIRE):
        for is_connected in (True, False):
            app = application()
            app.simulation.faults.add(Fault(kind=kind, operation="get_readiness", delay=2.5))
            yield f"{kind}{'' if is_connected else ', without a connection'}"
            scope = asked("GET", "/v1/readiness")
            yield from answers(app, scope, is_connected=is_connected)


def test_a_request_is_recorded_as_its_bytes_say() -> None:
    app, scope = application(), asked("GET", "/v1/health")
    scope["headers"] += [(b"x-one", b"caf\xe9 \xc3\xa9"), (b"x-two", b"a"), (b"x-two", b"b")]
    scope |= {"query_string": b"a=%C3%BC&a=&b=1+2", "raw_path": b"/v1/health%2F\xe9"}
    list(answers(app, scope, b"\xff\xe9"))
    [recorded] = app.requests
    assert (recorded.header("X-One"), recorded.header("x-two")) == ("caf\xe9 \xc3\xa9", "b")
    assert (recorded.raw_path, recorded.body) == ("/v1/health%2F\xe9", b"\xff\xe9")
    assert recorded.query == (("a", "\xfc"), ("a", ""), ("b", "1 2"))


def test_of_a_long_answer_the_beginning_is_kept_and_its_size() -> None:
    app = application()
    for query in (b"limit=500", b"limit=400"):
        list(answers(app, {**asked("GET", "/v1/public/models"), "query_string": query}))
    kept = [(one.number, len(one.body), one.size > MAX_BODY) for one in app.answered]
    assert kept == [(1, MAX_BODY, True), (2, MAX_BODY, True)]


TABLES: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "callers": callers,
    "pieces": pieces,
    "ways": ways,
    "lengths": lengths,
    "broken": broken,
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_what_it_was_before(name: str) -> None:
    check_snapshot(SNAPSHOTS / f"asgi-{name}.txt", "\n".join(TABLES[name]()) + "\n")
