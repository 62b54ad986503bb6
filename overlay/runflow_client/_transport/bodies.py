"""Read one answer of the API whole, within bounds of size and time."""

from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Final

from runflow_api.http_library import httpx

from .._errors import RequestTimeout, UnreadableAnswer
from .._responses import hide_body, unreadable
from .decoding import BodyDecoder, BodyTooLarge

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Bytes. A run with sync_mode carries its pictures as data URIs in the answer, so this is generous.
"""

_ENCODING: Final = "content-encoding"

_ENCODING_HEADERS: Final = frozenset({_ENCODING, "content-length", "transfer-encoding"})


class _Bounded(httpx.SyncByteStream):
    """The body of a synchronous client's answer, checked piece by piece. Its reader closes it."""

    def __init__(self, stream: httpx.SyncByteStream, check: Callable[[int], None]) -> None:
        self._stream = stream
        self._check = check

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._stream:
            self._check(len(chunk))
            yield chunk


class _AsyncBounded(httpx.AsyncByteStream):
    """The body of an asynchronous client's answer, checked piece by piece. Its reader closes it."""

    def __init__(self, stream: httpx.AsyncByteStream, check: Callable[[int], None]) -> None:
        self._stream = stream
        self._check = check

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            self._check(len(chunk))
            yield chunk


class BodyReader:
    """Reads one answer of the API whole.

    Its size is measured decoded: a few bytes can decode to gigabytes. Raises UnreadableAnswer when
    it grows over `limit` bytes or cannot be decoded, RequestTimeout when `now()` passes `expires`.
    """

    def __init__(
        self,
        response: httpx.Response,
        *,
        now: Callable[[], float],
        expires: float | None,
        limit: int = MAX_ANSWER_BYTES,
    ) -> None:
        self._response = response
        self._now = now
        self._expires = expires
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def read(self) -> httpx.Response:
        """Read the answer of a synchronous client. Its connection is free again."""
        stream = self._response.stream
        assert isinstance(stream, httpx.SyncByteStream), "a synchronous client has such an answer"
        try:
            if self._is_plain():
                self._response.stream = _Bounded(stream, self._check)
                self._response.read()
                return self._response
            with self._decoding() as decoder:
                if decoder is not None:
                    for chunk in stream:
                        self._add(decoder, chunk)
        finally:
            stream.close()
        return self._whole()

    async def read_async(self) -> httpx.Response:
        """Read the answer of an asynchronous client. Its connection is free again."""
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream), (
            "an asynchronous client has such an answer"
        )
        try:
            if self._is_plain():
                self._response.stream = _AsyncBounded(stream, self._check)
                await self._response.aread()
                return self._response
            with self._decoding() as decoder:
                if decoder is not None:
                    async for chunk in stream:
                        self._add(decoder, chunk)
        finally:
            await stream.aclose()
        return self._whole()

    def _is_plain(self) -> bool:
        """Whether the body comes as it is, and no hook has read it: the library can take it."""
        return _ENCODING not in self._response.headers and not self._response.is_stream_consumed

    @contextmanager
    def _decoding(self) -> Generator[BodyDecoder | None, None, None]:
        """Provide the decoder of the body, or None where a hook has read it already."""
        try:
            if self._was_read():
                yield None
            else:
                encoding = self._response.headers.get(_ENCODING, "")
                decoder = BodyDecoder(encoding, self._limit)
                yield decoder
                decoder.finish()
        except httpx.DecodingError as error:
            raise self._unreadable(f"the body cannot be decoded: {error}") from error
        except BodyTooLarge:
            raise self._too_large() from None

    def _too_large(self) -> UnreadableAnswer:
        return self._unreadable(f"the body is larger than {self._limit} bytes")

    def _was_read(self) -> bool:
        """Take the body that a hook of the caller's HTTP client has read, if one has."""
        try:
            self._pieces.append(self._response.content)
        except httpx.ResponseNotRead:
            if self._response.is_stream_consumed:
                raise self._unreadable(
                    "a hook of http_client took the body: let it call response.read(), which "
                    "keeps it"
                ) from None
            return False
        return True

    def _add(self, decoder: BodyDecoder, chunk: bytes) -> None:
        self._check(0)  # an encoded chunk may hold nothing
        for piece in decoder.feed(chunk):
            self._pieces.append(piece)
            self._check(len(piece))

    def _check(self, size: int) -> None:
        """Count the next bytes of the body. Raises RequestTimeout, UnreadableAnswer."""
        if self._expires is not None and self._now() > self._expires:
            request = self._response.request
            raise RequestTimeout(
                "the body was still coming when time was up",
                method=request.method,
                path=request.url.path,
            )
        self._size += size
        if self._size > self._limit:
            raise self._too_large()

    def _unreadable(self, reason: str) -> UnreadableAnswer:
        hide_body(self._response)
        return unreadable(self._response, reason)

    def _whole(self) -> httpx.Response:
        response = self._response
        body = httpx.ByteStream(b"".join(self._pieces))
        if _ENCODING in response.headers:  # the body is decoded, so these say nothing of it
            headers = [
                (name, value)
                for name, value in response.headers.multi_items()
                if name not in _ENCODING_HEADERS
            ]
            response = httpx.Response(
                response.status_code,
                headers=headers,
                stream=body,
                request=response.request,
                extensions=response.extensions,
            )
        else:
            response.stream = body
        response.read()
        return response
