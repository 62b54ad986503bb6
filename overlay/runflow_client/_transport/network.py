"""Deadlines for what may block: resolving a name, and the sockets of a synchronous client.

The HTTP library's timeouts hold for one read or write, so a server that sends a byte now and then
keeps a thread for ever: in the status line, in the headers, in 1xx responses, in chunk sizes. Here
each read gets what is left until the deadline of the request that the thread is carrying out.
"""

import socket
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from inspect import iscoroutinefunction
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from runflow_api.http_library import httpx

from .._urls import is_address

RESOLVE_TIMEOUT: Final = 10.0
"""Seconds to resolve a name where the HTTP client has no timeout for connecting."""

_PIECE: Final = 16 * 1024
"""Bytes that are written at once: the library gives each part of a longer write its whole timeout.
"""

_deadline: ContextVar[float | None] = ContextVar("runflow_client_deadline", default=None)


class deadline_in:  # noqa: N801 # used as a function: a class is entered in half the time
    """Let what this thread reads and writes in the block end in so many seconds."""

    __slots__ = ("_moment", "_token")

    def __init__(self, seconds: float | None) -> None:
        self._moment = None if seconds is None else time.monotonic() + seconds

    def __enter__(self) -> None:
        self._token = _deadline.set(self._moment)

    def __exit__(self, *error: object) -> None:
        _deadline.reset(self._token)


@contextmanager
def ending_in(
    seconds: float | None, error: type[httpx.TimeoutException] = httpx.ReadTimeout
) -> Generator[Callable[[], None], None, None]:
    """Let what is awaited in the block end in so many seconds. Raises the error then.

    The block gets a function that begins the seconds anew, for a third of what a block costs.
    """
    import anyio

    def begin_anew() -> None:
        if seconds is not None:
            scope.deadline = anyio.current_time() + seconds

    with anyio.move_on_after(seconds) as scope:
        yield begin_anew
    if scope.cancelled_caught:
        raise error("time was up")


def _limited(timeout: float | None, error: type[httpx.TimeoutException]) -> float | None:
    """Return the seconds that are left, at most `timeout`. Raises the error if none are: a server
    that never pauses would keep each read from timing out.
    """
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise error("time was up")
    return left if timeout is None else min(timeout, left)


class DeadlineStream:
    """A connection of httpcore's, with the deadline on each read and write."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes."""
        data: bytes = self._stream.read(max_bytes, timeout=_limited(timeout, httpx.ReadTimeout))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write these bytes."""
        if _deadline.get() is None:
            self._stream.write(buffer, timeout=timeout)
            return
        for begin in range(0, len(buffer), _PIECE):
            piece = buffer[begin : begin + _PIECE]
            self._stream.write(piece, timeout=_limited(timeout, httpx.WriteTimeout))

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> "DeadlineStream":
        """Encrypt the connection."""
        seconds = _limited(timeout, httpx.ConnectTimeout)
        return DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, timeout=seconds))

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
        if _deadline.get() is None or is_address(host):
            return self._connect(host, port, timeout, options)
        seconds = _limited(timeout, httpx.ConnectTimeout)
        *others, last = dict.fromkeys(resolve(host, port, seconds) or [host])
        for address in others:
            try:
                return self._connect(address, port, timeout, options)
            except Exception:  # of the library, which this module does not know
                continue
        return self._connect(last, port, timeout, options)

    def _connect(
        self, host: str, port: int, timeout: float | None, options: dict[str, Any]
    ) -> DeadlineStream:
        seconds = _limited(timeout, httpx.ConnectTimeout)
        with _naming(host, port):
            return DeadlineStream(self._backend.connect_tcp(host, port, timeout=seconds, **options))

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, **options: Any
    ) -> DeadlineStream:
        """Connect to a socket of this machine."""
        seconds = _limited(timeout, httpx.ConnectTimeout)
        return DeadlineStream(self._backend.connect_unix_socket(path, timeout=seconds, **options))

    def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        self._backend.sleep(_limited(seconds, httpx.ConnectTimeout))


class ResolvingBackend:
    """The network of httpcore for an event loop, where a name that hangs can be left.

    The library resolves names in a thread of the event loop, for which `asyncio.run()` waits at its
    end. So each name is resolved here first, in a thread that nothing waits for.
    """

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, **options: Any
    ) -> Any:
        """Connect to the host, once its name can be resolved."""
        if not is_address(host):
            await resolve_async(host, port, timeout)
        with _naming(host, port):
            return await self._backend.connect_tcp(host, port, timeout=timeout, **options)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, **options: Any
    ) -> Any:
        """Connect to a socket of this machine."""
        return await self._backend.connect_unix_socket(path, timeout=timeout, **options)

    async def sleep(self, seconds: float) -> None:
        """Wait that many seconds."""
        await self._backend.sleep(seconds)


@contextmanager
def _naming(host: str, port: int) -> Generator[None, None, None]:
    """Let an error say what was connected to: it may be a proxy, or one address of several."""
    try:
        yield
    except Exception as error:
        shown = f"[{host}]" if ":" in host else host
        error.args = (f"{error} at {shown}:{port}".lstrip(),)
        raise


def resolve(host: str, port: int, seconds: float | None) -> list[str]:
    """Return the addresses of the name. Raises ConnectTimeout, ConnectError.

    The system's resolver has no timeout of its own, so it runs in a thread that can be left.
    """
    results: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look_up() -> None:
        try:
            results.put(_addresses(host, port))
        except (OSError, UnicodeError) as error:
            results.put(error)

    thread = Thread(target=look_up, name=f"resolve {host}", daemon=True)
    thread.start()
    try:
        found = results.get(timeout=RESOLVE_TIMEOUT if seconds is None else seconds)
    except Empty:
        raise _not_in_time(host) from None
    thread.join()
    if isinstance(found, Exception):
        raise _not_found(host, found) from found
    return found


async def resolve_async(host: str, port: int, seconds: float | None) -> list[str]:
    """Do the same without blocking the event loop."""
    import anyio
    import anyio.to_thread

    # A name that hangs takes none of the threads that the program's own work has.
    own = anyio.CapacityLimiter(1)
    try:
        with anyio.fail_after(RESOLVE_TIMEOUT if seconds is None else seconds):
            return await anyio.to_thread.run_sync(
                _addresses, host, port, abandon_on_cancel=True, limiter=own
            )
    except TimeoutError:
        raise _not_in_time(host) from None
    except (OSError, UnicodeError) as error:
        raise _not_found(host, error) from error


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _not_in_time(host: str) -> httpx.ConnectTimeout:
    return httpx.ConnectTimeout(f"{host} was not resolved in time")


def _not_found(host: str, error: Exception) -> httpx.ConnectError:
    return httpx.ConnectError(f"{host} cannot be resolved: {error}")


def keep_deadlines(http: object) -> None:
    """Let the connections that this client makes from now on keep the deadlines of `deadline_in`,
    and those of an asynchronous client wait for no name that hangs.

    httpx has no public way to set the network backend of a client that also reads the environment's
    proxies, so its attributes are looked for. A client with a transport of its own (or an httpx
    that has changed) stays as it is; then only bodies keep the deadline.
    """
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is None or isinstance(backend, DeadlineBackend | ResolvingBackend):
            continue
        is_awaited = iscoroutinefunction(backend.connect_tcp)
        pool._network_backend = (ResolvingBackend if is_awaited else DeadlineBackend)(backend)
