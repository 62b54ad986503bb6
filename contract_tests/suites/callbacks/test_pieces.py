"""A callback is the same however its body is cut: at every place, with empty pieces, in chunks."""

from collections.abc import Callable, Iterator, MutableMapping
from io import BytesIO
from typing import Any

import anyio
import httpx
import pytest
from runflow_client.callbacks import Receiver
from runflow_client.callbacks.asgi import CallbackApp as AsgiApp
from runflow_client.callbacks.wsgi import CallbackApp as WsgiApp

from .deliveries import SECRET, encode, signed
from .servers import SERVERS

BODY = encode(metadata={"name": "Zoë ✓"})
CUTS = range(len(BODY) + 1)
PIECES: dict[str, Callable[[int], list[bytes]]] = {
    "two": lambda at: [BODY[:at], BODY[at:]],
    "empty ones between": lambda at: [b"", BODY[:at], b"", b"", BODY[at:], b""],
    "one byte alone": lambda at: [BODY[:at], BODY[at : at + 1], BODY[at + 1 :]],
}
Message = MutableMapping[str, Any]


@pytest.fixture
def stored() -> list[bytes]:
    return []


@pytest.fixture
def receiver(stored: list[bytes]) -> Receiver:
    return Receiver(SECRET, lambda event, body: stored.append(body))


@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_a_receiver_takes_pieces(
    receiver: Receiver, stored: list[bytes], pieces: Callable[[int], list[bytes]]
) -> None:
    for at in CUTS:
        incoming = receiver.open("POST", signed(BODY))
        for piece in pieces(at):
            incoming.add(piece)
        assert incoming.answer().status == 200
    assert stored == [BODY] * len(CUTS)


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        (["all"], 200),
        (["fail"], 503),
        (["half", "fail"], 503),
        (["half", "fail", "replace"], 200),
        (["fail", "replace"], 200),
        (["all", "replace"], 200),
        (["too much", "replace"], 413),
        (["too much", "fail"], 413),
        (["fail", "too much"], 413),
        (["fail", "all"], 503),
        (["replace", "fail"], 503),
        ([], 503),
    ],
    ids=str,
)
def test_the_last_word_about_a_body_counts(
    receiver: Receiver, stored: list[bytes], steps: list[str], status: int
) -> None:
    incoming = receiver.open("POST", signed(BODY))
    acts: dict[str, Callable[[], object]] = {
        "all": lambda: incoming.add(BODY),
        "half": lambda: incoming.add(BODY[: len(BODY) // 2]),
        "too much": lambda: incoming.add(b" " * (receiver.max_body_bytes + 1)),
        "fail": lambda: incoming.give_up(OSError("gone")),
        "replace": lambda: incoming.replace(BODY),
    }
    for step in steps:
        acts[step]()
    assert incoming.answer().status == status
    assert stored == [BODY] * (status == 200)


def test_a_body_that_is_replaced_counts_once(stored: list[bytes]) -> None:
    """It is as large as the limit, and most of it was read before."""
    receiver = Receiver(SECRET, lambda event, body: stored.append(body), len(BODY))
    headers = {**signed(BODY), "Content-Length": str(len(BODY))}
    incoming = receiver.open("POST", headers)
    incoming.add(BODY[:-1])
    lacked = incoming.may_lack_bytes
    incoming.replace(BODY)
    assert (lacked, incoming.may_lack_bytes) == (True, False)
    assert (incoming.answer().status, stored) == (200, [BODY])


@pytest.mark.parametrize("declared", [True, False], ids=["length declared", "no length"])
@pytest.mark.parametrize("pieces", PIECES.values(), ids=PIECES)
def test_asgi_takes_messages(
    receiver: Receiver,
    stored: list[bytes],
    pieces: Callable[[int], list[bytes]],
    declared: bool,
) -> None:
    app, statuses = AsgiApp(receiver), list[int]()
    headers = {**signed(BODY), **({"Content-Length": str(len(BODY))} if declared else {})}
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def deliver(at: int) -> None:
        left = pieces(at)

        async def receive() -> Message:
            piece = left.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await app({"type": "http", "method": "POST", "path": "/", "headers": pairs}, receive, send)

    async def main() -> None:
        for at in CUTS:
            await deliver(at)

    anyio.run(main)
    assert statuses == [200] * len(CUTS)
    assert stored == [BODY] * len(CUTS)


class Short(BytesIO):
    """A stream that gives up to a place first, and what follows when it is asked again."""

    def __init__(self, at: int) -> None:
        super().__init__(BODY)
        self._at = at

    def read(self, size: int | None = -1, /) -> bytes:
        assert size, "some servers wait for the sender then"
        left = self._at - self.tell()
        wanted = len(BODY) if size is None or size < 0 else size
        return super().read(min(left, wanted) if left > 0 else wanted)


def test_wsgi_reads_again_after_a_short_read(receiver: Receiver, stored: list[bytes]) -> None:
    app, statuses = WsgiApp(receiver), list[str]()

    def start(status: str, headers: object, *error: object) -> Callable[[bytes], object]:
        statuses.append(status[:3])
        return lambda data: None

    headers = {f"HTTP_{name.upper().replace('-', '_')}": one for name, one in signed(BODY).items()}
    for at in CUTS:
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(BODY)),
            "wsgi.input": Short(at),
            **headers,
        }
        list(app(environ, start))
    assert statuses == ["200"] * len(CUTS)
    assert stored == [BODY] * len(CUTS)


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_takes_pieces_of_every_size(
    receiver: Receiver, stored: list[bytes], server: str
) -> None:
    def cut(size: int) -> Iterator[bytes]:
        for at in range(0, len(BODY), size):
            yield BODY[at : at + size]

    headers = {**signed(BODY), "Content-Length": str(len(BODY))}
    with SERVERS[server](receiver) as url, httpx.Client(trust_env=False) as http:
        for size in (1, 7, len(BODY) - 1):
            answer = http.post(url, content=cut(size), headers=headers)
            assert answer.status_code == 200, answer.text
            if server in ("asgi", "starlette", "fastapi", "fastapi_dependency"):
                del stored[:]
                answer = http.post(url, content=cut(size), headers=signed(BODY))  # in chunks
                assert answer.status_code == 200, answer.text
            assert stored == [BODY]
            del stored[:]
