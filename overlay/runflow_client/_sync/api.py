"""The generated client with the key, retries and errors of this one."""

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._async.api import SentByFlow, with_headers
from .._errors import RunflowError
from .._flows.commands import Context
from .._flows.request import send_with_retries
from .._transport.driver import Driver


@define(eq=False)
class Api(SentByFlow):
    """Give this as `client` to `sync` and `sync_detailed` of any operation under `runflow_api.api`.

    Error statuses raise ApiError and its subclasses, and what is safe to repeat is retried.
    """

    _context: Context = field(kw_only=True, repr=False, alias="context")
    _driver: Driver = field(kw_only=True, repr=False, alias="driver")

    def send(self, arguments: RequestArguments) -> httpx.Response:
        """Send with retries. Raises ApiError for an error status, TransportError where no answer
        came.
        """
        return self._driver.drive(
            send_with_retries(self._context, with_headers(arguments, self._headers))
        )

    async def send_async(self, arguments: RequestArguments) -> httpx.Response:
        """Always raises RunflowError: this client is synchronous."""
        raise RunflowError(
            "a synchronous client cannot await: use `sync` and `sync_detailed`, or AsyncRunflow"
        )
