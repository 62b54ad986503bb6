"""The body of a download: decoded piece by piece, within bounds of size and time."""

import math
import time
from collections.abc import AsyncIterator, Iterator
from typing import Final

from attrs import define, field
from runflow_api.http_library import httpx

from .._errors import DownloadTooLarge
from .._flows.commands import OpenDownload
from .decoding import BodyDecoder, BodyTooLarge
from .network import deadline_in, ending_in

MIN_BYTES_PER_SECOND: Final = 1024
"""A download that brings fewer bytes a second, over the HTTP client's timeout for one read, is
given up like one that broke off: a server could send a byte now and then for ever.
"""

MAX_GATHERING: Final = 0.25
"""Seconds after which what came is handed over, however little it is."""


@define
class _Pace:
    """Measures how fast a body comes, while it is waited for."""

    seconds: float | None
    """What is measured together; None measures nothing."""
    _size: int = field(init=False, default=0)
    _waited: float = field(init=False, default=0.0)

    def add(self, size: int, began: float) -> None:
        """Count bytes that were waited for since `began`. Raises ReadTimeout if they are few."""
        self._size += size
        self._waited += time.monotonic() - began
        if self.seconds is None or self._waited < self.seconds:
            return
        if self._size < MIN_BYTES_PER_SECOND * self._waited:
            raise httpx.ReadTimeout(
                f"only {self._size} bytes came in {self._waited:.0f} s, which is less than "
                f"{MIN_BYTES_PER_SECOND} bytes a second"
            )
        self._size, self._waited = 0, 0.0


@define
class _Gathered:
    """Pieces that were read and not handed over yet: each time costs much more than a piece."""

    enough: int
    """Bytes."""
    pieces: list[bytes] = field(init=False, factory=list[bytes])
    _size: int = field(init=False, default=0)
    _began: float = field(init=False, default=math.inf)

    def add(self, pieces: Iterator[bytes], began: float) -> bool:
        """Keep pieces that were waited for since `began`, until there are enough.

        True when it is time to hand over; more pieces may be left then.
        """
        for piece in pieces:
            self._began = min(self._began, began)
            self.pieces.append(piece)
            self._size += len(piece)
            if self._size >= self.enough:
                return True
        return self._size > 0 and time.monotonic() - self._began >= MAX_GATHERING

    def take(self) -> list[bytes]:
        """Hand all of them over."""
        pieces, self.pieces, self._size, self._began = self.pieces, [], 0, math.inf
        return pieces


def decoded(
    response: httpx.Response, command: OpenDownload, seconds: float | None
) -> Iterator[list[bytes]]:
    """Read the body in small pieces, some at a time. What came before an error is handed over
    before it.

    Raises DecodingError, DownloadTooLarge, ReadTimeout.
    """
    gathered = _Gathered(command.gathered)
    try:
        chunks = raw_chunks(response)
        decoder, pace = _decoder(response, command), _Pace(seconds)
        while True:
            began = time.monotonic()
            with deadline_in(seconds):
                chunk = next(chunks, None)
            if chunk is None:
                break
            pace.add(len(chunk), began)
            pieces = decoder.feed(chunk)
            while gathered.add(pieces, began):
                yield gathered.take()
        decoder.finish()
    except Exception as error:
        if gathered.pieces:
            yield gathered.take()
        if isinstance(error, BodyTooLarge):
            raise _too_large(command) from None
        raise
    if gathered.pieces:
        yield gathered.take()


async def decoded_async(
    response: httpx.Response, command: OpenDownload, seconds: float | None
) -> AsyncIterator[list[bytes]]:
    """Do the same for an asynchronous client."""
    gathered = _Gathered(command.gathered)
    try:
        chunks = raw_chunks_async(response)
        decoder, pace = _decoder(response, command), _Pace(seconds)
        chunk: bytes | None = b""
        pieces, began = iter(list[bytes]()), 0.0
        while chunk is not None:
            is_time = False
            with ending_in(seconds) as begin_anew:
                while not is_time:
                    began = time.monotonic()
                    chunk = await anext(chunks, None)
                    if chunk is None:
                        break
                    pace.add(len(chunk), began)
                    pieces = decoder.feed(chunk)
                    is_time = gathered.add(pieces, began)
                    begin_anew()
            while is_time:
                yield gathered.take()
                is_time = gathered.add(pieces, began)
        decoder.finish()
    except Exception as error:
        if gathered.pieces:
            yield gathered.take()
        if isinstance(error, BodyTooLarge):
            raise _too_large(command) from None
        raise
    if gathered.pieces:
        yield gathered.take()


def raw_chunks(response: httpx.Response) -> Iterator[bytes]:
    """Read the body undecoded. One that a hook or a transport of the caller's has read is given
    as it left it, decoded.
    """
    return iter([response.content]) if response.is_stream_consumed else response.iter_raw()


async def raw_chunks_async(response: httpx.Response) -> AsyncIterator[bytes]:
    """Do the same for an asynchronous client."""
    if response.is_stream_consumed:
        yield response.content
        return
    async for chunk in response.aiter_raw():
        yield chunk


def _decoder(response: httpx.Response, command: OpenDownload) -> BodyDecoder:
    encoding = "" if response.is_stream_consumed else response.headers.get("Content-Encoding", "")
    return BodyDecoder(encoding, command.max_bytes)


def _too_large(command: OpenDownload) -> DownloadTooLarge:
    size = command.max_bytes + 1  # between two encodings of the body
    return DownloadTooLarge(url=command.url, size=size, max_bytes=command.max_bytes)
