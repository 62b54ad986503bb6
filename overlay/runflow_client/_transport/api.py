"""Requests to the API."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import field, frozen
from runflow_api.http_library import httpx

from .._flows.commands import SendRequest

if TYPE_CHECKING:
    from .storage import StorageRequests


@frozen
class ApiRequests:
    """The API that flows talk to. Its headers, the key among them, go there and nowhere else."""

    base_url: str
    headers: Mapping[str, str] = field(repr=False)

    def request(
        self, http: httpx.Client | httpx.AsyncClient, command: SendRequest
    ) -> httpx.Request:
        """Build the request that the command asks for."""
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
        """Where files go, which receive only the User-Agent."""
        from .storage import StorageRequests

        return StorageRequests(self.base_url, self.headers.get("User-Agent", ""))


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    """Parse a URL, or return the one parsed before: a poll asks for the same URL again and again,
    and the library takes longer to parse one than to build the rest.
    """
    return httpx.URL(url)


def _shorter(limit: float | None, seconds: float) -> float:
    return seconds if limit is None else min(limit, seconds)
