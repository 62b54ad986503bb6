"""A driver carries out what a flow asks for, tells it of whatever goes wrong, and leaves nothing
open; in both colours.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any, Final

import anyio
import pytest
from runflow_api.http_library import httpx
from runflow_client import RunflowError
from runflow_client._flows.commands import (
    AwaitChange,
    Context,
    Emit,
    Flow,
    LockTimeout,
    OpenDownload,
    ReadChunks,
    RunBlocking,
    SendRequest,
    Sleep,
    WithLock,
)
from runflow_client._flows.retry import RetryPolicy
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.blocking import at_once
from runflow_client._transport.driver import AsyncDriver, Driver
from runflow_client._transport.http_client import HttpClientHolder

from .conftest import ENDING
from .stepped_time import AsyncSteppedTime, SteppedTime

COLOURS: Final = ["sync", "async"]
ORIGIN: Final = ApiRequests("https://api.test", {"X-Own": "7"})
READ: Final = SendRequest({"method": "GET", "url": "/v1/runs", "params": {"q": "a"}})


class Network:
    """Answers with a file, and counts the bodies that are open."""

    def __init__(self) -> None:
        self.sent: list[httpx.Request] = []
        self.open = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.sent.append(request)
        self.open += 1
        return httpx.Response(200, stream=_Body(self), request=request)


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, network: Network) -> None:
        self._network = network
        self._is_closed = False

    def __iter__(self) -> Any:
        yield b"{}"

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"{}"

    def close(self) -> None:
        self._network.open -= not self._is_closed
        self._is_closed = True

    async def aclose(self) -> None:
        self.close()


def driven(
    colour: str,
    flow: Flow[Any],
    listen: Callable[[Any], object] | None = None,
    *,
    clock: Any = None,
    network: Network | None = None,
) -> Any:
    """What comes of a flow."""
    transport = httpx.MockTransport((network or Network()).answer)
    if colour == "sync":
        with httpx.Client(transport=transport) as http:
            return Driver(http, clock or SteppedTime(), ORIGIN).drive(flow, listen)

    async def scenario() -> Any:
        async with httpx.AsyncClient(transport=transport) as http:
            return await AsyncDriver(http, clock or AsyncSteppedTime(), ORIGIN).drive(flow, listen)

    return asyncio.run(scenario())


def taken(
    colour: str, flow: Flow[object], count: int, network: Network, clock: Any = None
) -> list[object]:
    """So many states of a flow, which is left then."""
    transport = httpx.MockTransport(network.answer)
    if colour == "sync":
        with httpx.Client(transport=transport) as http:
            states = Driver(http, clock or SteppedTime(), ORIGIN).each(flow)
            found = [state for _, state in zip(range(count), states, strict=False)]
            states.close()  # type: ignore[attr-defined] # a generator
            return found

    async def scenario() -> list[object]:
        async with httpx.AsyncClient(transport=transport) as http:
            states: Any = AsyncDriver(http, clock or AsyncSteppedTime(), ORIGIN).each(flow)
            found: list[object] = []
            async for state in states:
                found.append(state)
                if len(found) == count:
                    break
            await states.aclose()
            return found

    return asyncio.run(scenario())


def _raise(error: BaseException) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def telling(told: list[Any], *commands: Any) -> Flow[str]:
    """Ask for these in turn, and write down what comes of each, and the end."""
    try:
        for command in commands:
            try:
                told.append((yield command))
            except BaseException as error:
                told.append(error)
                if isinstance(error, GeneratorExit):
                    raise
    finally:
        told.append("end")
    return "returned"


@pytest.mark.parametrize("colour", COLOURS)
def test_what_a_command_gives_is_sent_to_the_flow(colour: str) -> None:
    told: list[Any] = []
    heard: list[object] = []
    network = Network()

    def inner() -> Flow[str]:
        yield Sleep(2.0)
        return "of the inner one"

    clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    flow = telling(
        told, READ, RunBlocking(lambda: 7), Sleep(3.0), WithLock("key", inner()), Emit("state")
    )
    assert driven(colour, flow, heard.append, clock=clock, network=network) == "returned"
    response, *others = told
    assert response.content == b"{}"
    assert others == [7, None, "of the inner one", None, "end"]
    assert clock.slept == [3.0, 2.0]
    assert heard == ["state"]
    (sent,) = network.sent
    assert str(sent.url) == "https://api.test/v1/runs?q=a"
    assert sent.headers["X-Own"] == "7"
    assert network.open == 0


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("error", [ValueError("v"), OSError("o"), KeyboardInterrupt()])
def test_what_a_command_raises_is_raised_in_the_flow_which_may_go_on(
    colour: str, error: BaseException
) -> None:
    if colour == "async" and isinstance(error, KeyboardInterrupt):
        return  # what a thread raises so ends the event loop, too
    told: list[Any] = []
    assert driven(colour, telling(told, RunBlocking(_raise(error)), Sleep(1.0))) == "returned"
    assert told == [error, None, "end"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("error", [ValueError("v"), StopIteration("s"), LookupError("l")])
def test_what_a_listener_raises_is_raised_in_the_flow(colour: str, error: Exception) -> None:
    told: list[Any] = []

    def listen(state: object) -> None:
        raise error

    assert driven(colour, telling(told, Emit(1), Emit(2)), listen) == "returned"
    first, second, _ = told
    if isinstance(error, StopIteration):
        assert isinstance(first, RuntimeError)
        assert str(first) == "StopIteration was raised: s"
    else:
        assert [first, second] == [error, error]


@pytest.mark.parametrize("colour", COLOURS)
def test_without_a_listener_nobody_is_told(colour: str) -> None:
    told: list[Any] = []
    driven(colour, telling(told, Emit(1)))
    assert told == [None, "end"]


def test_a_listener_may_be_awaited() -> None:
    told: list[Any] = []
    heard: list[object] = []

    async def listen(state: object) -> None:
        await asyncio.sleep(0)
        heard.append(state)

    driven("async", telling(told, Emit(1), Emit(2)), listen)
    assert heard == [1, 2]
    assert told == [None, None, "end"]


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("due", [1007.0, 1000.0, 990.0])
def test_a_run_that_is_alone_is_read_when_it_is_due(colour: str, due: float) -> None:
    told: list[Any] = []
    clock = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    change = AwaitChange("id", None, None, due=due, until=2000.0)
    driven(colour, telling(told, change), clock=clock)
    assert told == [None, "end"]
    assert sum(clock.slept) == max(0.0, due - 1000.0)


class Meanwhile:
    """A clock during whose pauses something else is tried."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.work = work

    def now(self) -> float:
        return 1000.0

    def sleep(self, seconds: float) -> None:
        self.work()


class AsyncMeanwhile(Meanwhile):
    """The same for an asynchronous client."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # the colour is what differs
        await asyncio.create_task(self.work())  # type: ignore[arg-type] # it is a coroutine


def _nothing() -> Flow[None]:
    yield from ()


def _pausing() -> Flow[None]:
    yield Sleep(1.0)


def _competing() -> list[WithLock]:
    return [WithLock("key", _nothing(), timeout=0.0), WithLock("other", _nothing())]


def test_a_flow_waits_for_a_lock_no_longer_than_it_says() -> None:
    told: list[Any] = []

    def compete() -> None:
        thread = threading.Thread(target=driver.drive, args=(telling(told, *_competing()),))
        thread.start()
        thread.join(ENDING)
        assert not thread.is_alive(), "it waits for longer than it says"

    with httpx.Client(transport=httpx.MockTransport(Network().answer)) as http:
        driver = Driver(http, Meanwhile(compete), ORIGIN)
        driver.drive(telling([], WithLock("key", _pausing())))
    assert [type(one) for one in told] == [LockTimeout, type(None), str]


def test_a_flow_that_is_awaited_waits_for_a_lock_no_longer_than_it_says() -> None:
    told: list[Any] = []

    async def scenario() -> None:
        def compete() -> Any:
            return driver.drive(telling(told, *_competing()))

        transport = httpx.MockTransport(Network().answer)
        async with httpx.AsyncClient(transport=transport) as http:
            driver = AsyncDriver(http, AsyncMeanwhile(compete), ORIGIN)
            with anyio.fail_after(ENDING):
                await driver.drive(telling([], WithLock("key", _pausing())))

    asyncio.run(scenario())
    assert [type(one) for one in told] == [LockTimeout, type(None), str]


FILE: Final = OpenDownload("https://storage.test/1.png", {"X-Theirs": "1"})


def downloading(ends: str) -> Flow[None]:
    """Open a download and do not close it."""
    opened = yield FILE
    yield Emit((yield ReadChunks(opened)))
    if ends == "raises":
        raise LookupError("in the middle")
    yield Emit("more")


@pytest.mark.parametrize("ends", ["raises", "returns"])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_download_that_a_flow_left_open_is_closed(colour: str, ends: str) -> None:
    network = Network()
    heard: list[object] = []
    with suppress(LookupError):
        driven(colour, downloading(ends), heard.append, network=network)
    assert heard[0] == [b"{}"]
    assert network.open == 0
    (sent,) = network.sent
    assert sent.headers["X-Theirs"] == "1"
    assert "X-Own" not in sent.headers


@pytest.mark.parametrize(
    "error", [ValueError("v"), KeyboardInterrupt(), asyncio.CancelledError()], ids=repr
)
@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_raised_in_a_walk_is_raised_in_its_flow_which_may_go_on(
    colour: str, error: BaseException
) -> None:
    told: list[Any] = []
    clock: Any = SteppedTime()
    clock.sleep = lambda seconds: _raise(error)()
    flow = telling(told, Sleep(1.0), Emit(1))
    assert taken(colour, flow, 1, Network(), clock) == [1]
    assert told[0] is error


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_walk_that_is_left_is_closed_with_its_download(colour: str, count: int) -> None:
    network = Network()
    found = taken(colour, downloading("returns"), count, network)
    assert found == [[b"{}"], "more"][:count]
    assert network.open == 0


@pytest.mark.parametrize("colour", COLOURS)
def test_a_walk_asks_only_for_what_is_wanted(colour: str) -> None:
    told: list[Any] = []
    found = taken(colour, telling(told, Sleep(1.0), Emit(1), Sleep(1.0), Emit(2)), 1, Network())
    assert found == [1]
    assert isinstance(told[1], GeneratorExit)
    assert told[0] is None
    assert told[2:] == ["end"]


@pytest.mark.parametrize("kind", [Driver, AsyncDriver])
def test_what_a_driver_is_given_is_what_its_flows_know(kind: Any) -> None:
    clock, policy = SteppedTime(), RetryPolicy(attempts=3)
    with httpx.Client() as http:
        made = kind(http, clock, ORIGIN, policy, 7.0)
        assert made.context.now() == 1000.0
        assert 0.0 <= made.context.random() < 1.0
        assert made.context.retries == policy
        assert made.context.once.retries == RetryPolicy(attempts=1)
        assert made.context.timeout == 7.0
        usual = kind(http, clock, ORIGIN)
        assert (usual.context.retries, usual.context.timeout) == (RetryPolicy(), 60.0)
        assert usual.context.client_refs is made.context.client_refs
        assert usual.context.created is not made.context.created


@pytest.mark.parametrize("ends", ["well", "badly"])
def test_what_is_done_at_once_has_connections_of_its_own_which_are_closed(ends: str) -> None:
    own = httpx.Client(transport=httpx.MockTransport(Network().answer))
    blocking = Driver(HttpClientHolder(own, httpx.Client), SteppedTime(), ORIGIN)
    contexts: list[Context] = []

    def make(context: Context) -> Flow[int]:
        contexts.append(context)
        response = yield READ
        if ends == "badly":
            raise LookupError
        return len(response.content)

    driver = AsyncDriver(
        httpx.AsyncClient(), AsyncSteppedTime(), ORIGIN, make_blocking=lambda: blocking
    )
    if ends == "badly":
        with pytest.raises(LookupError):
            at_once(driver, make)
    else:
        assert at_once(driver, make) == 2
    assert own.is_closed
    assert contexts == [blocking.context]


def test_a_client_may_be_closed_in_another_event_loop() -> None:
    """Its connections ended with its own loop, so nothing is left to be closed."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(Network().answer))
    driver = AsyncDriver(HttpClientHolder(http, httpx.AsyncClient), AsyncSteppedTime(), ORIGIN)
    asyncio.run(driver.drive(telling([], READ)))
    asyncio.run(driver.close())
    assert not http.is_closed
    with pytest.raises(RunflowError, match="this client is closed"):
        driver.http  # noqa: B018 # which raises
