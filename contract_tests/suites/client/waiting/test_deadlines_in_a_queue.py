"""With every permit taken by requests that are never answered, an operation still ends in time.

Time is the event loop's own, and jumps to the next thing that is due.
"""

import asyncio
import inspect
import selectors
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_client import AsyncHandle, AsyncRunflow, AsyncRunHandle, RunflowError
from runflow_client._transport.driver import MAX_CONCURRENT_REQUESTS

LIMIT = 5.0
LATEST = LIMIT + 1.0
RUN_ID = UUID("0198c0de-0000-7000-8000-000000000000")
MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "a lamp", "resolution": "1K"}


class _Jumping(selectors.DefaultSelector):
    """Waits for nothing: the time moves on instead."""

    seconds = 0.0

    def select(self, timeout: float | None = None) -> Any:
        found = super().select(0)
        if not found and timeout is not None and timeout > 0:
            self.seconds += timeout
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds that were jumped over."""
        return self._jumping.seconds


class _Time:
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _never(request: httpx.Request) -> httpx.Response:
    await asyncio.get_running_loop().create_future()
    raise AssertionError("it is never answered")


async def _all_updates(handle: Any) -> None:
    async for _ in handle.updates(timeout=LIMIT):
        pass


Operation = Callable[[AsyncRunflow], Awaitable[object]]
OPERATIONS: dict[tuple[type, str], list[Operation]] = {
    (AsyncRunflow, "run"): [lambda client: client.run(MODEL, INPUT, timeout=LIMIT)],
    (AsyncRunHandle, "wait"): [lambda client: client.runs.attach(RUN_ID).wait(timeout=LIMIT)],
    (AsyncRunHandle, "updates"): [lambda client: _all_updates(client.runs.attach(RUN_ID))],
    (AsyncHandle, "wait"): [
        lambda client: client.batches.attach(RUN_ID).wait(timeout=LIMIT),
        lambda client: client.evaluations.attach(RUN_ID).wait(timeout=LIMIT),
    ],
    (AsyncHandle, "updates"): [
        lambda client: _all_updates(client.batches.attach(RUN_ID)),
        lambda client: _all_updates(client.evaluations.attach(RUN_ID)),
    ],
}


def test_each_public_method_with_a_limit_is_tried() -> None:
    found = {
        (kind, name)
        for kind in (AsyncRunflow, AsyncHandle, AsyncRunHandle)
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_") and "timeout" in inspect.signature(method).parameters
    }
    assert found == set(OPERATIONS)


async def _ends_at(operation: Operation, taken: int) -> float:
    http = httpx.AsyncClient(transport=httpx.MockTransport(_never))
    options: dict[str, Any] = {"base_url": "https://api.test", "http_client": http}
    async with http, AsyncRunflow("rf_live_x", clock=_Time(), **options) as client:
        others = [asyncio.create_task(client.runs.get(RUN_ID)) for _ in range(taken)]
        for _ in range(100):
            await asyncio.sleep(0)
        begun = asyncio.get_running_loop().time()
        with pytest.raises(RunflowError):
            await operation(client)
        ended = asyncio.get_running_loop().time()
        assert not any(task.done() for task in others), "the permits were not taken any more"
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        return ended - begun


@pytest.mark.parametrize("taken", [0, MAX_CONCURRENT_REQUESTS, 2 * MAX_CONCURRENT_REQUESTS])
@pytest.mark.parametrize(
    "operation",
    [
        pytest.param(operation, id=f"{kind.__name__}.{name}-{number}")
        for (kind, name), operations in OPERATIONS.items()
        for number, operation in enumerate(operations)
    ],
)
def test_it_ends_in_time_with_so_many_requests_before_it(operation: Operation, taken: int) -> None:
    with asyncio.Runner(loop_factory=_Loop) as runner:
        assert LIMIT - 1.0 <= runner.run(_ends_at(operation, taken)) <= LATEST
