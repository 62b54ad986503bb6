"""Requests to the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from attrs import field, frozen
from runflow_api.http_library import httpx

from .._flows.commands import SendRequest

if TYPE_CHECKING:
    from .storage import StorageRequests


_RawHeaders = tuple[tuple[bytes, bytes], ...]

_PLAIN: Final = (httpx.Client, httpx.AsyncClient)
"""Classes whose `build_request` does what httpx documents; a subclass may do more."""

_BODIES: Final = frozenset({"content", "data", "files", "json"})
"""Arguments that give a request a body."""

_WITHOUT_LENGTH: Final = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
"""Methods whose requests carry no Content-Length where they have no body."""


@frozen(eq=False, repr=False)
class ApiRequests:
    """The API that flows talk to. Its headers, the key among them, go there and nowhere else."""

    base_url: str
    headers: Mapping[str, str]
    _merged: dict[_RawHeaders, httpx.Headers] = field(
        init=False, factory=dict[_RawHeaders, httpx.Headers]
    )
    """Those headers and Host among the ones of the HTTP client that was used last."""

    @property
    def server(self) -> str:
        """The base URL as httpx spells it, whatever its case and with or without its port."""
        return str(_parsed(self.base_url))

    def request(
        self, http: httpx.Client | httpx.AsyncClient, command: SendRequest
    ) -> httpx.Request:
        """Build the request that the command asks for."""
        arguments: dict[str, Any] = {**command.arguments}
        arguments["url"] = _parsed(self.base_url + arguments["url"])
        # an empty query makes the library parse the URL again
        arguments["params"] = arguments.get("params") or None
        headers = arguments.pop("headers", {})
        limits = http.timeout.as_dict()
        if command.timeout is not None:
            limits = {name: _shorter(limit, command.timeout) for name, limit in limits.items()}
        arguments["extensions"] = {"timeout": limits}
        if type(http) in _PLAIN and not http.params and not http.cookies:
            # what build_request does then, which merges its headers anew for each request
            merged = self._merge(http.headers, arguments["url"])
            request = _build(headers=merged, **arguments)
            if not headers:  # or the library finds it out anew for each request
                request.headers.encoding = merged.encoding
        else:
            request = http.build_request(**arguments)
            headers = {**self.headers, **headers}
        for name, value in headers.items():  # faster than to let the library merge them
            request.headers[name] = value
        return request

    def _merge(self, theirs: httpx.Headers, url: httpx.URL) -> httpx.Headers:
        """Return the HTTP client's headers with ours in their places, and Host as the first one."""
        raw = tuple(theirs.raw)
        found = self._merged.get(raw)
        if found is None:
            found = theirs.copy()
            found.update(self.headers)
            if "Host" not in found:
                found = httpx.Headers([(b"Host", url.netloc), *found.raw])
            self._merged.clear()
            self._merged[raw] = found
        return found

    def storage(self) -> StorageRequests:
        """Where files go, which receive only the User-Agent."""
        from .storage import StorageRequests

        return StorageRequests(self.base_url, self.headers.get("User-Agent", ""))


def _build(method: str, **arguments: Any) -> httpx.Request:
    """Build a request that has its Host already."""
    if method in _WITHOUT_LENGTH and _BODIES.isdisjoint(arguments):
        # given a stream, the library does not look for a body and the headers that it needs
        request = httpx.Request(method, stream=httpx.ByteStream(b""), **arguments)
        request.read()  # as it does with a body that it made, so that hooks find it
        return request
    return httpx.Request(method, **arguments)


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    """Parse a URL, or return the one parsed before: a poll asks for the same URL again and again,
    and the library takes longer to parse one than to build the rest.
    """
    return httpx.URL(url)


def _shorter(limit: float | None, seconds: float) -> float:
    return seconds if limit is None else min(limit, seconds)
