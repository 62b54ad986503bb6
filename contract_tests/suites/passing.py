"""What the networks of tests have in common that let a request pass or do something to it."""

from attrs import define, field

from .http_library import httpx


@define(eq=False)
class Passing(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A network in both colours. A test's own decides what passes, by `_blocking` and
    `_suspending`.
    """

    _blocking: httpx.HTTPTransport = field(
        init=False, factory=lambda: httpx.HTTPTransport(verify=False)
    )
    _suspending: httpx.AsyncHTTPTransport = field(
        init=False, factory=lambda: httpx.AsyncHTTPTransport(verify=False)
    )

    def close(self) -> None:
        self._blocking.close()

    async def aclose(self) -> None:
        await self._suspending.aclose()
