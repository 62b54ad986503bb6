"""Servers of bare sockets that send bit by bit, and hardly read."""

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress

PAUSE = 0.02
"""Seconds between two bits."""
STUCK = 5.0
"""Seconds after which a connection that the client leaves alone is closed."""


@contextmanager
def dripping(
    first: bytes, then: bytes, *, pause: float = PAUSE, reads: int = 65536
) -> Generator[str]:
    """Serve on a free port of 127.0.0.1: after a request the first bytes, then others for ever.

    `pause` seconds lie between them, and `reads` bytes of the request are read before and between.
    """
    over = threading.Event()
    threads: list[threading.Thread] = []
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.05)
    if reads < 65536:  # else the system takes more than the client sends
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(STUCK)
            connection.recv(reads)
            connection.sendall(first)
            while not over.wait(pause):
                connection.sendall(then)
                if reads < 65536:
                    connection.recv(reads)

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                connection, _ = listening.accept()
                threads.append(threading.Thread(target=answer, args=(connection,)))
                threads[-1].start()

    server = threading.Thread(target=serve)
    server.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        server.join()
        for thread in threads:
            thread.join()
        listening.close()


@contextmanager
def ending_within(seconds: float) -> Generator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started <= seconds
