"""Carry out what flows ask for: one driver for each colour."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from attrs import define, frozen
from runflow_api.http_library import httpx

from .._errors import RequestTimeout, RunflowError
from .._flows.commands import (
    AwaitChange,
    Command,
    Context,
    Emit,
    Flow,
    OpenedDownload,
    SendRequest,
    Sleep,
    Transfer,
)
from .._flows.retry import RetryPolicy
from .._redaction import sending
from .._time import AsyncClock, Clock
from ..callbacks._wakeup import Listens
from .api import ApiRequests, BodyReader
from .storage import AsyncStorageTransport, StorageTransport

if TYPE_CHECKING:
    import anyio

T = TypeVar("T")

MAX_CONCURRENT_REQUESTS: Final = 32
"""Requests that one asynchronous client has under way at once."""

Listener = Callable[[Any], object]
AsyncListener = Callable[[Any], Awaitable[object] | object]


@frozen
class Ended(Generic[T]):
    """What the flow returned."""

    result: T


@define(eq=False)
class Execution(Generic[T]):
    """A flow that is being carried out."""

    flow: Flow[T]
    outcome: object = None
    """The outcome of the last command: what it gave, or the exception to throw."""
    opened: OpenedDownload | None = None
    """A download that the flow opened and may not have closed."""

    def next_command(self) -> Command | Ended[T]:
        """Hand the outcome to the flow and take its next command, or its result."""
        outcome, self.outcome = self.outcome, None
        try:
            if isinstance(outcome, BaseException):
                return self.flow.throw(outcome)
            return self.flow.send(outcome)
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
    ) -> None:
        self.http = http
        self.clock = clock
        self.origin = origin
        self.context = Context(clock.now, random.random, retries or RetryPolicy())
        self.transfers = StorageTransport(lambda: self.http, clock, origin.storage(), self.drive)

    def drive(self, flow: Flow[T], on_update: Listener | None = None) -> T:
        """Carry the flow out and give back what it returns. `on_update` is called with every state
        that it emits.
        """
        execution = Execution(flow)
        try:
            while not isinstance(step := self._next_step(execution), Ended):
                try:
                    if on_update is not None:
                        on_update(step.state)
                except BaseException as error:
                    execution.outcome = error
                del step  # which a thousand waits would keep
            return step.result
        finally:
            self._close(execution)

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """Give the states that the flow emits, carrying it out only as far as they are asked for."""
        execution = Execution(flow)
        try:
            while isinstance(step := self._next_step(execution), Emit):
                yield step.state
        finally:
            self._close(execution)

    def _next_step(self, execution: Execution[T]) -> Emit | Ended[T]:
        """Carry out commands until the flow emits a state or ends."""
        while True:
            command = execution.next_command()
            if isinstance(command, Emit | Ended):
                return command
            try:
                execution.outcome = self._perform(command)
                if isinstance(execution.outcome, OpenedDownload):
                    execution.opened = execution.outcome
            except BaseException as error:  # also Ctrl-C: the flow notes the run's id on it
                execution.outcome = error

    def _perform(self, command: SendRequest | Transfer | AwaitChange | Sleep) -> object:
        if isinstance(command, Sleep):
            self.clock.sleep(command.seconds)
            return None
        if isinstance(command, AwaitChange):
            # Threads do not share polls: each sleeps, and then reads its run by itself.
            self.clock.sleep(max(0.0, command.due - self.clock.now()))
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

    def _close(self, execution: Execution[T]) -> None:
        execution.flow.close()
        if execution.opened is not None:
            self.transfers.close(execution.opened)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the client behind when a run or an error is pickled: connections and keys stay."""
        return DetachedDriver, ()


class AsyncDriver:
    """Carries out flows with httpx.AsyncClient and a clock that suspends.

    At most MAX_CONCURRENT_REQUESTS requests are under way: the others wait here, because in the
    HTTP library's own queue each of a thousand waiters looks at every connection, until they time
    out.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: AsyncClock,
        origin: ApiRequests,
        retries: RetryPolicy | None = None,
    ) -> None:
        from .shared_polling import SharedPoller  # a synchronous client does not need it

        self.http = http
        self.clock = clock
        self.origin = origin
        self.context = Context(clock.now, random.random, retries or RetryPolicy())
        self.transfers = AsyncStorageTransport(
            lambda: self.http, clock, origin.storage(), self.drive
        )
        self._poller = SharedPoller(self.context, self.drive, clock.sleep)
        self._permits: anyio.Semaphore | None = None

    async def drive(self, flow: Flow[T], on_update: AsyncListener | None = None) -> T:
        """Carry the flow out and give back what it returns. `on_update` is called with every state
        that it emits, and may be a coroutine function.
        """
        execution = Execution(flow)
        try:
            while not isinstance(step := await self._next_step(execution), Ended):
                try:
                    if on_update is not None and isawaitable(told := on_update(step.state)):
                        await told
                except BaseException as error:
                    execution.outcome = error
                del step  # which a thousand waits would keep
            return step.result
        finally:
            await self._close(execution)

    async def each(self, flow: Flow[object]) -> AsyncIterator[Any]:
        """Give the states that the flow emits, carrying it out only as far as they are asked for."""
        execution = Execution(flow)
        try:
            while isinstance(step := await self._next_step(execution), Emit):
                yield step.state
        finally:
            await self._close(execution)

    async def _next_step(self, execution: Execution[T]) -> Emit | Ended[T]:
        """Carry out commands until the flow emits a state or ends."""
        while True:
            command = execution.next_command()
            if isinstance(command, Emit | Ended):
                return command
            try:
                if isinstance(command, AwaitChange):
                    if command.wakeup is not None:
                        execution.outcome = await self._await_callback(command, command.wakeup)
                    else:
                        execution.outcome = await self._poller.watch(command)
                elif isinstance(command, Sleep):
                    await self.clock.sleep(command.seconds)
                elif isinstance(command, SendRequest):
                    execution.outcome = await self._send_in_time(command)
                else:
                    execution.outcome = await self.transfers.perform(command)
                if isinstance(execution.outcome, OpenedDownload):
                    execution.opened = execution.outcome
            except BaseException as error:  # also cancellation: the flow notes the run's id on it
                execution.outcome = error

    async def _await_callback(self, command: AwaitChange, wakeup: Listens) -> object:
        from .callback_wait import await_callback  # loads asyncio

        seconds = max(0.0, command.due - self.clock.now())
        return await await_callback(wakeup, command.run_id, seconds, self.clock)

    async def _send_in_time(self, command: SendRequest) -> httpx.Response:
        if command.timeout is None:
            return await self._send_with_permit(command)
        import anyio

        try:
            # the wait for a permit and every phase of the request together
            with anyio.fail_after(command.timeout):
                return await self._send_with_permit(command)
        except TimeoutError:
            method, path = command.arguments["method"], command.arguments["url"]
            raise RequestTimeout("no answer before time was up", method=method, path=path) from None

    async def _send_with_permit(self, command: SendRequest) -> httpx.Response:
        if self._permits is None:
            import anyio

            self._permits = anyio.Semaphore(MAX_CONCURRENT_REQUESTS, fast_acquire=True)
        async with self._permits:
            with sending():
                return await self._send(command)

    async def _send(self, command: SendRequest) -> httpx.Response:
        expires = None if command.timeout is None else self.clock.now() + command.timeout
        response = await self.http.send(
            self.origin.request(self.http, command), stream=True, auth=None, follow_redirects=False
        )
        return await BodyReader(response, now=self.clock.now, expires=expires).read_async()

    async def _close(self, execution: Execution[T]) -> None:
        execution.flow.close()
        if execution.opened is not None:
            await self.transfers.close(execution.opened)

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the client behind when a run or an error is pickled: connections and keys stay."""
        return DetachedDriver, ()


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
