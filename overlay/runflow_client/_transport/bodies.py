"""Reading bodies within bounds, however they are encoded: of the API's answers and of files."""

import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final

from runflow_api.http_library import httpx

from .._errors import RequestTimeout, UnreadableAnswer

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Bytes. A run with sync_mode carries its pictures as data URIs in the answer, so this is generous.
"""

ACCEPTED_ENCODINGS: Final = "gzip, deflate"
"""For the header Accept-Encoding: those that can be decoded piece by piece."""

MAX_PIECE_BYTES: Final = 64 * 1024
"""Bytes that a decoder gives at once. A few hundred bytes can decode to gigabytes."""

MAX_ENCODINGS: Final = 3
"""Encodings on top of each other. Nothing needs more than one."""

_ENCODING: Final = "content-encoding"

_ENCODING_HEADERS: Final = frozenset({_ENCODING, "content-length", "transfer-encoding"})


class _Inflater:
    """Undoes one gzip or deflate encoding."""

    def __init__(self, encoding: str) -> None:
        self._is_gzip = encoding in {"gzip", "x-gzip"}
        self._window = zlib.MAX_WBITS | 16 if self._is_gzip else zlib.MAX_WBITS
        self._zlib = zlib.decompressobj(self._window)
        self._begun = False
        self._given = 0
        self.is_inner = False
        """Whether another decoder takes what this one gives."""

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Give what these bytes decode to, in pieces."""
        while data:
            try:
                piece = self._zlib.decompress(data, MAX_PIECE_BYTES)
            except zlib.error as error:
                if self._begun or self._is_gzip:
                    raise httpx.DecodingError(str(error)) from error
                # some servers send what is called deflate without its header
                self._begun, self._zlib = True, zlib.decompressobj(-zlib.MAX_WBITS)
                continue
            self._begun = True
            data = self._zlib.unconsumed_tail
            if self._zlib.eof and self._is_gzip and self._zlib.unused_data[:2] == b"\x1f\x8b":
                data = self._zlib.unused_data  # gzip may have several members
                self._zlib = zlib.decompressobj(self._window)
            self._given += len(piece)
            if self._given > MAX_ANSWER_BYTES and self.is_inner:
                raise httpx.DecodingError("the encoded body is too large")
            if piece:
                yield piece

    def check_end(self) -> None:
        """Raise DecodingError if the encoded body was cut off."""
        if self._begun and not self._zlib.eof:
            raise httpx.DecodingError("the encoded body is cut off")


class BodyDecoder:
    """Undoes the Content-Encoding of one answer. Raises httpx.DecodingError for what it cannot."""

    def __init__(self, response: httpx.Response) -> None:
        named = response.headers.get(_ENCODING, "").lower().split(",")
        encodings = [name.strip() for name in named if name.strip() not in {"", "identity"}]
        unknown = set(encodings) - {"gzip", "x-gzip", "deflate"}
        if unknown or len(encodings) > MAX_ENCODINGS:
            raise httpx.DecodingError(f"its Content-Encoding is {', '.join(encodings)[:200]!r}")
        self._inflaters = [_Inflater(encoding) for encoding in reversed(encodings)]
        for inflater in self._inflaters[:-1]:
            inflater.is_inner = True

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Give what these bytes decode to, in pieces of at most MAX_PIECE_BYTES if they are
        encoded.
        """
        pieces = iter((data,))
        for inflater in self._inflaters:
            pieces = _decoded(inflater, pieces)
        return pieces

    def check_end(self) -> None:
        """Raise DecodingError if the encoded body was cut off."""
        for inflater in self._inflaters:
            inflater.check_end()


def _decoded(inflater: _Inflater, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from inflater.decode(piece)


def read_by_hook(response: httpx.Response) -> bytes | None:
    """Give the body that a hook of the caller's HTTP client has read; None if none has.

    Raises httpx.StreamConsumed if a hook took the body without keeping it.
    """
    try:
        return response.content
    except httpx.ResponseNotRead:
        if response.is_stream_consumed:
            raise httpx.StreamConsumed() from None
        return None


def iter_pieces(response: httpx.Response) -> Iterator[bytes]:
    """Give the decoded body in pieces of bounded size."""
    content = read_by_hook(response)
    if content is not None:
        yield content
        return
    decoder = BodyDecoder(response)
    for chunk in response.iter_raw():
        yield from decoder.decode(chunk)
    decoder.check_end()


async def aiter_pieces(response: httpx.Response) -> AsyncIterator[bytes]:
    """Give the decoded body in pieces of bounded size."""
    content = read_by_hook(response)
    if content is not None:
        yield content
        return
    decoder = BodyDecoder(response)
    async for chunk in response.aiter_raw():
        for piece in decoder.decode(chunk):
            yield piece
    decoder.check_end()


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
            if not self._was_read():
                decoder = BodyDecoder(self._response)
                for chunk in stream:
                    self._add(decoder, chunk)
                decoder.check_end()
        except httpx.DecodingError as error:
            raise self._unreadable(f"the body cannot be decoded: {error}") from error
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
            if not self._was_read():
                decoder = BodyDecoder(self._response)
                async for chunk in stream:
                    self._add(decoder, chunk)
                decoder.check_end()
        except httpx.DecodingError as error:
            raise self._unreadable(f"the body cannot be decoded: {error}") from error
        finally:
            await stream.aclose()
        return self._whole()

    def _was_read(self) -> bool:
        """Take the body that a hook of the caller's HTTP client has read, if one has."""
        try:
            content = read_by_hook(self._response)
        except httpx.StreamConsumed:
            raise self._unreadable(
                "a hook of http_client took the body: let it call response.read(), which keeps it"
            ) from None
        if content is not None:
            self._pieces.append(content)
        return content is not None

    def _add(self, decoder: BodyDecoder, chunk: bytes) -> None:
        # An encoded chunk may hold nothing, so time is measured here and not for each piece.
        if self._expires is not None and self._now() > self._expires:
            request = self._response.request
            raise RequestTimeout(
                "the body was still coming when time was up",
                method=request.method,
                path=request.url.path,
            )
        for piece in decoder.decode(chunk):
            self._pieces.append(piece)
            self._size += len(piece)
            if self._size > self._limit:
                raise self._unreadable(f"the body is larger than {self._limit} bytes")

    def _unreadable(self, reason: str) -> UnreadableAnswer:
        request, status = self._response.request, self._response.status_code
        return UnreadableAnswer(reason, method=request.method, path=request.url.path, status=status)

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
