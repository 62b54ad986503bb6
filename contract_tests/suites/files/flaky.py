"""A network that fails as it is told, in both colours: the caller's own HTTP client, with a
transport of the test's.
"""

from collections.abc import Callable

from attrs import define, field

from ..http_library import httpx
from ..passing import Passing

Trouble = Exception | int | httpx.Response
"""What becomes of a request: an exception of the network, or an answer of the storage."""


@define(eq=False)
class Flaky(Passing):
    """Lets the requests of one method (to one host) fail as often as there is trouble, and the
    others pass.
    """

    troubles: list[Trouble]
    method: str = "PUT"
    host: str | None = None
    seen: list[httpx.Request] = field(factory=list)
    before: Callable[[], object] = lambda: None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if (trouble := self._trouble(request)) is not None:
            assert isinstance(request.stream, httpx.SyncByteStream)
            for _ in request.stream:
                pass
            return self._fail(trouble)
        return self._blocking.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if (trouble := self._trouble(request)) is not None:
            assert isinstance(request.stream, httpx.AsyncByteStream)
            async for _ in request.stream:
                pass
            return self._fail(trouble)
        return await self._suspending.handle_async_request(request)

    def _trouble(self, request: httpx.Request) -> Trouble | None:
        if request.method != self.method or self.host not in (None, request.url.netloc.decode()):
            return None
        self.seen.append(request)
        self.before()
        return self.troubles.pop(0) if self.troubles else None

    def _fail(self, trouble: Trouble) -> httpx.Response:
        if isinstance(trouble, Exception):
            raise trouble
        if isinstance(trouble, httpx.Response):
            return trouble
        return httpx.Response(trouble, content=b"<Error><Code>SlowDown</Code></Error>")
