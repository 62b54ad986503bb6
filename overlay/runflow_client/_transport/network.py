"""Deadlines for the sockets of a synchronous client.

The HTTP library's timeouts hold for one read or write, so a server that sends a byte now and then
keeps a thread for ever: in the status line, in the headers, in 1xx responses, in chunk sizes. Here
each read gets what is left until the deadline of the request that the thread is carrying out.
Resolving a host's name is the one thing that has no timeout in Python.
"""

import socket
import time
from contextvars import ContextVar
from typing import Any, Final

_deadline: ContextVar[float | None] = ContextVar("runflow_client_deadline", default=None)

_LEAST: Final = 0.001
"""Seconds for a read after the deadline: it fails with the HTTP library's own timeout error."""


class deadline_in:  # noqa: N801 # used as a function: a class is entered in half the time
    """Let what this thread reads and writes in the block end in so many seconds."""

    __slots__ = ("_moment", "_token")

    def __init__(self, seconds: float | None) -> None:
        self._moment = None if seconds is None else time.monotonic() + seconds

    def __enter__(self) -> None:
        self._token = _deadline.set(self._moment)

    def __exit__(self, *error: object) -> None:
        _deadline.reset(self._token)


def _limited(timeout: float | None) -> float | None:
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = max(_LEAST, deadline - time.monotonic())
    return left if timeout is None else min(timeout, left)


class DeadlineStream:
    """A connection of httpcore's, with the deadline on each read and write."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        data: bytes = self._stream.read(max_bytes, timeout=_limited(timeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write these bytes."""
        self._stream.write(buffer, timeout=_limited(timeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "DeadlineStream":
        """Encrypt the connection."""
        return DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, timeout=_limited(timeout))
        )

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore knows of the connection."""
        return self._stream.get_extra_info(info)


class DeadlineBackend:
    """The network of httpcore, with the deadline on whatever may block."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> DeadlineStream:
        """Connect to the host's addresses, one after the other, until one answers."""
        if _deadline.get() is None:
            return DeadlineStream(self._backend.connect_tcp(host, port, timeout=timeout, **options))
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            found = []  # the library finds the same, and says so in its own error
        *others, last = list(dict.fromkeys(str(one[4][0]) for one in found)) or [host]
        for address in others:
            try:
                return self._connect(address, port, timeout, options)
            except Exception:  # of the library, which this module does not know
                continue
        return self._connect(last, port, timeout, options)

    def _connect(
        self, host: str, port: int, timeout: float | None, options: dict[str, Any]
    ) -> DeadlineStream:
        return DeadlineStream(
            self._backend.connect_tcp(host, port, timeout=_limited(timeout), **options)
        )

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, **options: Any
    ) -> DeadlineStream:
        """Connect to a socket of this machine."""
        return DeadlineStream(
            self._backend.connect_unix_socket(path, timeout=_limited(timeout), **options)
        )

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        self._backend.sleep(_limited(seconds))


def keep_deadlines(http: object) -> None:
    """Let the connections that this client makes from now on keep the deadlines of `deadline_in`.

    httpx has no public way to set the network backend of a client that also reads the environment's
    proxies, so its attributes are looked for. A client with a transport of its own (or an httpx
    that has changed) stays as it is; then only bodies keep the deadline.
    """
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None and not isinstance(backend, DeadlineBackend):
            pool._network_backend = DeadlineBackend(backend)
