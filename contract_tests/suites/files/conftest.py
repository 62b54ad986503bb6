"""Clients of both colours, and a storage of the test's own."""

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from runflow_mock import MockRunflow, Settings, SteppedClock

from ..client.conftest import Blocking, MockTime, _no_threads_left, client, connect
from ..http_library import httpx
from .flaky import Flaky
from .storage import PNG, Storage, running_storage

__all__ = ["_no_threads_left", "client", "connect"]

MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "a cathedral", "resolution": "1K", "output_format": "png"}


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    """A mock server whose assets may have any media type: the tests are about finding it."""
    settings = Settings(asset_media_types=None)
    with MockRunflow(clock=SteppedClock(), settings=settings) as server:
        yield server


@pytest.fixture
def storage() -> Iterator[Storage]:
    with running_storage() as running:
        running.content = PNG + random.Random(7).randbytes(700_000)
        yield running


Through = Callable[..., Any]


@pytest.fixture
def through(connect: Any) -> Iterator[Through]:
    """Makes clients whose network is flaky, and which have headers, cookies and credentials of the
    caller's.
    """
    with ExitStack() as stack:

        def make(flaky: Flaky, auth: tuple[str, str] | None = None) -> Any:
            options: dict[str, Any] = {
                "transport": flaky,
                "headers": {"X-Of-The-Caller": "1"}
                | ({} if auth else {"Authorization": "Bearer of-the-caller"}),
                "cookies": {"session": "of-the-caller"},
                "auth": auth,
            }
            plain = connect()
            if isinstance(plain, Blocking):
                suspending = httpx.AsyncClient(**options)
                stack.callback(plain._portal.call, suspending.aclose)
                return connect(http_client=suspending)
            return connect(http_client=stack.enter_context(httpx.Client(**options)))

        yield make


def output_at(client: Any, mock: MockRunflow, url: str, **input_fields: Any) -> Any:
    """A run whose first output has this URL."""
    mock.fail_next(
        "get_run", fault="unknown_enum", field="output.outputs.0.url", value=url, count=None
    )
    return client.run(MODEL, {**INPUT, **input_fields})


def clock_of(client: Any) -> MockTime:
    """The clock that the test gave to the client."""
    clock: MockTime = (client._awaited if isinstance(client, Blocking) else client)._driver.clock
    return clock


def pauses_of(client: Any) -> list[float]:
    """A list that fills with the seconds for which the client waits from now on."""
    waited: list[float] = []
    clock_of(client).on_sleep = waited.append
    return waited
