"""The Tap: an httpx transport that holds every interaction against the document as it passes.

    tap = Tap(httpx.HTTPTransport())
    client = Runflow(http_client=httpx.Client(transport=tap))
    ...
    assert not tap.findings, tap.report()

Nothing is changed on the way. The body of an answer of the API is read whole before it goes on; other answers (pictures
from a signed URL) pass as they come.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from runflow_api.http_library import httpx

from ._findings import ConformanceError, Finding, distinct
from ._validation.validator import Interaction, Validator

Listener = Callable[[Interaction, list[Finding]], object]


class _Watch:
    """What both colours of the Tap share: the judge, what was found, and which requests are the API's."""

    def __init__(
        self,
        document: Mapping[str, Any] | Path | Validator | None,
        *,
        strict: bool,
        base_url: str | None,
        check_requests: bool,
        on_interaction: Listener | None,
    ) -> None:
        self.validator = document if isinstance(document, Validator) else Validator(document)
        self.findings: list[Finding] = []
        self.interactions = 0
        self._strict = strict
        self._base = None if base_url is None else urlsplit(base_url.rstrip("/"))
        self._check_requests = check_requests
        self._on_exchange = on_interaction
        self._lock = threading.Lock()

    def path_of(self, request: httpx.Request) -> str | None:
        """Return the raw path below the base URL, None if the request is not the API's."""
        path = request.url.raw_path.decode("ascii", "replace").partition("?")[0]
        if self._base is not None:
            if (
                request.url.scheme != self._base.scheme
                or request.url.netloc.decode() != self._base.netloc
            ):
                return None
            if not path.startswith(self._base.path):
                return None
            path = path.removeprefix(self._base.path)
        return path if self.validator.covers(path) else None

    def judge(
        self, request: httpx.Request, path: str, sent: bytes, response: httpx.Response, raw: bytes
    ) -> None:
        """Keep what the document has against the interaction. Raise ConformanceError if that is anything and the Tap is strict."""
        # Decoding is done on a copy: whoever asked gets the very bytes that came.
        body = httpx.Response(response.status_code, headers=response.headers, content=raw).content
        interaction = Interaction(
            method=request.method,
            path=path,
            query=request.url.query.decode("ascii", "replace"),
            request_headers={name.lower(): value for name, value in request.headers.items()},
            request_body=sent,
            status=response.status_code,
            response_headers={name.lower(): value for name, value in response.headers.items()},
            response_body=body,
        )
        found = self.validator.findings(interaction, check_request=self._check_requests)
        with self._lock:
            self.interactions += 1
            self.findings += found
        if self._on_exchange is not None:
            self._on_exchange(interaction, found)
        if found and self._strict:
            raise ConformanceError(found)

    def report(self) -> str:
        """Return what was found, each difference once with how often it was seen, a line each."""
        with self._lock:
            lines = [f"{count} x {finding}" for finding, count in distinct(self.findings)]
            return "\n".join(lines) or f"{self.interactions} interactions, all as the document says"


def _again(response: httpx.Response, raw: bytes) -> httpx.Response:
    """Return the answer with its body read, to be read again. What was asked of the connection is over."""
    extensions = {
        name: value for name, value in response.extensions.items() if name != "network_stream"
    }
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        stream=httpx.ByteStream(raw),
        extensions=extensions,
    )


class Tap(_Watch, httpx.BaseTransport):
    """Wraps the transport of an httpx.Client and validates every interaction with the API.

    `document` is a parsed document, its file, or None for the one that the distribution ships. With `strict` the first
    interaction that breaks it raises ConformanceError (an AssertionError that no retry swallows); otherwise `findings`
    collects, and `report()` tells. `base_url` limits the Tap to that server; without it every host counts.
    `check_requests=False` judges the answers only. `on_interaction` hears every interaction with its findings; it must not raise.
    """

    def __init__(
        self,
        transport: httpx.BaseTransport,
        document: Mapping[str, Any] | Path | Validator | None = None,
        *,
        strict: bool = False,
        base_url: str | None = None,
        check_requests: bool = True,
        on_interaction: Listener | None = None,
    ) -> None:
        super().__init__(
            document,
            strict=strict,
            base_url=base_url,
            check_requests=check_requests,
            on_interaction=on_interaction,
        )
        self._transport = transport

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on and judge the interaction. Raise what the transport raises, and ConformanceError if strict."""
        path = self.path_of(request)
        if path is None:
            return self._transport.handle_request(request)
        sent = request.read()
        response = self._transport.handle_request(request)
        try:
            raw = b"".join(cast(httpx.SyncByteStream, response.stream))
        finally:
            response.close()
        self.judge(request, path, sent, response, raw)
        return _again(response, raw)

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()


class AsyncTap(_Watch, httpx.AsyncBaseTransport):
    """The Tap for an httpx.AsyncClient; the arguments are Tap's."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        document: Mapping[str, Any] | Path | Validator | None = None,
        *,
        strict: bool = False,
        base_url: str | None = None,
        check_requests: bool = True,
        on_interaction: Listener | None = None,
    ) -> None:
        super().__init__(
            document,
            strict=strict,
            base_url=base_url,
            check_requests=check_requests,
            on_interaction=on_interaction,
        )
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on and judge the interaction; see Tap.handle_request."""
        path = self.path_of(request)
        if path is None:
            return await self._transport.handle_async_request(request)
        sent = await request.aread()
        response = await self._transport.handle_async_request(request)
        try:
            raw = b"".join([chunk async for chunk in cast(httpx.AsyncByteStream, response.stream)])
        finally:
            await response.aclose()
        self.judge(request, path, sent, response, raw)
        return _again(response, raw)

    async def aclose(self) -> None:
        """Close the wrapped transport."""
        await self._transport.aclose()
