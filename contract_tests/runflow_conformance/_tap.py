"""The Tap: an httpx transport that validates every interaction against the document.

    tap = Tap(httpx.HTTPTransport())
    client = Runflow(http_client=httpx.Client(transport=tap))
    ...
    assert not tap.findings, tap.report()

Requests and responses are not changed. The body of an API response is read whole before it is
passed on; other responses (images from a signed URL) are streamed.
"""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from runflow_api.http_library import httpx

from ._findings import ConformanceError, Finding, distinct
from ._validation.base_url import BaseUrl, raw_path_of
from ._validation.validator import Interaction, Validator

Listener = Callable[[Interaction, list[Finding]], object]


class _Recorder:
    """What the sync and the async Tap share."""

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
        self._base = None if base_url is None else BaseUrl(base_url)
        self._check_requests = check_requests
        self._on_interaction = on_interaction
        self._lock = threading.Lock()

    def _path_of(self, request: httpx.Request) -> str | None:
        """Return the raw path below the base URL, None if the request is not for the API."""
        url = request.url
        path = raw_path_of(url) if self._base is None else self._base.path_below(url)
        return path if path is not None and self.validator.covers(path) else None

    def _validate(
        self, request: httpx.Request, path: str, sent: bytes, response: httpx.Response, raw: bytes
    ) -> None:
        """Record the findings of an interaction. Raise ConformanceError if the Tap is strict."""
        # A copy is decoded: the caller gets the bytes as they were received.
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
        findings = self.validator.findings(interaction, check_request=self._check_requests)
        with self._lock:
            self.interactions += 1
            self.findings += findings
        if self._on_interaction is not None:
            self._on_interaction(interaction, findings)
        if findings and self._strict:
            raise ConformanceError(findings)

    def report(self) -> str:
        """Return one line for each difference, with its count."""
        with self._lock:
            lines = [f"{count} x {finding}" for finding, count in distinct(self.findings)]
            return (
                "\n".join(lines)
                or f"{self.interactions} interactions, no differences from the document"
            )


def _replayed(response: httpx.Response, raw: bytes) -> httpx.Response:
    """Return a copy of the response whose body can be read again, without the network stream."""
    extensions = {
        name: value for name, value in response.extensions.items() if name != "network_stream"
    }
    return httpx.Response(
        response.status_code,
        headers=response.headers,
        stream=httpx.ByteStream(raw),
        extensions=extensions,
    )


class Tap(_Recorder, httpx.BaseTransport):
    """Wraps the transport of an httpx.Client and validates every interaction with the API.

    Findings are collected in `findings`, and `report()` puts them in words.

    Args:
        transport: sends the requests.
        document: a parsed document, its file, a Validator, or None for the document that the
            package ships.
        strict: raise ConformanceError, an AssertionError, for the first interaction that breaks
            the document. A Runflow client raises SendFailed with it as `__cause__`.
        base_url: validate requests to this server only. Without it every host counts.
        check_requests: validate requests too, not only responses.
        on_interaction: called with every interaction and its findings. It must not raise.
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
        """Send the request and validate the interaction. Raise ConformanceError if strict."""
        path = self._path_of(request)
        if path is None:
            return self._transport.handle_request(request)
        sent = request.read()
        response = self._transport.handle_request(request)
        try:
            raw = b"".join(cast(httpx.SyncByteStream, response.stream))
        finally:
            response.close()
        self._validate(request, path, sent, response, raw)
        return _replayed(response, raw)

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()


class AsyncTap(_Recorder, httpx.AsyncBaseTransport):
    """The Tap for an httpx.AsyncClient, with the same arguments."""

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
        """Send the request and validate the interaction. Raise ConformanceError if strict."""
        path = self._path_of(request)
        if path is None:
            return await self._transport.handle_async_request(request)
        sent = await request.aread()
        response = await self._transport.handle_async_request(request)
        try:
            raw = b"".join([chunk async for chunk in cast(httpx.AsyncByteStream, response.stream)])
        finally:
            await response.aclose()
        self._validate(request, path, sent, response, raw)
        return _replayed(response, raw)

    async def aclose(self) -> None:
        """Close the wrapped transport."""
        await self._transport.aclose()
