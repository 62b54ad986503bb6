"""The body of a download: decoded piece by piece, within bounds of size and time."""

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


def decoded(
    response: httpx.Response, command: OpenDownload, seconds: float | None
) -> Iterator[bytes]:
    """Read the body in small pieces. Raises DecodingError, DownloadTooLarge, ReadTimeout."""
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
            yield from decoder.feed(chunk)
        decoder.finish()
    except BodyTooLarge:
        raise _too_large(command) from None


async def decoded_async(
    response: httpx.Response, command: OpenDownload, seconds: float | None
) -> AsyncIterator[bytes]:
    """Do the same for an asynchronous client."""
    try:
        chunks = raw_chunks_async(response)
        decoder, pace = _decoder(response, command), _Pace(seconds)
        while True:
            began = time.monotonic()
            with ending_in(seconds):
                chunk = await anext(chunks, None)
            if chunk is None:
                break
            pace.add(len(chunk), began)
            for piece in decoder.feed(chunk):
                yield piece
        decoder.finish()
    except BodyTooLarge:
        raise _too_large(command) from None


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
