"""Requests to the storage that holds files."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from runflow_api.http_library import httpx

from .._flows.commands import (
    CloseDownload,
    Flow,
    OpenDownload,
    OpenedDownload,
    PutFile,
    ReadChunks,
    Transfer,
    WithLock,
)
from .._http import DATE, RETRY_AFTER
from .._redaction import sending
from .._time import AsyncClock, Clock
from .._urls import check_storage_url
from .addresses import AddressCheck
from .downloads import decoded, decoded_async, raw_chunks, raw_chunks_async
from .hooks import OF_TRANSFERS, FileError, transfer_answer_in
from .locks import AsyncKeyedLocks, KeyedLocks
from .network import deadline_in, ending_in

if TYPE_CHECKING:
    import anyio

MAX_CONCURRENT_TRANSFERS: Final = 16
"""Transfers that one asynchronous client has under way at once."""

_HEAD_TIMEOUTS: Final = 2
"""The head of an answer has so many times the HTTP client's timeout for one read."""

_READ_TOGETHER: Final = 4
"""Pieces of a file that a thread reads at once: the way there and back costs as much as to read."""

_MAX_ANSWER_BYTES: Final = 64 * 1024
"""Bytes read of the storage's answer to an upload."""

_KEPT: Final = frozenset({RETRY_AFTER.lower(), DATE.lower()})
"""Headers of that answer which say when the upload may be tried again."""


@frozen
class StorageRequests:
    """Builds requests for the storage without the HTTP client's own headers, cookies and auth."""

    base_url: str
    user_agent: str

    def request(
        self,
        http: httpx.Client | httpx.AsyncClient,
        command: OpenDownload | PutFile,
        content: Any = None,
    ) -> httpx.Request:
        """Build the request of the command. Raises AddressRefused."""
        limits = http.timeout.as_dict()
        if isinstance(command, PutFile):
            method, secure = "PUT", True
            limits["read"] = command.seconds  # the storage answers when it has stored everything
        else:
            method, secure = "GET", command.redirected
        url = check_storage_url(command.url, self.base_url, secure=secure)
        check = AddressCheck(command.url, url.raw_host.decode("ascii"), self.base_url)
        blocks = isinstance(http, httpx.Client)
        return httpx.Request(
            method,
            url,
            headers={"User-Agent": self.user_agent, "Accept": "*/*", **command.headers},
            content=content,
            extensions={
                "timeout": limits,
                "trace": check.trace if blocks else check.trace_async,
            },
        )


class StorageTransport:
    """Carries out the commands of flows that move files, and blocks."""

    def __init__(
        self,
        http: Callable[[], httpx.Client],
        clock: Clock,
        requests: StorageRequests,
        drive: Callable[[Flow[Any]], object],
    ) -> None:
        self._http = http
        self._clock = clock
        self._requests = requests
        self._drive = drive
        self._locks = KeyedLocks()

    def perform(self, command: Transfer) -> object:
        """Carry the command out and return its outcome."""
        if isinstance(command, WithLock):
            with self._locks.hold(command.key, command.timeout):
                return self._drive(command.flow)
        with sending():
            if isinstance(command, ReadChunks):
                return next(_blocking(command.opened), list[bytes]())
            if isinstance(command, OpenDownload):
                return self._open(command)
            if isinstance(command, CloseDownload):
                self.close(command.opened)
                return None
            return self._upload(command) if isinstance(command, PutFile) else command.function()

    def _open(self, command: OpenDownload) -> OpenedDownload:
        http = self._http()
        request = self._requests.request(http, command)
        with deadline_in(_head_timeout(http)):
            response = self._send(http, request)
        return OpenedDownload(response, decoded(response, command, http.timeout.read))

    def _send(self, http: httpx.Client, request: httpx.Request) -> httpx.Response:
        try:
            return http.send(request, stream=True, auth=None, follow_redirects=False)
        except Exception as error:
            return transfer_answer_in(error, request)

    def close(self, opened: OpenedDownload) -> None:
        """End the transfer. May be called again."""
        opened.response.close()

    def _upload(self, command: PutFile) -> httpx.Response:
        http = self._http()
        expires = self._clock.now() + command.seconds
        with closing(command.chunks()) as chunks, deadline_in(command.seconds):
            request = self._requests.request(http, command, self._paced(command, chunks, expires))
            response = self._send(http, request)
            try:
                answer = b""
                for chunk in raw_chunks(response):
                    answer += chunk
                    if len(answer) > _MAX_ANSWER_BYTES:
                        break
                return _read(response, answer)
            finally:
                response.close()

    def _paced(
        self, command: PutFile, chunks: Generator[bytes, None, None], expires: float
    ) -> Iterator[bytes]:
        with _naming_the_file():
            for chunk in chunks:
                _check_time(self._clock.now(), expires)
                yield chunk
                command.on_sent(len(chunk))


class AsyncStorageTransport:
    """Carries out the commands of flows that move files, and suspends; threads do what blocks."""

    def __init__(
        self,
        http: Callable[[], httpx.AsyncClient],
        clock: AsyncClock,
        requests: StorageRequests,
        drive: Callable[[Flow[Any]], Awaitable[object]],
    ) -> None:
        self._http = http
        self._clock = clock
        self._requests = requests
        self._drive = drive
        self._locks = AsyncKeyedLocks()
        self._semaphore: anyio.Semaphore | None = None

    async def perform(self, command: Transfer) -> object:
        """Carry the command out and return its outcome."""
        if isinstance(command, WithLock):
            async with self._locks.hold(command.key, command.timeout):
                return await self._drive(command.flow)
        with sending():
            if isinstance(command, ReadChunks):
                return await anext(_suspending(command.opened), list[bytes]())
            if isinstance(command, OpenDownload):
                return await self._open(command)
            if isinstance(command, CloseDownload):
                await self.close(command.opened)
                return None
            return await (
                self._upload(command)
                if isinstance(command, PutFile)
                else _in_thread(command.function)
            )

    async def _open(self, command: OpenDownload) -> OpenedDownload:
        http = self._http()
        request = self._requests.request(http, command)
        permits = self._permits() if command.queued else None
        if permits is not None:
            await permits.acquire()
        try:
            with ending_in(_head_timeout(http)):
                response = await self._send(http, request)
        except BaseException:
            if permits is not None:
                permits.release()
            raise
        return OpenedDownload(
            response,
            decoded_async(response, command, http.timeout.read),
            None if permits is None else permits.release,
        )

    async def _send(self, http: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        try:
            return await http.send(request, stream=True, auth=None, follow_redirects=False)
        except Exception as error:
            return transfer_answer_in(error, request)

    async def close(self, opened: OpenedDownload) -> None:
        """End the transfer and release its permit. May be called again."""
        try:
            await opened.response.aclose()
        finally:
            release, opened.release = opened.release, None
            if release is not None:
                release()

    async def _upload(self, command: PutFile) -> httpx.Response:
        http = self._http()
        with ending_in(command.timeout, httpx.PoolTimeout):
            async with self._permits():
                with ending_in(command.seconds, httpx.WriteTimeout):
                    return await self._put(http, command)

    async def _put(self, http: httpx.AsyncClient, command: PutFile) -> httpx.Response:
        expires = self._clock.now() + command.seconds
        chunks = command.chunks()
        try:
            request = self._requests.request(http, command, self._paced(command, chunks, expires))
            response = await self._send(http, request)
            try:
                answer = b""
                async for chunk in raw_chunks_async(response):
                    answer += chunk
                    if len(answer) > _MAX_ANSWER_BYTES:
                        break
                return _read(response, answer)
            finally:
                await response.aclose()
        finally:
            # ValueError: the task was canceled while a thread still reads the file. The
            # generator is closed when that thread is done with it.
            with suppress(ValueError):
                chunks.close()

    async def _paced(
        self, command: PutFile, chunks: Generator[bytes, None, None], expires: float
    ) -> AsyncIterator[bytes]:
        with _naming_the_file():
            while read := await _in_thread(lambda: [*islice(chunks, _READ_TOGETHER)]):
                for chunk in read:
                    _check_time(self._clock.now(), expires)
                    yield chunk
                    command.on_sent(len(chunk))

    def _permits(self) -> "anyio.Semaphore":
        if self._semaphore is None:
            import anyio

            self._semaphore = anyio.Semaphore(MAX_CONCURRENT_TRANSFERS)
        return self._semaphore


@contextmanager
def _naming_the_file() -> Generator[None, None, None]:
    """Tell apart what a hook raises, and what the file or the caller's progress function does."""
    try:
        yield
    except OF_TRANSFERS:
        raise
    except Exception as error:
        raise FileError(error) from error


async def _in_thread(function: Callable[[], Any]) -> Any:
    import anyio.to_thread

    return await anyio.to_thread.run_sync(function)


def _head_timeout(http: httpx.Client | httpx.AsyncClient) -> float | None:
    return None if http.timeout.read is None else _HEAD_TIMEOUTS * http.timeout.read


def _blocking(opened: OpenedDownload) -> Iterator[list[bytes]]:
    assert isinstance(opened.chunks, Iterator), "a driver reads what it opened"
    return opened.chunks


def _suspending(opened: OpenedDownload) -> AsyncIterator[list[bytes]]:
    assert isinstance(opened.chunks, AsyncIterator), "a driver reads what it opened"
    return opened.chunks


def _check_time(now: float, expires: float) -> None:
    if now > expires:
        raise httpx.WriteTimeout("the file was not sent in time")


def _read(response: httpx.Response, content: bytes) -> httpx.Response:
    """Make a response of what was read. An encoded body stays encoded: the status says enough."""
    headers = [(name, value) for name, value in response.headers.multi_items() if name in _KEPT]
    return httpx.Response(
        response.status_code, headers=headers, content=content, request=response.request
    )
