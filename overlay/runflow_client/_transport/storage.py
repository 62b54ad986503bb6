"""Requests to the storage that holds files."""

from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from runflow_api.http_library import httpx

from .._flows.commands import (
    CloseDownload,
    Flow,
    OpenDownload,
    OpenedDownload,
    PutFile,
    ReadChunk,
    Transfer,
    WithLock,
)
from .._redaction import sending
from .._time import AsyncClock, Clock
from .._urls import check_storage_url
from .bodies import aiter_pieces, iter_pieces
from .locks import AsyncKeyedLocks, KeyedLocks

if TYPE_CHECKING:
    import anyio

MAX_CONCURRENT_TRANSFERS: Final = 16
"""Transfers that one asynchronous client has under way at once."""

_MAX_ANSWER_BYTES: Final = 64 * 1024
"""Bytes read of the storage's answer to an upload."""


@frozen
class StorageRequests:
    """Makes requests for the storage, without the HTTP client, so that nothing of it goes along."""

    base_url: str
    user_agent: str

    def request(
        self,
        http: httpx.Client | httpx.AsyncClient,
        command: OpenDownload | PutFile,
        content: Any = None,
    ) -> httpx.Request:
        """The request that the command asks for. Raises AddressRefused."""
        limits = http.timeout.as_dict()
        if isinstance(command, PutFile):
            method, secure = "PUT", True
            limits["read"] = command.seconds  # the storage answers when it has stored everything
        else:
            method, secure = "GET", command.redirected
        return httpx.Request(
            method,
            check_storage_url(command.url, self.base_url, secure=secure),
            headers={"User-Agent": self.user_agent, "Accept": "*/*", **command.headers},
            content=content,
            extensions={"timeout": limits},
        )


class StorageTransport:
    """Carries out the commands of flows that move files, and blocks."""

    def __init__(
        self,
        http: Callable[[], httpx.Client],
        clock: Clock,
        destination: StorageRequests,
        drive: Callable[[Flow[Any]], object],
    ) -> None:
        self._http = http
        self._clock = clock
        self._destination = destination
        self._drive = drive
        self._locks = KeyedLocks()

    def perform(self, command: Transfer) -> object:
        """Carry the command out and give back its answer."""
        if isinstance(command, WithLock):
            with self._locks.hold(command.key):
                return self._drive(command.flow)
        with sending():
            if isinstance(command, ReadChunk):
                return next(_blocking(command.opened), b"")
            if isinstance(command, OpenDownload):
                return self._open(command)
            if isinstance(command, CloseDownload):
                self.close(command.opened)
                return None
            return self._upload(command) if isinstance(command, PutFile) else command.function()

    def _open(self, command: OpenDownload) -> OpenedDownload:
        http = self._http()
        request = self._destination.request(http, command)
        response = http.send(request, stream=True, auth=None, follow_redirects=False)
        return OpenedDownload(response, iter_pieces(response))

    def close(self, opened: OpenedDownload) -> None:
        """End the transfer. May be called again."""
        opened.response.close()

    def _upload(self, command: PutFile) -> httpx.Response:
        http = self._http()
        expires = self._clock.now() + command.seconds
        with closing(command.chunks()) as chunks:
            request = self._destination.request(
                http, command, self._paced(command, chunks, expires)
            )
            response = http.send(request, stream=True, auth=None, follow_redirects=False)
            try:
                answer = b""
                with suppress(httpx.DecodingError):  # the status says enough
                    for chunk in iter_pieces(response):
                        answer += chunk
                        if len(answer) > _MAX_ANSWER_BYTES:
                            break
                return _read(response, answer)
            finally:
                response.close()

    def _paced(
        self, command: PutFile, chunks: Generator[bytes, None, None], expires: float
    ) -> Iterator[bytes]:
        for chunk in chunks:
            _check_time(self._clock.now(), expires)
            yield chunk
            command.on_sent(len(chunk))


class AsyncStorageTransport:
    """Carries out the commands of flows that move files, and suspends; what blocks is done in
    threads.
    """

    def __init__(
        self,
        http: Callable[[], httpx.AsyncClient],
        clock: AsyncClock,
        destination: StorageRequests,
        drive: Callable[[Flow[Any]], Awaitable[object]],
    ) -> None:
        self._http = http
        self._clock = clock
        self._destination = destination
        self._drive = drive
        self._locks = AsyncKeyedLocks()
        self._places: anyio.Semaphore | None = None

    async def perform(self, command: Transfer) -> object:
        """Carry the command out and give back its answer."""
        if isinstance(command, WithLock):
            async with self._locks.hold(command.key):
                return await self._drive(command.flow)
        with sending():
            if isinstance(command, ReadChunk):
                return await anext(_suspending(command.opened), b"")
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
        request = self._destination.request(http, command)
        places = self._all_places() if command.queued else None
        if places is not None:
            await places.acquire()
        try:
            response = await http.send(request, stream=True, auth=None, follow_redirects=False)
        except BaseException:
            if places is not None:
                places.release()
            raise
        return OpenedDownload(
            response, aiter_pieces(response), None if places is None else places.release
        )

    async def close(self, opened: OpenedDownload) -> None:
        """End the transfer and give its place back. May be called again."""
        try:
            await opened.response.aclose()
        finally:
            release, opened.release = opened.release, None
            if release is not None:
                release()

    async def _upload(self, command: PutFile) -> httpx.Response:
        http = self._http()
        async with self._all_places():
            expires = self._clock.now() + command.seconds
            with _ending(command.chunks()) as chunks:
                request = self._destination.request(
                    http, command, self._paced(command, chunks, expires)
                )
                response = await http.send(request, stream=True, auth=None, follow_redirects=False)
                try:
                    answer = b""
                    with suppress(httpx.DecodingError):
                        async for chunk in aiter_pieces(response):
                            answer += chunk
                            if len(answer) > _MAX_ANSWER_BYTES:
                                break
                    return _read(response, answer)
                finally:
                    await response.aclose()

    async def _paced(
        self, command: PutFile, chunks: Generator[bytes, None, None], expires: float
    ) -> AsyncIterator[bytes]:
        while chunk := await _in_thread(lambda: next(chunks, b"")):
            _check_time(self._clock.now(), expires)
            yield chunk
            command.on_sent(len(chunk))

    def _all_places(self) -> "anyio.Semaphore":
        if self._places is None:
            import anyio

            self._places = anyio.Semaphore(MAX_CONCURRENT_TRANSFERS)
        return self._places


async def _in_thread(function: Callable[[], Any]) -> Any:
    import anyio.to_thread

    return await anyio.to_thread.run_sync(function)


@contextmanager
def _ending(
    chunks: Generator[bytes, None, None],
) -> Generator[Generator[bytes, None, None], None, None]:
    """Ends the chunks with the block, or, where a thread reads on after its task was canceled, with
    that thread.
    """
    try:
        yield chunks
    finally:
        with suppress(ValueError):  # they are being read
            chunks.close()


def _blocking(opened: OpenedDownload) -> Iterator[bytes]:
    assert isinstance(opened.chunks, Iterator), "a driver receives what it opened"
    return opened.chunks


def _suspending(opened: OpenedDownload) -> AsyncIterator[bytes]:
    assert isinstance(opened.chunks, AsyncIterator), "a driver receives what it opened"
    return opened.chunks


def _check_time(now: float, expires: float) -> None:
    if now > expires:
        raise httpx.WriteTimeout("the file was still going out when time was up")


def _read(response: httpx.Response, content: bytes) -> httpx.Response:
    return httpx.Response(response.status_code, content=content, request=response.request)
