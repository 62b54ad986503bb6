"""`client.callbacks` in both colours against the mock server, used from tests that are written
once.
"""

from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from runflow_client import RetryPolicy
from runflow_client._async.callbacks import AsyncCallbacks
from runflow_client._flows.commands import Context
from runflow_client._sync.callbacks import Callbacks
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.driver import AsyncDriver, Driver
from runflow_mock import MockRunflow


class MockTime:
    """A client's clock that never sleeps: waiting lets the mock server's time go on instead."""

    def __init__(self, mock: MockRunflow) -> None:
        self._mock = mock
        self._seconds = 0.0

    def now(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        self._seconds += seconds
        self._mock.advance(seconds)
        self._mock.settle()


class AsyncMockTime(MockTime):
    """The same for an asynchronous client."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # the colour is what differs
        super().sleep(seconds)


class Blocking:
    """An asynchronous object whose methods are called as if they were synchronous."""

    def __init__(self, portal: BlockingPortal, awaited: object) -> None:
        self._portal = portal
        self._awaited = awaited

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._awaited, name)
        if not callable(found):
            return Blocking(self._portal, found)
        return lambda *arguments, **options: self._portal.call(
            partial(found, *arguments, **options)
        )


@contextmanager
def callbacks_of(mock: MockRunflow, colour: str) -> Generator[Any, None, None]:
    """The callbacks of a client of this colour, `sync` or `async`."""
    origin = ApiRequests(mock.base_url, {"Authorization": f"Bearer {mock.api_key}"})
    if colour == "sync":
        time = MockTime(mock)
        with httpx.Client(trust_env=False) as http:
            yield Callbacks(
                Context(time.now, lambda: 0.5, RetryPolicy()), Driver(http, time, origin)
            )
        return
    async_time = AsyncMockTime(mock)
    with start_blocking_portal() as portal:
        async_http = httpx.AsyncClient(trust_env=False)
        driver = AsyncDriver(async_http, async_time, origin)
        yield Blocking(
            portal, AsyncCallbacks(Context(async_time.now, lambda: 0.5, RetryPolicy()), driver)
        )
        portal.call(async_http.aclose)
