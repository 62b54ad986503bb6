"""After any trouble a client is as if there had been none: what it sends, how long it pauses, what
it holds.
"""

import asyncio
import math
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from itertools import count
from typing import Any

import pytest
from attrs import define, field
from runflow_client import ApiError, PermissionDenied, RateLimited, RunflowError, ServerError
from runflow_client._flows.commands import AwaitChange, Context, Flow
from runflow_client._transport.driver import MAX_CONCURRENT_REQUESTS
from runflow_client._transport.shared_polling import (
    MIN_WAITERS,
    POLL_INTERVAL,
    SharedPoller,
)
from runflow_client._transport.storage import MAX_CONCURRENT_TRANSFERS
from runflow_client.bulk._pace import Pace
from runflow_mock import MockRunflow

from ...files.conftest import clock_of, through
from ...files.storage import PNG
from ...http_library import httpx
from ...passing import Passing
from ..conftest import Blocking
from ..creating.losing import kind_of

__all__ = ["through"]

MODEL = "google/nano-banana-pro"
INPUT = {"prompt": "a lamp", "resolution": "1K"}
FILES = count()
BATCHED = "runflow/background-removal"


def _answer(status: int, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda request: httpx.Response(status, headers=headers, json={"error": "trouble"})


def _raise(error: type[Exception]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("trouble")

    return fail


class _Unclosable(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body whose connection breaks in its middle, and once more while it is closed."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"{"
        raise httpx.ReadError("trouble")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{"
        raise httpx.ReadError("trouble")

    def close(self) -> None:
        raise httpx.CloseError("trouble")

    async def aclose(self) -> None:
        raise httpx.CloseError("trouble")


def _cannot_be_closed(request: httpx.Request) -> httpx.Response:
    return httpx.Response(500, stream=_Unclosable())


TROUBLES: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "429": _answer(429),
    "429 with a pause": _answer(429, **{"Retry-After": "7"}),
    "500": _answer(500),
    "503 with a pause": _answer(503, **{"Retry-After": "7"}),
    "reset": _raise(httpx.ReadError),
    "no connection": _raise(httpx.ConnectError),
    "timeout": _raise(httpx.ReadTimeout),
    "timeout before": _raise(httpx.ConnectTimeout),
    "protocol": _raise(httpx.RemoteProtocolError),
    "closing": _cannot_be_closed,
}


@define(eq=False)
class Troubled(Passing):
    """A network on which the requests of some numbers meet trouble instead of the server."""

    trouble: str = "reset"
    numbers: range = range(0)
    sent: list[str] = field(factory=list)
    met: int = 0

    def _meets_trouble(self, request: httpx.Request) -> bool:
        number = len(self.sent)
        self.sent.append(kind_of(request))
        self.met += number in self.numbers
        return number in self.numbers

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._meets_trouble(request):
            return TROUBLES[self.trouble](request)
        return self._blocking.handle_request(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._meets_trouble(request):
            return TROUBLES[self.trouble](request)
        return await self._suspending.handle_async_request(request)


def run_and_read(client: Any) -> None:
    (output,) = client.run(MODEL, INPUT).outputs
    assert output.read()


def upload(client: Any) -> None:
    client.assets.upload(PNG + str(next(FILES)).encode())


def batch(client: Any) -> None:
    client.batches.create(BATCHED, [{"image_url": "https://a.test/a.png"}]).wait()


def evaluate(client: Any) -> None:
    client.evaluations.submit("https://a.test/a.png", "product_photo").wait()


def look(client: Any) -> None:
    client.runs.page(page_size=1)
    client.account.balance()


OPERATIONS = (run_and_read, upload, batch, evaluate, look)


def carry_out(
    client: Any, network: Troubled, act: Callable[[Any], None]
) -> tuple[list[str], list[float]]:
    """Carry the operation out without trouble, with jitter that is the same each time."""
    random.seed(act.__name__)
    network.sent.clear()
    network.numbers = range(0)
    paused: list[float] = []
    clock_of(client).on_sleep = paused.append
    act(client)
    return list(network.sent), [round(seconds, 6) for seconds in paused]


def held(client: Any) -> dict[str, Any]:
    """What a client keeps only while something is under way."""
    driver = (client._awaited if isinstance(client, Blocking) else client)._driver
    locks = driver.transfers._locks
    found: dict[str, Any] = {
        "creates under way": dict(driver.context.client_refs.open),
        "locks": dict(locks._locks if isinstance(client, Blocking) else locks._own().by_key),
    }
    if isinstance(client, Blocking):
        found["permits"] = driver._permits.value
        found["permits of transfers"] = driver.transfers._semaphore.value
        found["waits"] = dict(driver._poller._waiters)
    return found


@pytest.mark.parametrize("trouble", TROUBLES)
def test_after_trouble_everything_is_as_without(
    through: Any, mock: MockRunflow, trouble: str
) -> None:
    mock.balance = "10000"
    network = Troubled(trouble)
    client = through(network)
    usual = {act: carry_out(client, network, act) for act in OPERATIONS}
    for act in OPERATIONS:
        requests, _ = usual[act]
        for numbers in (*(range(n, n + 1) for n in range(len(requests))), range(100)):
            random.seed(act.__name__)  # up to the trouble it sends the same
            network.sent.clear()
            network.numbers, network.met = numbers, 0
            try:
                act(client)
            except RunflowError:
                assert network.met
            assert network.met, f"{act.__name__} met no trouble"
            assert network.sent[numbers.start] == requests[numbers.start]
            assert carry_out(client, network, act) == usual[act]
    expected: dict[str, Any] = {"creates under way": {}, "locks": {}}
    if isinstance(client, Blocking):
        expected |= {
            "permits": MAX_CONCURRENT_REQUESTS,
            "permits of transfers": MAX_CONCURRENT_TRANSFERS,
            "waits": {},
        }
    assert held(client) == expected


class _Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        until = self.seconds + seconds
        await asyncio.sleep(0)
        self.seconds = max(self.seconds, until)


PACES: dict[str, Callable[[Pace], object]] = {
    "429": lambda pace: pace.slow_down(None, pace.clock.now()),
    "429 with a pause": lambda pace: pace.slow_down(30.0, pace.clock.now()),
    "outage": lambda pace: pace.fail(),
}
CREATES = 100
"""So many that go well are enough for any pace to recover."""


@pytest.mark.parametrize("rate", [0.0, 0.5])
@pytest.mark.parametrize("times", [1, 3, 20])
@pytest.mark.parametrize("trouble", PACES)
def test_after_trouble_a_bulk_run_creates_as_fast_as_before(
    trouble: str, times: int, rate: float
) -> None:
    clock = _Clock()
    pace = Pace(clock, rate)

    async def create(count: int) -> float:
        begun = clock.now()
        for _ in range(count):
            await pace.wait()
            pace.succeed()
        return clock.now() - begun

    async def work() -> None:
        assert await create(10) == pytest.approx(9 * rate)
        for _ in range(times):
            PACES[trouble](pace)
            begun = clock.now()
            await pace.wait()
            assert clock.now() > begun
        await create(CREATES)
        clock.seconds += rate
        assert await create(10) == pytest.approx(9 * rate)
        clock.seconds += 1.0
        assert pace.fail() == 0.0  # an outage begins with its own first failure

    asyncio.run(work())


def test_refusals_of_what_was_sent_together_slow_down_once() -> None:
    clock = _Clock()
    pace = Pace(clock)
    clock.seconds += 1.0
    sent = clock.now()
    clock.seconds += 0.1
    pace.slow_down(None, sent)
    once = pace.interval
    for _ in range(5):
        clock.seconds += 0.1
        pace.slow_down(None, sent)
    assert pace.interval == once > 0
    clock.seconds += 0.1
    pace.slow_down(None, clock.now())
    assert pace.interval == 2 * once


LISTS: dict[str, type[ApiError] | None] = {
    "limited": RateLimited,
    "server error": ServerError,
    "refused": PermissionDenied,
    "shows none": None,
}


@define(eq=False)
class _Polled:
    """Runs that every list shows ended, but the first ones, which meet trouble."""

    clock: _Clock
    troubles: int = 0
    error: type[ApiError] | None = None
    lists: int = 0

    async def read(self, flow: Flow[Any]) -> dict[str, Any]:
        flow.close()
        self.lists += 1
        await asyncio.sleep(0)
        if self.lists > self.troubles:
            return {str(n): {"id": str(n), "status_code": "succeeded"} for n in range(WAITING)}
        if self.error is None:
            return {}
        raise self.error(method="GET", path="/v1/runs", status=500)

    async def wait(self, poller: SharedPoller, number: int) -> None:
        found = None
        while found is None:
            due = self.clock.now() + 5.0
            change = AwaitChange(str(number), ("running", None, None), None, due, math.inf)
            with suppress(ApiError):
                found = await poller.watch(change)

    async def together(self, poller: SharedPoller) -> tuple[int, float]:
        """Wait for all; return how many lists were read meanwhile, and the seconds."""
        lists, begun = self.lists, self.clock.now()
        await asyncio.gather(*(self.wait(poller, number) for number in range(WAITING)))
        return self.lists - lists, self.clock.now() - begun


WAITING = MIN_WAITERS + 2


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("trouble", LISTS)
def test_after_trouble_runs_are_listed_together_as_before(trouble: str, times: int) -> None:
    async def work() -> None:
        usual = _Polled(_Clock())
        fresh = SharedPoller(Context(usual.clock.now, lambda: 0.0), usual.read, usual.clock.sleep)
        expected = await usual.together(fresh)
        troubled = _Polled(_Clock(), times, LISTS[trouble])
        clock = troubled.clock
        poller = SharedPoller(Context(clock.now, lambda: 0.0), troubled.read, clock.sleep)
        lists, _ = await troubled.together(poller)
        assert lists > times
        clock.seconds += POLL_INTERVAL
        assert await troubled.together(poller) == expected

    asyncio.run(work())
