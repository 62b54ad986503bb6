"""Clients: where requests leave. One client holds one pool of connections for each of sync and async."""

from __future__ import annotations

import ssl
from typing import Any, Final, Literal, Self

from attrs import define, evolve, field

from .http_library import httpx
from .representation import without_secrets
from .types import RequestArguments

DEFAULT_TIMEOUT: Final = httpx.Timeout(60.0, connect=10.0)
"""In seconds: 10 to connect, and 60 for each read, write or wait for a free connection."""


@define(eq=False)
class Client:
    """A client without a token.

    Neither the headers and cookies nor the arguments of the HTTP library are part of its repr: they may be secrets.

    Args:
        base_url: The address of the API. The paths of the operations are added to it.
        cookies: Sent with every request.
        headers: Sent with every request.
        timeout: In seconds, or an httpx.Timeout. The HTTP library raises httpx.TimeoutException when it is over.
        verify_ssl: False (for tests only) does not check the certificate of the server. May be an ssl.SSLContext.
        follow_redirects: Whether redirects are followed.
        httpx_args: More arguments for httpx.Client and httpx.AsyncClient, such as transport, proxy or event_hooks.
    """

    _base_url: str = field(alias="base_url", repr=without_secrets)
    _cookies: dict[str, str] = field(factory=dict[str, str], kw_only=True, alias="cookies", repr=False)
    _headers: dict[str, str] = field(factory=dict[str, str], kw_only=True, alias="headers", repr=False)
    _timeout: httpx.Timeout | float = field(default=DEFAULT_TIMEOUT, kw_only=True, alias="timeout")
    _verify_ssl: bool | ssl.SSLContext = field(default=True, kw_only=True, alias="verify_ssl")
    _follow_redirects: bool = field(default=False, kw_only=True, alias="follow_redirects")
    _httpx_args: dict[str, Any] = field(factory=dict[str, Any], kw_only=True, alias="httpx_args", repr=False)
    _client: httpx.Client | None = field(default=None, init=False, repr=False)
    _async_client: httpx.AsyncClient | None = field(default=None, init=False, repr=False)

    def send(self, arguments: RequestArguments) -> httpx.Response:
        """Send a request and read the whole response. Every request of a sync operation leaves here.

        Raises:
            httpx.TransportError: no response came; httpx.TimeoutException, one of them, when the timeout was over.
        """
        return self.get_httpx_client().request(**arguments)

    async def send_async(self, arguments: RequestArguments) -> httpx.Response:
        """Send a request and read the whole response. Every request of an async operation leaves here.

        Raises:
            httpx.TransportError: no response came; httpx.TimeoutException, one of them, when the timeout was over.
        """
        return await self.get_async_httpx_client().request(**arguments)

    def with_headers(self, headers: dict[str, str]) -> Self:
        """Give a new client with more headers. It has connections of its own, and this one stays as it is."""
        return evolve(self, headers={**self._headers, **headers})

    def with_cookies(self, cookies: dict[str, str]) -> Self:
        """Give a new client with more cookies. It has connections of its own, and this one stays as it is."""
        return evolve(self, cookies={**self._cookies, **cookies})

    def with_timeout(self, timeout: httpx.Timeout | float) -> Self:
        """Give a new client with another timeout. It has connections of its own, and this one stays as it is."""
        return evolve(self, timeout=timeout)

    def set_httpx_client(self, client: httpx.Client) -> Self:
        """Use this httpx.Client. It is used as it is: its headers, cookies and timeout count, not those given here."""
        self._client = client
        return self

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> Self:
        """Use this httpx.AsyncClient. It is used as it is: its headers, cookies and timeout count."""
        self._async_client = client
        return self

    def get_httpx_client(self) -> httpx.Client:
        """Give the httpx.Client, made at the first call."""
        if self._client is None:
            self._client = httpx.Client(**self._httpx_arguments())
        return self._client

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Give the httpx.AsyncClient, made at the first call."""
        if self._async_client is None:
            self._async_client = httpx.AsyncClient(**self._httpx_arguments())
        return self._async_client

    def __enter__(self) -> Self:
        self.get_httpx_client().__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self.get_httpx_client().__exit__(*error)

    async def __aenter__(self) -> Self:
        await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self.get_async_httpx_client().__aexit__(*error)

    def _sent_headers(self) -> dict[str, str]:
        return self._headers

    def _sent_cookies(self) -> dict[str, str]:
        return self._cookies

    def _httpx_arguments(self) -> dict[str, Any]:
        # Headers and cookies among the arguments are sent, too: ours, and the key, stand beside them.
        headers = httpx.Headers(self._httpx_args.get("headers"))
        for name, value in self._sent_headers().items():  # one by one: a name in two spellings is one header
            headers[name] = value
        cookies = httpx.Cookies(self._httpx_args.get("cookies"))
        cookies.update(self._sent_cookies())
        return {
            "base_url": self._base_url,
            "timeout": self._timeout,
            "verify": self._verify_ssl,
            "follow_redirects": self._follow_redirects,
            **self._httpx_args,
            "cookies": cookies,
            "headers": headers,
        }


@define(eq=False)
class AuthenticatedClient(Client):
    """A client that sends a token with every request. The token is not part of its repr.

    Args:
        token: The key of the API.
        prefix: Stands before the token. May be empty.
        auth_header_name: The header, query parameter or cookie that carries the token.
        auth_place: Which of the three it is.
    """

    token: str = field(kw_only=True, repr=False)
    prefix: str = field(default="Bearer", kw_only=True)
    auth_header_name: str = field(default="Authorization", kw_only=True)
    auth_place: Literal["header", "query", "cookie"] = field(default="header", kw_only=True)

    def _sent_headers(self) -> dict[str, str]:
        return {**self._headers, **self._key("header")}

    def _sent_cookies(self) -> dict[str, str]:
        return {**self._cookies, **self._key("cookie")}

    def _httpx_arguments(self) -> dict[str, Any]:
        arguments = super()._httpx_arguments()
        if key := self._key("query"):
            arguments["params"] = {**self._httpx_args.get("params", {}), **key}
        return arguments

    def _key(self, place: str) -> dict[str, str]:
        return {self.auth_header_name: f"{self.prefix} {self.token}".strip()} if place == self.auth_place else {}


__all__ = ("DEFAULT_TIMEOUT", "AuthenticatedClient", "Client")
