"""The mock server on a stepped clock, and clients of both colours whose waiting moves that
clock.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from runflow_client import AsyncRunflow, Runflow
from runflow_mock import MockRunflow, SteppedClock

from ..http_library import IS_DEFAULT, httpx

if TYPE_CHECKING:
    import trustme

LONGEST = 60.0
"""Seconds after which an asynchronous call hangs: whatever it waits for, the mock server's time
goes on at once.
"""
KEPT = ("runflow-mock", "AnyIO worker thread", "Trio thread")
"""Threads that wait for more work after a test."""
ENDING = 10.0
"""Seconds that a thread may take to end after the test that let it go."""


class MockTime:
    """A client's clock that never sleeps: waiting lets the mock server's time go on instead."""

    def __init__(self, mock: MockRunflow) -> None:
        self._mock = mock
        self._seconds = 0.0
        self.on_sleep: Callable[[float], object] = lambda seconds: None

    def now(self) -> float:
        return self._seconds

    def sleep(self, seconds: float) -> None:
        self._seconds += seconds
        self._mock.advance(seconds)
        self.on_sleep(seconds)


class AsyncMockTime(MockTime):
    """The same for an asynchronous client."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # the colour is what differs
        super().sleep(seconds)


class Blocking:
    """An asynchronous object used from a test that is written once for both colours."""

    def __init__(self, portal: BlockingPortal, awaited: Any) -> None:
        self._portal = portal
        self._awaited = awaited

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._awaited, name)
        if callable(found):
            return lambda *args, **options: self._wrap(
                self._portal.call(partial(self._settle, found, args, options))
            )
        return self._wrap(found)

    async def _settle(
        self, function: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
    ) -> Any:
        made = function(*args, **options)
        with anyio.fail_after(LONGEST):
            if hasattr(made, "__aiter__"):
                return [item async for item in made]
            return await made if hasattr(made, "__await__") else made

    def _wrap(self, value: Any) -> Any:
        if type(value).__module__.startswith("runflow_client") and not isinstance(
            value, BaseException
        ):
            return Blocking(self._portal, value)
        return [self._wrap(item) for item in value] if isinstance(value, list) else value

    def __repr__(self) -> str:
        return repr(self._awaited)


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock()) as server:
        yield server


Connect = Callable[..., Any]


@pytest.fixture(params=["sync", "async"])
def connect(request: pytest.FixtureRequest, mock: MockRunflow) -> Iterator[Connect]:
    """Makes clients of the mock server, in both colours."""
    with ExitStack() as stack:

        def make(api_key: str | None = None, **options: Any) -> Any:
            if not IS_DEFAULT and "http_client" not in options:
                options["http_client"] = stack.enter_context(httpx.Client(**_settings(options)))
            client = Runflow(
                api_key or mock.api_key,
                **{"clock": MockTime(mock), "base_url": mock.base_url, **options},
            )
            stack.callback(client.close)
            return client

        def make_async(api_key: str | None = None, **options: Any) -> Any:
            if not IS_DEFAULT and "http_client" not in options:
                options["http_client"] = httpx.AsyncClient(**_settings(options))
                stack.callback(portal.call, options["http_client"].aclose)
            settings = {"clock": AsyncMockTime(mock), "base_url": mock.base_url, **options}
            client = portal.call(_open, api_key or mock.api_key, settings)
            stack.callback(portal.call, client.close)
            return Blocking(portal, client)

        if request.param == "sync":
            yield make
        else:
            portal = stack.enter_context(start_blocking_portal())
            yield make_async


def _settings(options: dict[str, Any]) -> dict[str, Any]:
    """How a client makes its own HTTP client, for one of the other library."""
    timeout = options.get("timeout", 60.0)
    return {"timeout": httpx.Timeout(timeout, connect=min(timeout, 10.0)), "trust_env": False}


async def _open(key: str, settings: dict[str, Any]) -> AsyncRunflow:
    return AsyncRunflow(key, **settings)


@pytest.fixture
def client(connect: Connect) -> Any:
    return connect()


@pytest.fixture(autouse=True)
def _no_threads_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [
        thread
        for thread in threading.enumerate()
        if thread not in before and not thread.name.startswith(KEPT)
    ]
    for thread in left:
        thread.join(ENDING)
    assert [thread.name for thread in left if thread.is_alive()] == []


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "trustme.CA":
    """An authority that this process trusts."""
    import trustme  # few tests need what it loads

    authority = trustme.CA()
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    return authority
