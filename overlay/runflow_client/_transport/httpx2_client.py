"""A client of httpx2 in the place of one of httpx.

Requests go out through the caller's client, with its headers, cookies, hooks, proxies and
transports. What comes back are responses and errors of httpx, so that nothing else asks which
library it was. httpx2 is not loaded here: a program that passes a client of it has loaded it.
"""

import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from runflow_api.http_library import httpx

if TYPE_CHECKING:
    import httpx2

    HttpClient: TypeAlias = httpx.Client | httpx2.Client
    AsyncHttpClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
else:

    def __getattr__(name):
        # The annotations can be resolved, with the libraries that this program has loaded.
        if name not in ("HttpClient", "AsyncHttpClient"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        kind = name.replace("Http", "")
        found = sys.modules.get("httpx2")
        own = getattr(httpx, kind)
        return own if found is None else own | getattr(found, kind)


_OF_ENCODED: Final = frozenset({b"content-encoding", b"content-length"})
"""Headers that say nothing of a body that is decoded."""


def as_httpx(client: "HttpClient") -> httpx.Client:
    """Return the client itself, or what stands for it if it is one of httpx2."""
    library = sys.modules.get("httpx2")
    if library is None or isinstance(client, httpx.Client):
        return cast(httpx.Client, client)
    return _Client(client) if isinstance(client, library.Client) else cast(httpx.Client, client)


def as_async_httpx(client: "AsyncHttpClient") -> httpx.AsyncClient:
    """Do the same for an asynchronous client."""
    library = sys.modules.get("httpx2")
    if library is None or isinstance(client, httpx.AsyncClient):
        return cast(httpx.AsyncClient, client)
    if isinstance(client, library.AsyncClient):
        return _AsyncClient(client)
    return cast(httpx.AsyncClient, client)


class _StandIn:
    """What both clients have in common. A stand-in has no connections of its own, so nothing of
    httpx's client is set up.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def is_closed(self) -> bool:
        closed: bool = self._client.is_closed
        return closed

    @property
    def timeout(self) -> httpx.Timeout:
        return httpx.Timeout(**self._client.timeout.as_dict())

    def build_request(self, *args: Any, **options: Any) -> httpx.Request:
        """Build a request of httpx2, with the headers and cookies of its client. It is asked for
        what one of httpx has, and `_request` takes it as it is.
        """
        options["url"] = str(options["url"])
        return cast(httpx.Request, self._client.build_request(*args, **options))


class _Client(_StandIn, httpx.Client):  # type: ignore[override] # nothing here sets `timeout`
    """What is used of an httpx.Client, by way of an httpx2.Client."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        sent: Any = None
        try:
            sent = _request(request)
            response = self._client.send(sent, **options)
        except Exception as error:
            raise _error(error, request, sent) from error
        return _answer(response, _Body(response))


class _AsyncClient(_StandIn, httpx.AsyncClient):  # type: ignore[override]
    """The same for an httpx2.AsyncClient."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        sent: Any = None
        try:
            sent = _request(request)
            response = await self._client.send(sent, **options)
        except Exception as error:
            raise _error(error, request, sent) from error
        return _answer(response, _AsyncBody(response))


class _Body(httpx.SyncByteStream):
    """The body of an answer as it came over the wire."""

    def __init__(self, response: Any) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.stream
        except Exception as error:
            raise _error(error) from error

    def close(self) -> None:
        self._response.close()


class _AsyncBody(httpx.AsyncByteStream):
    """The same of an asynchronous client."""

    def __init__(self, response: Any) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.stream:
                yield chunk
        except Exception as error:
            raise _error(error) from error

    async def aclose(self) -> None:
        await self._response.aclose()


def _library() -> Any:
    return sys.modules["httpx2"]


def _request(request: object) -> Any:
    if not isinstance(request, httpx.Request):
        return request
    has_body = not isinstance(request.stream, httpx.ByteStream)
    return _library().Request(
        request.method,
        str(request.url),
        headers=request.headers.raw,
        content=request.stream if has_body else request.content,
        extensions=request.extensions,
    )


def _answer(response: Any, body: _Body | _AsyncBody) -> httpx.Response:
    """Return the answer with its body still to come, or as a hook has left it."""
    headers = response.headers.raw
    facts: dict[str, Any] = {"request": response.request, "extensions": response.extensions}
    if response.is_stream_consumed:
        is_encoded = "content-encoding" in response.headers
        decoded = [one for one in headers if not (is_encoded and one[0].lower() in _OF_ENCODED)]
        with suppress(_library().ResponseNotRead):
            content = response.content
            return httpx.Response(response.status_code, headers=decoded, content=content, **facts)
    answer = httpx.Response(response.status_code, headers=headers, stream=body, **facts)
    answer.is_stream_consumed = response.is_stream_consumed
    return answer


def _error(
    error: Exception, request: httpx.Request | None = None, sent: object = None
) -> Exception:
    """Return httpx's error of the same name, or the error itself if it is none of httpx2's.

    One that our own network raised says that it is about this request, and so does one that is
    about what was `sent` for it.
    """
    if request is not None and isinstance(error, httpx.RequestError):
        error.request = request
    if not isinstance(error, (_library().HTTPError, _library().InvalidURL)):
        return error
    names = [kind.__name__ for kind in type(error).__mro__]
    kind: Any = next(getattr(httpx, name) for name in names if hasattr(httpx, name))
    facts: dict[str, Any] = {}
    if issubclass(kind, httpx.HTTPError):
        about = getattr(error, "_request", None)
        facts["request"] = request if about is sent else about
    if (response := getattr(error, "response", None)) is not None:
        facts["response"] = _answer(response, _Body(response))
    made: Exception = kind(str(error), **facts)
    return made
