"""Requests to the API, and reading their answers within bounds."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from attrs import field, frozen
from runflow_api.http_library import httpx

from .._errors import RequestTimeout, UnreadableAnswer
from .._flows.commands import SendRequest
from .storage import StorageRequests


@frozen
class ApiRequests:
    """The API that flows talk to. Its headers, the key among them, go there and nowhere else."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)

    def request(
        self, http: httpx.Client | httpx.AsyncClient, command: SendRequest
    ) -> httpx.Request:
        """The request that the command asks for."""
        arguments: dict[str, Any] = {**command.arguments}
        arguments["url"] = _parsed(self.base_url + arguments["url"])
        # an empty query makes the library parse the URL again
        arguments["params"] = arguments.get("params") or None
        headers = {**self.headers, **arguments.pop("headers", {})}
        if command.timeout is not None:
            limits = {
                name: _shorter(limit, command.timeout)
                for name, limit in http.timeout.as_dict().items()
            }
            arguments["extensions"] = {"timeout": limits}
        request = http.build_request(**arguments)
        for name, value in headers.items():  # faster than to let the library merge them
            request.headers[name] = value
        return request

    def storage(self) -> StorageRequests:
        """Where files go, of which only the User-Agent is told."""
        return StorageRequests(self.base_url, self.headers.get("User-Agent", ""))


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    """A poll asks for the same URL again and again, and the library takes longer to parse one than
    to build the rest.
    """
    return httpx.URL(url)


def _shorter(limit: float | None, seconds: float) -> float:
    return seconds if limit is None else min(limit, seconds)


MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""Bytes. A run with sync_mode carries its pictures as data URIs in the answer, so this is generous.
"""


_ENCODING: Final = "content-encoding"


_ENCODING_HEADERS: Final = frozenset({_ENCODING, "content-length", "transfer-encoding"})


class BodyReader:
    """Reads one answer, of which the size is measured unpacked: a small body can be a huge one
    packed.

    Raises UnreadableAnswer when it grows over `limit` bytes or cannot be unpacked, RequestTimeout
    when `now()` passes `expires`.
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
        self._chunks: list[bytes] = []
        self._size = 0
        self._packed = _ENCODING in response.headers

    def read(self) -> httpx.Response:
        """The answer of a synchronous client with its whole body, unpacked. The connection is free
        again.
        """
        stream = self._response.stream
        assert isinstance(stream, httpx.SyncByteStream), (
            "a synchronous client has a synchronous answer"
        )
        try:
            for chunk in self._response.iter_bytes() if self._packed else stream:
                self._add(chunk)
        except httpx.DecodingError as error:
            raise self._unreadable(f"the body cannot be unpacked: {error}") from error
        finally:
            stream.close()
        return self._whole()

    async def read_async(self) -> httpx.Response:
        """The answer of an asynchronous client with its whole body, unpacked. The connection is
        free again.
        """
        stream = self._response.stream
        assert isinstance(stream, httpx.AsyncByteStream), (
            "an asynchronous client has an asynchronous answer"
        )
        try:
            async for chunk in self._response.aiter_bytes() if self._packed else stream:
                self._add(chunk)
        except httpx.DecodingError as error:
            raise self._unreadable(f"the body cannot be unpacked: {error}") from error
        finally:
            await stream.aclose()
        return self._whole()

    def _add(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > self._limit:
            raise self._unreadable(f"the body is larger than {self._limit} bytes")
        if self._expires is not None and self._now() > self._expires:
            request = self._response.request
            raise RequestTimeout(
                "the body was still coming when time was up",
                method=request.method,
                path=request.url.path,
            )

    def _unreadable(self, reason: str) -> UnreadableAnswer:
        request, status = self._response.request, self._response.status_code
        return UnreadableAnswer(reason, method=request.method, path=request.url.path, status=status)

    def _whole(self) -> httpx.Response:
        response = self._response
        body = httpx.ByteStream(b"".join(self._chunks))
        if self._packed:  # what the headers say of the packing is over
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
