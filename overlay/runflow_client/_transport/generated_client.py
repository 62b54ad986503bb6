"""The generated client with the key, retries and errors of this one, in both colours."""

from typing import NoReturn

from attrs import define, field
from runflow_api.client import AuthenticatedClient
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._errors import RunflowError
from .._flows.commands import Context, Flow
from .._flows.request import naming_create, send_with_retries
from .._http import IDEMPOTENCY_KEY
from .._json import as_object, as_text
from .driver import AsyncDriver, Driver


def _named(context: Context, arguments: RequestArguments) -> Flow[httpx.Response]:
    """Send it. An error of a POST that may have been carried out says by what it was named."""
    if arguments["method"] != "POST":
        return (yield from send_with_retries(context, arguments))
    ref = as_text((as_object(arguments.get("json")) or {}).get("client_ref"))
    key = arguments.get("headers", {}).get(IDEMPOTENCY_KEY)
    hint = (
        f"{arguments['url']} may have been carried out (client_ref {ref or 'none'}, "
        f"idempotency key {key or 'none'}): look before you send it again."
    )
    with naming_create(hint, idempotency_key=key, client_ref=ref) as lost:
        return (yield from send_with_retries(context, arguments, lost=lost))


@define(eq=False)
class _BaseApi(AuthenticatedClient):
    """Refuse what the generated client offers for its own HTTP client, which is not used here."""

    _context: Context = field(kw_only=True, repr=False, alias="context")

    def with_timeout(self, timeout: httpx.Timeout | float) -> NoReturn:
        """Raise RunflowError: the timeout is an argument of the client."""
        raise RunflowError("pass the timeout to Runflow(timeout=...) or AsyncRunflow(timeout=...)")

    def with_cookies(self, cookies: dict[str, str]) -> NoReturn:
        """Raise RunflowError: cookies belong to an HTTP client of your own."""
        raise RunflowError("pass to Runflow(http_client=...) an httpx.Client that has the cookies")

    def set_httpx_client(self, client: httpx.Client) -> NoReturn:
        """Raise RunflowError: your own HTTP client is an argument of the client."""
        raise RunflowError("pass the HTTP client to Runflow(http_client=...)")

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> NoReturn:
        """Raise RunflowError: your own HTTP client is an argument of the client."""
        raise RunflowError("pass the HTTP client to AsyncRunflow(http_client=...)")

    def _flow(self, arguments: RequestArguments) -> Flow[httpx.Response]:
        if self._headers:
            arguments["headers"] = {**self._headers, **arguments.get("headers", {})}
        return _named(self._context, arguments)


@define(eq=False)
class Api(_BaseApi):
    """Pass this as `client` to `sync` or `sync_detailed` of an operation of `runflow_api.api`.

    Error statuses raise ApiError and its subclasses, and what is safe to repeat is retried.
    """

    _driver: Driver = field(kw_only=True, repr=False, alias="driver")

    def send(self, arguments: RequestArguments) -> httpx.Response:
        """Send with retries. Raises ApiError for an error status, TransportError for no answer."""
        return self._driver.drive(self._flow(arguments))

    async def send_async(self, arguments: RequestArguments) -> httpx.Response:
        """Raise RunflowError: this client is synchronous."""
        raise RunflowError(
            "a synchronous client cannot await: use `sync` and `sync_detailed`, or AsyncRunflow"
        )


@define(eq=False)
class AsyncApi(_BaseApi):
    """Pass this as `client` to `asyncio` or `asyncio_detailed` of a `runflow_api.api` operation.

    Error statuses raise ApiError and its subclasses, and what is safe to repeat is retried.
    """

    _driver: AsyncDriver = field(kw_only=True, repr=False, alias="driver")

    def send(self, arguments: RequestArguments) -> httpx.Response:
        """Raise RunflowError: this client is asynchronous."""
        raise RunflowError(
            "an asynchronous client cannot block: use `asyncio` and `asyncio_detailed`, or Runflow"
        )

    async def send_async(self, arguments: RequestArguments) -> httpx.Response:
        """Send with retries. Raises ApiError for an error status, TransportError for no answer."""
        return await self._driver.drive(self._flow(arguments))
