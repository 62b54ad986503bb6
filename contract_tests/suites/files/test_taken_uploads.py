"""What is sent of a file and read of the storage's answer, for a storage that takes some pieces and
answers at length.
"""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any, Final

import pytest
from attrs import define, field
from runflow_client import AsyncRunflow, RetryPolicy, Runflow, StorageRefused
from runflow_client._flows.commands import Flow, PutFile
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.driver import AsyncDriver, Driver
from runflow_client._transport.httpx2_client import as_async_httpx, as_httpx

from ..client.calls import body_of
from ..client.stepped_time import AsyncSteppedTime, SteppedTime
from ..http_library import httpx
from .storage import PNG

PICTURE: Final = PNG + bytes(3_000_000)
KIBIBYTE: Final = 1024
COLOURS: Final = pytest.mark.parametrize("colour", ["sync", "async"])


@define(eq=False)
class Endless(httpx.SyncByteStream, httpx.AsyncByteStream):
    """An answer that hardly ends."""

    read: int = 0
    closed: bool = False

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(1000):
            self.read += KIBIBYTE
            yield bytes(KIBIBYTE)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


@define(eq=False)
class Storage(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The API, and a storage that takes so many pieces (None: all) and answers with this status."""

    status: int
    takes: int | None = None
    taken: list[int] = field(factory=list[int])
    answer: Endless = field(factory=Endless)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            stream: Any = request.stream
            for piece in stream:
                self.taken.append(len(piece))
                if len(self.taken) == self.takes:
                    break
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            stream: Any = request.stream
            async for piece in stream:
                self.taken.append(len(piece))
                if len(self.taken) == self.takes:
                    break
        return self._answer(request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT":
            return httpx.Response(self.status, stream=self.answer, request=request)
        request.read() if isinstance(request.stream, httpx.SyncByteStream) else None
        return httpx.Response(201, json=body_of(request), request=request)


def uploaded(colour: str, storage: Storage) -> list[int]:
    """Upload the picture, and return the bytes that were told to be sent."""
    told: list[int] = []
    options: dict[str, Any] = {"base_url": "https://api.test", "retries": RetryPolicy(attempts=1)}

    def note(sent: int, total: int | None) -> None:
        assert total == len(PICTURE)
        told.append(sent)

    async def suspending() -> None:
        async with httpx.AsyncClient(transport=storage) as http:
            client = AsyncRunflow("rf_live_x", http_client=http, **options)
            await client.assets.upload(PICTURE, progress=note)

    if colour == "async":
        asyncio.run(suspending())
    else:
        with httpx.Client(transport=storage) as http:
            Runflow("rf_live_x", http_client=http, **options).assets.upload(PICTURE, progress=note)
    return told


@COLOURS
@pytest.mark.parametrize("status", [200, 403])
def test_a_long_answer_to_an_upload_is_left_and_its_connection_given_back(
    colour: str, status: int
) -> None:
    storage = Storage(status)
    if status == 200:
        assert uploaded(colour, storage)[-1] == len(PICTURE)
    else:
        with pytest.raises(StorageRefused):
            uploaded(colour, storage)
    assert sum(storage.taken) == len(PICTURE)
    assert storage.answer.read == 65 * KIBIBYTE
    assert storage.answer.closed


@COLOURS
@pytest.mark.parametrize("takes", [1, 2, 3])
def test_progress_is_told_of_what_was_taken(colour: str, takes: int) -> None:
    storage = Storage(200, takes)
    *told, last = uploaded(colour, storage)
    assert len(storage.taken) == takes
    assert told == [sum(storage.taken[:count]) for count in range(1, takes)]
    assert last == len(PICTURE), "the storage says that it has all"


@COLOURS
@pytest.mark.parametrize("takes", [1, None])
def test_a_file_is_given_up_as_soon_as_the_storage_has_answered(
    colour: str, takes: int | None
) -> None:
    ended: list[str] = []

    def pieces() -> Generator[bytes, None, None]:
        try:
            for _ in range(20):
                yield bytes(KIBIBYTE)
        finally:
            ended.append("closed")

    def send() -> Flow[object]:
        response = yield PutFile("https://storage.test/put", pieces, {}, 60.0, lambda size: None)
        assert ended == ["closed"], "and not when the answer is forgotten"
        return response

    storage, origin = Storage(200, takes), ApiRequests("https://api.test", {})

    async def suspending() -> object:
        async with httpx.AsyncClient(transport=storage) as http:
            made = AsyncDriver(as_async_httpx(http), AsyncSteppedTime(), origin)
            return await made.drive(send())

    if colour == "async":
        assert asyncio.run(suspending()) is not None
    else:
        with httpx.Client(transport=storage) as http:
            driver = Driver(as_httpx(http), SteppedTime(), origin)
            assert driver.drive(send()) is not None
