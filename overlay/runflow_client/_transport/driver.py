"""Carry out what flows ask for: one driver for each colour."""

import random
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import aclosing, closing
from inspect import isawaitable
from typing import Any, Final, Generic, Protocol, TypeVar
from weakref import WeakValueDictionary

from attrs import frozen
from runflow_api.http_library import httpx

from .._errors import RequestTimeout, RunflowError
from .._flows.client_refs import SharedClientRefs
from .._flows.commands import (
    Command,
    Context,
    Emit,
    Flow,
    Listen,
    OpenedDownload,
    Poll,
    SendRequest,
    Sleep,
    Transfer,
)
from .._flows.retry import RetryPolicy
from .._redaction import sending
from .._time import DEFAULT_TIMEOUT, AsyncClock, Clock
from .api import ApiRequests, BodyReader
from .locks import Slots
from .storage import AsyncStorageTransport, StorageTransport

T = TypeVar("T")

MAX_CONCURRENT_REQUESTS: Final = 32
"""Requests that one asynchronous client has under way at once."""

Listener = Callable[[Any], object]
AsyncListener = Callable[[Any], Awaitable[object] | object]


_client_refs: Final = WeakValueDictionary[str, SharedClientRefs]()


def shared_client_refs(base_url: str) -> SharedClientRefs:
    """The creates of this process at this server, whichever client they go through."""
    return _client_refs.setdefault(base_url, SharedClientRefs())


@frozen
class Ended(Generic[T]):
    """What the flow returned."""

    result: T


def _advance(flow: Flow[T], outcome: object) -> Command | Ended[T]:
    """Give the flow the outcome of its last command and take the next one, or its end."""
    try:
        return flow.throw(outcome) if isinstance(outcome, BaseException) else flow.send(outcome)
    except StopIteration as end:
        return Ended(end.value)


class Driver:
    """Carries out flows with httpx.Client and a clock that blocks."""

    def __init__(
        self,
        http: httpx.Client,
        clock: Clock,
        origin: ApiRequests,
        retries: RetryPolicy | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self.http = http
        self.clock = clock
        self.origin = origin
        self.context = Context(
            clock.now,
            random.random,
            retries or RetryPolicy(),
            timeout,
            shared_client_refs(origin.base_url),
        )
        self.transfers = StorageTransport(lambda: self.http, clock, origin.storage(), self.drive)

    def drive(self, flow: Flow[T], on_update: Listener | None = None) -> T:
        """Carry the flow out and give back what it returns. `on_update` hears of every update."""
        outcome: object = None
        try:
            while not isinstance(command := _advance(flow, outcome), Ended):
                outcome = None
                try:
                    if not isinstance(command, Emit):
                        outcome = self._perform(command)
                    elif on_update is not None:
                        on_update(command.state)
                # also Ctrl-C: the flow adds the run id and lets it go on
                except BaseException as error:
                    outcome = error
            return command.result
        finally:
            flow.close()

    def steps(self, flow: Flow[T]) -> Generator[Emit | Ended[T], None, None]:
        """Carry the flow out step by step: its updates, then its result."""
        outcome: object = None
        opened: OpenedDownload | None = None
        try:
            while not isinstance(command := _advance(flow, outcome), Ended):
                outcome = None
                try:
                    if isinstance(command, Emit):
                        yield command
                    else:
                        outcome = self._perform(command)
                        opened = outcome if isinstance(outcome, OpenedDownload) else opened
                # also Ctrl-C: the flow adds the run id and lets it go on
                except BaseException as error:
                    outcome = error
            yield command
        finally:
            flow.close()
            if opened is not None:
                self.transfers.close(opened)

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """The flow's updates, one by one, carried on only as far as they are asked for."""
        with closing(self.steps(flow)) as steps:
            for step in steps:
                if isinstance(step, Emit):
                    yield step.state

    def _perform(self, command: SendRequest | Transfer | Listen | Poll | Sleep) -> object:
        if isinstance(command, Poll):
            return None
        if isinstance(command, Listen):
            raise RunflowError("a synchronous client cannot wait for a callback: use AsyncRunflow")
        if isinstance(command, Sleep):
            self.clock.sleep(command.seconds)
            return None
        if not isinstance(command, SendRequest):
            return self.transfers.perform(command)
        with sending():
            return self._send(command)

    def _send(self, command: SendRequest) -> httpx.Response:
        expires = None if command.timeout is None else self.clock.now() + command.timeout
        response = self.http.send(
            self.origin.request(self.http, command), stream=True, auth=None, follow_redirects=False
        )
        return BodyReader(response, now=self.clock.now, expires=expires).read()

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickled run or error leaves its client behind: connections and keys do not travel."""
        return DetachedDriver, ()


class SharedPolling(Protocol):
    """Asks for runs that wait together with one request."""

    def join(self, poll: Poll) -> Awaitable[object]:
        """What the poll is answered with, when there is an answer."""
        ...

    def leave(self, poll: Poll) -> None:
        """Its wait, whose last poll this was, is over."""
        ...


class AsyncDriver:
    """Carries out flows with httpx.AsyncClient and a clock that suspends.

    At most SIMULTANEOUS requests are under way: the others wait here, for the HTTP library's own
    queue costs each of a thousand waiters a look at every connection, and then their lives.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: AsyncClock,
        origin: ApiRequests,
        retries: RetryPolicy | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self.http = http
        self.clock = clock
        self.origin = origin
        self.context = Context(
            clock.now,
            random.random,
            retries or RetryPolicy(),
            timeout,
            shared_client_refs(origin.base_url),
        )
        self.transfers = AsyncStorageTransport(
            lambda: self.http, clock, origin.storage(), self.drive
        )
        self.companion: SharedPolling | None = None
        self._slots = Slots(MAX_CONCURRENT_REQUESTS)

    async def drive(self, flow: Flow[T], on_update: AsyncListener | None = None) -> T:
        """Carry the flow out and give back what it returns. `on_update` hears of every update and
        may be a coroutine function.
        """
        # Not by way of `steps`: a generator more for each of a thousand waiters is memory.
        outcome: object = None
        polled: Poll | None = None
        try:
            while not isinstance(command := _advance(flow, outcome), Ended):
                outcome = None
                try:
                    if isinstance(command, Poll):
                        polled = command
                    if not isinstance(command, Emit):
                        outcome = await self._performed(command)
                    elif on_update is not None and isawaitable(heard := on_update(command.state)):
                        await heard
                # also cancellation: the flow adds the run id and lets it go on
                except BaseException as error:
                    outcome = error
            return command.result
        finally:
            self._finish(flow, polled)

    async def steps(self, flow: Flow[T]) -> AsyncGenerator[Emit | Ended[T], None]:
        """Carry the flow out step by step: its updates, then its result."""
        outcome: object = None
        polled: Poll | None = None
        opened: OpenedDownload | None = None
        try:
            while not isinstance(command := _advance(flow, outcome), Ended):
                outcome = None
                try:
                    if isinstance(command, Poll):
                        polled = command
                    if isinstance(command, Emit):
                        yield command
                    else:
                        outcome = await self._performed(command)
                        opened = outcome if isinstance(outcome, OpenedDownload) else opened
                # also cancellation: the flow adds the run id and lets it go on
                except BaseException as error:
                    outcome = error
            yield command
        finally:
            self._finish(flow, polled)
            if opened is not None:
                await self.transfers.close(opened)

    async def each(self, flow: Flow[object]) -> AsyncIterator[Any]:
        """The flow's updates, one by one, carried on only as far as they are asked for."""
        async with aclosing(self.steps(flow)) as steps:
            async for step in steps:
                if isinstance(step, Emit):
                    yield step.state

    def _performed(
        self, command: SendRequest | Transfer | Listen | Poll | Sleep
    ) -> Awaitable[object]:
        # No coroutine of its own, for the same reason.
        if isinstance(command, Poll):
            return _nothing() if self.companion is None else self.companion.join(command)
        if isinstance(command, Listen):
            # which needs asyncio: a synchronous client should not load it
            from .callback_wait import listen

            return listen(command, self.clock)
        if isinstance(command, Sleep):
            return self.clock.sleep(command.seconds)
        return (
            self._exchange(command)
            if isinstance(command, SendRequest)
            else self.transfers.perform(command)
        )

    def _finish(self, flow: Flow[T], polled: Poll | None) -> None:
        flow.close()
        if polled is not None and self.companion is not None:
            self.companion.leave(polled)

    async def _exchange(self, command: SendRequest) -> httpx.Response:
        if command.timeout is None:
            return await self._in_turn(command)
        import anyio

        try:
            # the wait for a slot and every phase of the request together
            with anyio.fail_after(command.timeout):
                return await self._in_turn(command)
        except TimeoutError:
            method, path = command.arguments["method"], command.arguments["url"]
            raise RequestTimeout("no answer before time was up", method=method, path=path) from None

    async def _in_turn(self, command: SendRequest) -> httpx.Response:
        async with self._slots:
            with sending():
                return await self._send(command)

    async def _send(self, command: SendRequest) -> httpx.Response:
        expires = None if command.timeout is None else self.clock.now() + command.timeout
        response = await self.http.send(
            self.origin.request(self.http, command), stream=True, auth=None, follow_redirects=False
        )
        return await BodyReader(response, now=self.clock.now, expires=expires).read_async()

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickled run or error leaves its client behind: connections and keys do not travel."""
        return DetachedDriver, ()


async def _nothing() -> None:
    """What a poll comes to without company."""


class DetachedDriver:
    """Stands where the driver was in a run that came out of a pickle."""

    context = Context(time.monotonic, random.random)

    def _refuse(self) -> RunflowError:
        return RunflowError(
            "this run came out of a pickle and has no client: client.runs.attach(run.id) gives "
            "it one again"
        )

    def drive(self, flow: Flow[T], on_update: Listener | None = None) -> T:
        """Always raises RunflowError."""
        raise self._refuse()

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """Always raises RunflowError."""
        raise self._refuse()
