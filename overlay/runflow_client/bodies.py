"""Answers read to their end, within bounds: a body may be huge, or come a byte a minute for ever."""

from collections.abc import Callable
from typing import Final

from runflow_api.http_library import httpx

from .errors import RequestTimeout, UnreadableAnswer

LARGEST_ANSWER: Final = 256 * 1024 * 1024
"""Bytes. A run with sync_mode carries its pictures as data URIs in the answer, so this is generous."""

_ENCODING: Final = "content-encoding"
_ENCODING_HEADERS: Final = frozenset({_ENCODING, "content-length", "transfer-encoding"})

class BodyReader:
    """Takes the chunks of one answer and gives back the answer with its whole body.

    Raises UnreadableAnswer when it grows over `limit` bytes, RequestTimeout when `now()` passes `expires`.
    """

    def __init__(
        self,
        response: httpx.Response,
        *,
        now: Callable[[], float],
        expires: float | None,
        limit: int = LARGEST_ANSWER,
    ) -> None:
        self._response = response
        self._now = now
        self._expires = expires
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        """Take one more piece."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        request = self._response.request
        if self._size > self._limit:
            raise UnreadableAnswer(
                f"the body is larger than {self._limit} bytes",
                method=request.method,
                path=request.url.path,
                status=self._response.status_code,
            )
        if self._expires is not None and self._now() > self._expires:
            raise RequestTimeout(
                "the body was still coming when time was up", method=request.method, path=request.url.path
            )

    def whole(self) -> httpx.Response:
        """The answer with its body, decoded."""
        response = self._response
        headers = response.headers
        if _ENCODING in headers:  # what it describes is undone
            headers = httpx.Headers([(name, value) for name, value in headers.multi_items() if name not in _ENCODING_HEADERS])
        whole = httpx.Response(
            response.status_code,
            headers=headers,
            stream=httpx.ByteStream(b"".join(self._chunks)),  # `content` would look for headers to add
            request=response.request,
            extensions=response.extensions,
        )
        whole.read()
        return whole
