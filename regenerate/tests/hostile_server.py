"""A server on the loopback that answers whatever bytes it is told.

A peer that keeps no rule of HTTP.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Generator
from typing import Final

from attrs import define, field

Answer = Callable[[socket.socket, threading.Event], None]

JSON: Final = "application/json"


@define
class HostileServer:
    """What the server answers by target, and the heads of the requests that came."""

    port: int = 0
    answers: dict[str, Answer] = field(factory=dict[str, Answer])
    requests: list[str] = field(factory=list[str])

    def url(self, target: str = "/document") -> str:
        """Return the address of a target."""
        return f"http://127.0.0.1:{self.port}{target}"

    def answer(self, answer: "bytes | Answer", target: str = "/document") -> str:
        """Set what a target answers: these bytes and then the end, or what the function does.

        Its address.
        """
        self.answers[target] = sends(answer) if isinstance(answer, bytes) else answer
        return self.url(target)


def sends(raw: bytes) -> Answer:
    """Return an answer of these bytes, after which the connection ends."""

    def send(connection: socket.socket, _: threading.Event) -> None:
        connection.sendall(raw)

    return send


def trickles(start: bytes, drop: bytes) -> Answer:
    """Return an answer that begins with `start` and then sends `drop` again and again."""

    def send(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(start)
        while not over.wait(0.01):
            connection.sendall(drop)

    return send


def is_silent(_: socket.socket, over: threading.Event) -> None:
    """Return an answer that never comes."""
    over.wait()


def response(
    body: bytes, *headers: str, status: str = "200 OK", content_type: str | None = JSON
) -> bytes:
    """Return a well-formed response with its length."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    if content_type is not None:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@contextlib.contextmanager
def hostile_serving(
    secure: ssl.SSLContext | None = None,
) -> Generator[HostileServer, None, None]:
    """Run a server on a free port for the time of the context, by TLS where that is given."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    state = HostileServer(listener.getsockname()[1])

    def converse(connection: socket.socket) -> None:
        # The client hangs up in the middle: that is what is tested.
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            stack.enter_context(connection)
            if secure is not None:
                connection = secure.wrap_socket(connection, server_side=True)
                stack.enter_context(connection)
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65536)
                if not received:
                    return
                head += received
            text = head.decode("latin-1")
            state.requests.append(text)
            state.answers[text.split(" ")[1].partition("?")[0]](connection, over)
            connection.shutdown(socket.SHUT_WR)
            connection.settimeout(5)
            while connection.recv(65536):
                pass

    talks: list[threading.Thread] = []

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                talks.append(threading.Thread(target=converse, args=(connection,), daemon=True))
                talks[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield state
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for talk in talks:
            talk.join()
