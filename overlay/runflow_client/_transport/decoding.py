"""Decode the bodies of answers piece by piece, within bounds however they are encoded."""

import zlib
from collections.abc import Iterator
from typing import Any, Final

from runflow_api.http_library import httpx

ACCEPTED_ENCODINGS: Final = "gzip, deflate"
"""For the header Accept-Encoding: those that can be decoded piece by piece."""

MAX_ENCODINGS: Final = 5
"""Encodings of one body, one inside the other."""

_MAX_PIECE: Final = 64 * 1024
"""Bytes that are decoded at once."""

_GZIP: Final = 16 + zlib.MAX_WBITS


class BodyTooLarge(Exception):
    """A body has more bytes than allowed before it is decoded, or between two encodings."""


class BodyDecoder:
    """Decodes one body of gzip and deflate, also several of them one inside the other.

    httpx decodes each piece through all encodings before anyone can measure it, so that a few
    hundred bytes fill the memory. Here no step returns more than 64 KiB at once. The caller
    measures what comes out; `max_bytes` bounds what stands between two encodings.
    """

    def __init__(self, content_encoding: str, max_bytes: int) -> None:
        names = [name for part in content_encoding.split(",") if (name := part.strip().lower())]
        names = [name for name in names if name != "identity"]
        unknown = [name for name in names if name not in {"gzip", "x-gzip", "deflate"}]
        if unknown or len(names) > MAX_ENCODINGS:
            raise httpx.DecodingError(
                f"its Content-Encoding is {content_encoding[:80]!r}, which was not asked for"
            )
        # The last encoding that was applied is named last and undone first.
        self._layers = [_Inflater(deflate=name == "deflate") for name in reversed(names)]
        # Bytes that each layer still takes. Encoding makes nothing twice as long, but the blocks of
        # the outermost one may hold nothing at all.
        self._left = [2 * max_bytes + _MAX_PIECE, *[max_bytes] * (len(names) - 1)]

    def feed(self, chunk: bytes, layer: int = 0) -> Iterator[bytes]:
        """Decode the next bytes. Raises DecodingError, BodyTooLarge."""
        if layer == len(self._layers):
            if chunk:
                yield chunk
            return
        self._left[layer] -= len(chunk)
        if self._left[layer] < 0:
            raise BodyTooLarge
        for piece in self._layers[layer].feed(chunk):
            yield from self.feed(piece, layer + 1)

    def finish(self) -> None:
        """Raise DecodingError if the encoded body is cut off."""
        if any(layer.is_open for layer in self._layers):
            raise httpx.DecodingError("the encoded body is cut off")


class _Inflater:
    """Undoes one encoding. A gzip body may have several members, one after the other."""

    def __init__(self, *, deflate: bool) -> None:
        self._deflate = deflate
        self._stream = self._open(b"")
        self.is_open = False
        """Whether data was begun and not ended."""
        self._has_ended = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Inflate the next bytes in small pieces. Raises DecodingError."""
        while True:
            if not self.is_open:
                if self._has_ended:
                    data = b"" if self._deflate else data.lstrip(b"\0")  # padding
                if not data:
                    return
                self._stream, self.is_open = self._open(data), True
            try:
                piece: bytes = self._stream.decompress(data, _MAX_PIECE)
            except zlib.error as error:
                raise httpx.DecodingError(str(error)) from error
            data = self._stream.unconsumed_tail
            if piece:
                yield piece
            if self._stream.eof:
                data, self.is_open, self._has_ended = self._stream.unused_data, False, True
            elif not data and len(piece) < _MAX_PIECE:
                return

    def _open(self, data: bytes) -> Any:
        # Some servers send deflate without the header of zlib, whose first byte names method 8.
        is_raw = self._deflate and data[:1] != b"" and data[0] & 0x0F != 8
        bits = -zlib.MAX_WBITS if is_raw else zlib.MAX_WBITS if self._deflate else _GZIP
        return zlib.decompressobj(bits)
