"""Workers: loops that hand out events as they come, in this thread, in threads beside it, or beside
an event loop.
"""

import logging
import math
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from inspect import isawaitable
from typing import Final, Protocol, TypeVar, runtime_checkable

from attrs import define

from ..._validation import check_arguments, check_blocking
from .._events import CallbackEvent
from .._receiver import check_result
from ._lease import Lease, LeaseLost, Outcome, Renewal, is_interrupt

AsyncHandler = Callable[[CallbackEvent], Awaitable[object]]

PRUNE_INTERVAL: Final = 3600.0
"""Seconds between two prunings of one worker."""

T = TypeVar("T")

_logger = logging.getLogger("runflow_client.callbacks")


class Arrivals:
    """Wakes the workers of this process when an event was stored."""

    def __init__(self) -> None:
        self._conditions: dict[int, threading.Condition] = {}
        self.count = 0

    def _condition(self) -> threading.Condition:
        """Return that of this process: a fork inherits one that a thread of its parent may hold."""
        process = os.getpid()
        found = self._conditions.get(process)
        return found or self._conditions.setdefault(process, threading.Condition())

    def notify(self) -> None:
        """Wake all workers, those too that are about to wait."""
        with self._condition():
            self.count += 1
            self._condition().notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Wait until the count is no longer `seen`, at most that many seconds."""
        with self._condition():
            self._condition().wait_for(lambda: self.count != seen, seconds)


@runtime_checkable
class EventSource(Protocol):
    """Where workers get their events from: an inbox."""

    @property
    def arrivals(self) -> Arrivals:
        """What wakes the workers."""
        ...

    @property
    def now(self) -> Callable[[], float]:
        """The inbox's clock."""
        ...

    def lease(self) -> Lease | None:
        """Lease the event that is due longest."""
        ...

    def prune(self) -> int:
        """Forget events that were handled long ago."""
        ...


def check_handler(handler: Callable[..., object]) -> None:
    """Raise InvalidArgument for what is no function, and for a coroutine function, which a thread
    cannot await.
    """
    check_arguments(handler=handler)
    check_blocking("use inbox.working_async(handler)", handler=handler)


def handle(lease: Lease, handler: Callable[..., object], *, transactional: bool) -> Outcome:
    """Hand the event to the handler and settle it.

    Raises KeyboardInterrupt in the main thread, after releasing the event. Everything else that
    the handler raises is a failure of the event.
    """
    if lease.is_spent:
        return lease.give_up()
    try:
        if transactional:
            with lease.transaction() as connection:
                _call(handler, lease.event(), connection)
            return "handled"
        renewal = Renewal(lease)
        renewal.start()
        try:
            _call(handler, lease.event())
        finally:
            renewal.stop()
    except LeaseLost:
        return "lost"
    except BaseException as error:
        with _released_by_interrupt(lease):
            if is_interrupt(error):
                raise
            return lease.failed(error)
    return lease.handled()


@contextmanager
def _released_by_interrupt(lease: Lease) -> Generator[None, None, None]:
    """Release the event where Ctrl-C ends the block, which settles nothing then."""
    try:
        yield
    except BaseException as error:
        if is_interrupt(error):
            lease.release()
        raise


def _call(handler: Callable[..., object], *arguments: object) -> None:
    check_result(handler(*arguments), "the handler", "use inbox.working_async(handler)")


@define
class _Worker:
    """What every worker does around its handler. Everything blocks."""

    source: EventSource
    poll: float
    pruned: float | None = None

    def next_lease(self) -> Lease | None:
        """Lease the event that is due longest; None if none is due or the database fails. Prunes
        now and then, after the lease, which notices a clock that was set.
        """
        lease = self.attempt(self.source.lease)
        now = self.source.now()
        if self.pruned is None or not 0 <= now - self.pruned < PRUNE_INTERVAL:
            self.pruned = now
            self.attempt(self.source.prune)
        return lease

    def attempt(self, function: Callable[[], T]) -> T | None:
        """Call the function; log what the database raises."""
        try:
            return function()
        except Exception as error:
            _logger.error("the inbox failed; trying again in %g s", self.poll, exc_info=error)
            return None


def work(
    source: EventSource,
    handler: Callable[..., object],
    *,
    stop: threading.Event | None = None,
    poll: float = 1.0,
    transactional: bool = False,
) -> None:
    """See Inbox.work."""
    check_handler(handler)
    check_arguments(stop=stop, poll=poll, transactional=transactional)
    stop = stop or threading.Event()
    worker = _Worker(source, poll)
    while not stop.is_set():
        seen = source.arrivals.count
        lease = worker.next_lease()
        outcome = lease and worker.attempt(
            partial(handle, lease, handler, transactional=transactional)
        )
        if outcome is None and not stop.is_set():
            source.arrivals.wait(seen, poll)


@contextmanager
def working(
    source: EventSource,
    handler: Callable[..., object],
    *,
    threads: int = 1,
    poll: float = 1.0,
    transactional: bool = False,
) -> Generator[None, None, None]:
    """See Inbox.working."""
    check_handler(handler)
    check_arguments(threads=threads, poll=poll, transactional=transactional)
    stop = threading.Event()
    run = partial(work, source, handler, stop=stop, poll=poll, transactional=transactional)
    workers = [
        threading.Thread(target=run, name=f"runflow-inbox-{number}", daemon=True)
        for number in range(threads)
    ]
    begun: list[threading.Thread] = []
    try:
        for thread in workers:
            thread.start()
            begun.append(thread)
        yield
    finally:
        stop.set()
        source.arrivals.notify()
        for thread in begun:
            thread.join()


@asynccontextmanager
async def working_async(
    source: EventSource, handler: AsyncHandler, *, tasks: int, poll: float
) -> AsyncGenerator[None, None]:
    """See Inbox.working_async."""
    import anyio
    from anyio import to_thread

    check_arguments(handler=handler, tasks=tasks, poll=poll)
    stop = threading.Event()
    # of its own: workers must not use up the threads of the application
    limiter = anyio.CapacityLimiter(tasks)

    async def in_thread(function: Callable[[], T]) -> T:
        results: list[T] = []
        with anyio.CancelScope(shield=True):
            results.append(await to_thread.run_sync(function, limiter=limiter))
        return results[0]

    async def attend(lease: Lease) -> BaseException | None:
        """Await the handler and return what it raised. Raises what ends the work."""
        try:
            result: object = handler(lease.event())
            if isawaitable(result):
                result = await result
            check_result(result, "the handler", "await what it returns inside it")
        except BaseException as error:
            ends_work = is_interrupt(error) or (
                issubclass(type(error), anyio.get_cancelled_exc_class())
                and anyio.current_effective_deadline() == -math.inf
            )
            if ends_work:
                raise
            return error
        return None

    async def handle_one(worker: _Worker, lease: Lease) -> Outcome | None:
        if stop.is_set():
            return await in_thread(partial(worker.attempt, lease.release))
        if lease.is_spent:
            return await in_thread(partial(worker.attempt, lease.give_up))
        renewal = Renewal(lease)
        renewal.start()
        try:
            error = await attend(lease)
        except BaseException:
            await in_thread(renewal.stop)
            await in_thread(partial(worker.attempt, lease.release))
            raise
        await in_thread(renewal.stop)
        settle = lease.handled if error is None else partial(lease.failed, error)
        return await in_thread(partial(worker.attempt, settle))

    async def run() -> None:
        worker = _Worker(source, poll)
        while not stop.is_set():
            seen = source.arrivals.count
            lease = await in_thread(worker.next_lease)
            outcome = lease and await handle_one(worker, lease)
            if outcome is None and not stop.is_set():
                await in_thread(partial(source.arrivals.wait, seen, poll))

    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(run)
        try:
            yield
        finally:
            stop.set()
            source.arrivals.notify()
            group.cancel_scope.cancel()
