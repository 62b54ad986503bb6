"""Carry out what flows ask for: one driver for each colour."""

from __future__ import annotations

import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

from runflow_api.http_library import httpx

from .._errors import ConnectFailed, RequestTimeout, RunflowError
from .._flows.client_refs import shared_client_refs
from .._flows.commands import (
    AwaitChange,
    Context,
    Emit,
    Flow,
    SendRequest,
    Sleep,
    Transfer,
)
from .._flows.execution import Ended, Execution
from .._flows.retry import RetryPolicy
from .._redaction import sending
from .._time import DEFAULT_TIMEOUT, AsyncClock, Clock
from .api import ApiRequests
from .bodies import BodyReader
from .detached import DetachedDriver
from .event_loops import running_loop
from .http_client import HttpClientHolder
from .interruptions import Interruptions
from .network import deadline_in

if TYPE_CHECKING:
    import anyio

    from ..callbacks._wakeup import CallbackSource
    from .storage import AsyncStorageTransport, StorageTransport

T = TypeVar("T")

MAX_CONCURRENT_REQUESTS: Final = 32
"""Requests that one asynchronous client has under way at once."""

PHASES_IN_A_REQUEST: Final = 10
"""A request without a deadline of its own is given up after so many times the client's timeout,
which is that of one read: a server could send a byte now and then for ever.
"""

Listener = Callable[[Any], object]
AsyncListener = Callable[[Any], Awaitable[object] | object]


def _longest(command: SendRequest, http: httpx.Client | httpx.AsyncClient) -> float | None:
    """Return the seconds after which a request is given up, whatever still comes of its answer."""
    if command.timeout is not None:
        return command.timeout
    read = http.timeout.read
    return None if read is None else PHASES_IN_A_REQUEST * read


class Driver:
    """Carries out flows with httpx.Client and a clock that blocks."""

    def __init__(
        self,
        http: httpx.Client | HttpClientHolder[httpx.Client],
        clock: Clock,
        origin: ApiRequests,
        retries: RetryPolicy | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self._holder = http if isinstance(http, HttpClientHolder) else HttpClientHolder(http)
        self.clock = clock
        self.origin = origin
        self.context = Context(
            clock.now,
            random.random,
            retries or RetryPolicy(),
            timeout,
            shared_client_refs(origin.server),
        )
        self._transfers: StorageTransport | None = None
        self._transfers_lock = threading.Lock()

    @property
    def http(self) -> httpx.Client:
        """The HTTP client. Raises RunflowError if it must not be used: see HttpClientHolder."""
        return self._holder.open()

    @property
    def transfers(self) -> StorageTransport:
        """What moves files: one for all threads, which share its locks."""
        from .storage import StorageTransport  # many programs move none

        with self._transfers_lock:
            if self._transfers is None:
                self._transfers = StorageTransport(
                    lambda: self.http, self.clock, self.origin.storage(), self.drive
                )
            return self._transfers

    def close(self) -> None:
        """Refuse to send from now on, and close the HTTP client unless it is the caller's."""
        http = self._holder.close()
        if http is not None:
            http.close()

    def drive(self, flow: Flow[T], on_update: Listener | None = None) -> T:
        """Carry the flow out and return what it returns. `on_update` is called with every state
        that it emits.
        """
        execution = Execution(flow)
        try:
            while not isinstance(command := execution.next_command(), Ended):
                try:
                    if not isinstance(command, Emit):
                        execution.take(self._perform(command))
                    elif on_update is not None:
                        on_update(command.state)
                except BaseException as error:  # also Ctrl-C: the flow notes the run's id on it
                    execution.outcome = error
            return command.result
        finally:
            self._close(execution)

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """Yield the states that the flow emits; carry it out only as far as they are asked for."""
        execution = Execution(flow)
        try:
            while not isinstance(command := execution.next_command(), Ended):
                if isinstance(command, Emit):
                    yield command.state
                    continue
                try:
                    execution.take(self._perform(command))
                except BaseException as error:
                    execution.outcome = error
        finally:
            self._close(execution)

    def _perform(self, command: SendRequest | Transfer | AwaitChange | Sleep) -> object:
        if isinstance(command, Sleep):
            self.clock.sleep(command.seconds)
            return None
        if isinstance(command, AwaitChange):
            # Threads do not share polls: each sleeps, and then reads its run by itself. For 100 of
            # them that is 30 requests a second.
            self.clock.sleep(max(0.0, command.due - self.clock.now()))
            return None
        if not isinstance(command, SendRequest):
            return self.transfers.perform(command)
        http = self.http
        seconds = _longest(command, http)
        expires = None if seconds is None else self.clock.now() + seconds
        with sending(), deadline_in(seconds):
            response = self._send(http, command)
            return BodyReader(response, now=self.clock.now, expires=expires).read()

    def _send(self, http: httpx.Client, command: SendRequest) -> httpx.Response:
        request = self.origin.request(http, command)
        try:
            return http.send(request, stream=True, auth=None, follow_redirects=False)
        except Exception as error:
            from .hooks import answer_in  # which few requests need

            return answer_in(error, request, command.arguments)

    def _close(self, execution: Execution[T]) -> None:
        execution.flow.close()
        if execution.opened is not None:
            self.transfers.close(execution.opened)

    def __deepcopy__(self, memo: object) -> Self:
        """Return the driver itself: a copied run keeps its client."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the client behind when a run or an error is pickled: connections and keys stay."""
        return DetachedDriver, ()


class AsyncDriver:
    """Carries out flows with httpx.AsyncClient and a clock that suspends.

    At most MAX_CONCURRENT_REQUESTS requests are under way: the others wait here, because in the
    HTTP library's own queue each of a thousand waiters examines every connection, until they time
    out.
    """

    def __init__(
        self,
        http: httpx.AsyncClient | HttpClientHolder[httpx.AsyncClient],
        clock: AsyncClock,
        origin: ApiRequests,
        retries: RetryPolicy | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        make_blocking: Callable[[], Driver] | None = None,
    ) -> None:
        from .shared_polling import SharedPoller  # a synchronous client does not need it

        self.make_blocking = make_blocking
        self._holder = http if isinstance(http, HttpClientHolder) else HttpClientHolder(http)
        self.clock = clock
        self.origin = origin
        self.context = Context(
            clock.now,
            random.random,
            retries or RetryPolicy(),
            timeout,
            shared_client_refs(origin.server),
        )
        self._transfers: AsyncStorageTransport | None = None
        self._poller = SharedPoller(self.context, self.drive, clock.sleep)
        self._permits: anyio.Semaphore | None = None
        self.interruptions = Interruptions(clock.now)
        self._loop: object = None
        self._is_asyncio = False
        self._loop_guard = threading.Lock()

    @property
    def http(self) -> httpx.AsyncClient:
        """The HTTP client. Raises RunflowError if it must not be used: see HttpClientHolder."""
        return self._holder.open()

    @property
    def transfers(self) -> AsyncStorageTransport:
        """What moves files."""
        from .storage import AsyncStorageTransport

        if self._transfers is None:
            self._transfers = AsyncStorageTransport(
                lambda: self.http, self.clock, self.origin.storage(), self.drive
            )
        return self._transfers

    async def close(self) -> None:
        """Refuse to send from now on, and close the HTTP client unless it is the caller's."""
        http = self._holder.close()
        if http is None:
            return
        try:
            self._check_loop()
        except RunflowError:  # its connections ended with their event loop
            return
        await http.aclose()

    async def drive(self, flow: Flow[T], on_update: AsyncListener | None = None) -> T:
        """Carry the flow out and return what it returns. `on_update` is called with every state
        that it emits, and may be a coroutine function.
        """
        self._check_loop()
        execution = Execution(flow)
        try:
            while not isinstance(command := execution.next_command(), Ended):
                try:
                    if not isinstance(command, Emit):
                        execution.take(await self._perform(command))
                    elif on_update is not None and isawaitable(result := on_update(command.state)):
                        await result
                except BaseException as error:  # also cancellation: the flow notes the run's id
                    execution.outcome = error
            return command.result
        except BaseException as error:
            if not isinstance(error, Exception | GeneratorExit):
                self.interruptions.share(error)
            raise
        finally:
            await self._close(execution)

    def drive_last(self, flow: Flow[T], on_update: AsyncListener | None = None) -> T:
        """Return the coroutine of `drive`, for a function of `in_own_words` that ends with it."""
        return cast("T", self.drive(flow, on_update))

    async def each(self, flow: Flow[object]) -> AsyncIterator[Any]:
        """Yield the states that the flow emits; carry it out only as far as they are asked for."""
        self._check_loop()
        execution = Execution(flow)
        try:
            while not isinstance(command := execution.next_command(), Ended):
                if isinstance(command, Emit):
                    yield command.state
                    continue
                try:
                    execution.take(await self._perform(command))
                except BaseException as error:
                    execution.outcome = error
        finally:
            await self._close(execution)

    def _check_loop(self) -> None:
        """Raise RunflowError in another event loop than the first: nothing would wake its tasks."""
        loop, is_asyncio = running_loop()
        with self._loop_guard:
            if self._loop is None:
                self._loop, self._is_asyncio = loop, is_asyncio
        if self._loop != loop:  # tokens of one loop are equal, not the same
            raise RunflowError(
                "this client belongs to the event loop that used it first, and this is another: "
                "make one AsyncRunflow in each event loop, for example inside the function that "
                "asyncio.run() is given"
            )

    def _perform(self, command: SendRequest | Transfer | AwaitChange | Sleep) -> Awaitable[object]:
        """Return what carries the command out.

        This is no coroutine itself: each of a thousand waiting runs would keep one more.
        """
        if isinstance(command, AwaitChange):
            if command.wakeup is not None:
                return self._await_callback(command, command.wakeup)
            if self._is_asyncio:
                return self._poller.watch(command)
            # shared polling needs asyncio
            return self.clock.sleep(max(0.0, command.due - self.clock.now()))
        if isinstance(command, Sleep):
            return self.clock.sleep(command.seconds)
        if isinstance(command, SendRequest):
            return self._send_with_permit(command)
        return self.transfers.perform(command)

    async def _await_callback(self, command: AwaitChange, wakeup: CallbackSource) -> object:
        from .callback_wait import await_callback  # loads asyncio

        seconds = max(0.0, command.due - self.clock.now())
        return await await_callback(wakeup, command.run_id, seconds, self.clock)

    async def _send_with_permit(self, command: SendRequest) -> httpx.Response:
        import anyio

        http = self.http
        if self._permits is None:
            self._permits = anyio.Semaphore(MAX_CONCURRENT_REQUESTS, fast_acquire=True)
        has_permit = False
        # the wait for a permit and every phase of the request together
        with anyio.move_on_after(command.timeout) as scope:
            async with self._permits:
                has_permit = True
                seconds = _longest(command, http)
                expires = None if seconds is None else self.clock.now() + seconds
                if command.timeout is None and seconds is not None:
                    scope.deadline = anyio.current_time() + seconds
                with sending():
                    response = await self._send(http, command)
                    return await BodyReader(
                        response, now=self.clock.now, expires=expires
                    ).read_async()
        method, path = command.arguments["method"], command.arguments["url"]
        if not has_permit:
            raise ConnectFailed(
                f"never sent: {MAX_CONCURRENT_REQUESTS} other requests of this client were under "
                "way until time was up",
                method=method,
                path=path,
            )
        raise RequestTimeout("no answer before time was up", method=method, path=path)

    async def _send(self, http: httpx.AsyncClient, command: SendRequest) -> httpx.Response:
        request = self.origin.request(http, command)
        try:
            return await http.send(request, stream=True, auth=None, follow_redirects=False)
        except Exception as error:
            from .hooks import answer_in  # which few requests need

            return answer_in(error, request, command.arguments)

    async def _close(self, execution: Execution[T]) -> None:
        execution.flow.close()
        if execution.opened is not None:
            await self.transfers.close(execution.opened)

    def __deepcopy__(self, memo: object) -> Self:
        """Return the driver itself: a copied run keeps its client."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Leave the client behind when a run or an error is pickled: connections and keys stay."""
        return DetachedDriver, ()
