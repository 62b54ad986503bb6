"""The generated client with the key, retries and errors of this one."""

from typing import NoReturn

from attrs import define, field
from runflow_api.client import AuthenticatedClient
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._errors import RunflowError
from .._flows.commands import Context
from .._flows.request import send_with_retries
from .._transport.driver import AsyncDriver


def with_headers(arguments: RequestArguments, headers: dict[str, str]) -> RequestArguments:
    if headers:
        arguments["headers"] = {**headers, **arguments.get("headers", {})}
    return arguments


@define(eq=False)
class SentByFlow(AuthenticatedClient):
    """What both colours do not take over from the generated client: how requests are sent is the
    overlay's to say.
    """

    def with_timeout(self, timeout: httpx.Timeout | float) -> NoReturn:
        """Always raises RunflowError: give the timeout to the client."""
        raise RunflowError(
            "the timeout is the client's own: Runflow(timeout=...) or AsyncRunflow(timeout=...)"
        )

    def with_cookies(self, cookies: dict[str, str]) -> NoReturn:
        """Always raises RunflowError: give cookies to an HTTP client of your own."""
        raise RunflowError(
            "cookies are the HTTP client's: Runflow(http_client=httpx.Client(cookies=...))"
        )

    def set_httpx_client(self, client: httpx.Client) -> NoReturn:
        """Always raises RunflowError: give your own HTTP client to the client."""
        raise RunflowError("the HTTP client is the client's own: Runflow(http_client=...)")

    def set_async_httpx_client(self, client: httpx.AsyncClient) -> NoReturn:
        """Always raises RunflowError: give your own HTTP client to the client."""
        raise RunflowError("the HTTP client is the client's own: AsyncRunflow(http_client=...)")


@define(eq=False)
class AsyncApi(SentByFlow):
    """Give this as `client` to `asyncio` and `asyncio_detailed` of any operation under
    `runflow_api.api`.

    Error statuses raise ApiError and its subclasses, and what is safe to repeat is retried.
    """

    _context: Context = field(kw_only=True, repr=False, alias="context")
    _driver: AsyncDriver = field(kw_only=True, repr=False, alias="driver")

    def send(self, arguments: RequestArguments) -> httpx.Response:
        """Always raises RunflowError: this client is asynchronous."""
        raise RunflowError(
            "an asynchronous client cannot block: use `asyncio` and `asyncio_detailed`, or Runflow"
        )

    async def send_async(self, arguments: RequestArguments) -> httpx.Response:
        """Send with retries. Raises ApiError for an error status, TransportError where no answer
        came.
        """
        return await self._driver.drive(
            send_with_retries(self._context, with_headers(arguments, self._headers))
        )
