"""Workers: loops that hand out events as they come, in this thread, in threads beside it, or beside
an event loop.
"""

import logging
import math
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any, Final

from ..._errors import InvalidArgument
from .._events import CallbackEvent

if TYPE_CHECKING:
    from ._inbox import Inbox

AsyncHandler = Callable[[CallbackEvent], Awaitable[object]]

PRUNE_EVERY: Final = 3600.0
"""Seconds between two prunings of one worker."""

_logger = logging.getLogger("runflow_client.callbacks")


class Bell:
    """Wakes whoever waits, and whoever was just about to."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        """Wake them all."""
        with self._condition:
            self.rings += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float) -> None:
        """Wait until it has rung more than `heard` times, at most that many seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self.rings != heard, seconds)


def check_handler(handler: Callable[..., object]) -> None:
    """Raises InvalidArgument for a coroutine function, which a thread cannot await."""
    if iscoroutinefunction(handler):
        raise InvalidArgument("the handler is asynchronous: use inbox.working_async(handler)")


class Stopped(BaseException):
    """The event loop ended the handler: that is no failure of the event's."""


def work(
    inbox: "Inbox",
    handler: Callable[..., object],
    *,
    stop: threading.Event | None = None,
    poll: float = 1.0,
    transactional: bool = False,
) -> None:
    """See Inbox.work."""
    check_handler(handler)
    stop = stop or threading.Event()
    options: dict[str, Any] = {"transactional": True} if transactional else {}
    pruned: float | None = None
    while not stop.is_set():
        heard = inbox.arrivals.rings
        try:
            if pruned is None or inbox.now() - pruned >= PRUNE_EVERY:
                pruned = inbox.now()
                inbox.prune()
            if inbox.work_once(handler, **options) is not None:
                continue
        # the handler's own are the event's failures: this is the database's
        except Exception as error:
            _logger.error("the inbox failed; trying again in %g s", poll, exc_info=error)
        if not stop.is_set():
            inbox.arrivals.wait(heard, poll)


@contextmanager
def working(
    inbox: "Inbox", handler: Callable[..., object], *, threads: int = 1, **options: Any
) -> Generator[None, None, None]:
    """See Inbox.working."""
    check_handler(handler)
    stop = threading.Event()
    run = partial(work, inbox, handler, stop=stop, **options)
    crew = [
        threading.Thread(target=run, name=f"runflow-inbox-{number}", daemon=True)
        for number in range(threads)
    ]
    for thread in crew:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        inbox.arrivals.ring()
        for thread in crew:
            thread.join()


@asynccontextmanager
async def working_async(
    inbox: "Inbox", handler: AsyncHandler, *, tasks: int, poll: float
) -> AsyncGenerator[None, None]:
    """See Inbox.working_async."""
    import anyio
    from anyio import from_thread, to_thread

    stop = threading.Event()

    async def attend(event: CallbackEvent) -> None:
        try:
            await handler(event)
        except anyio.get_cancelled_exc_class():
            if anyio.current_effective_deadline() == -math.inf:  # it is us who are canceled
                raise
            raise RuntimeError("the handler was canceled, but not by the end of the work") from None

    def handle(event: CallbackEvent) -> None:
        try:
            from_thread.run(attend, event)
        except CancelledError:
            raise Stopped from None

    def run() -> None:
        with suppress(Stopped):
            work(inbox, handle, stop=stop, poll=poll)

    # of its own: workers must not use up the threads of the application
    limiter = anyio.CapacityLimiter(tasks)
    async with anyio.create_task_group() as group:
        for _ in range(tasks):
            group.start_soon(partial(to_thread.run_sync, run, limiter=limiter))
        try:
            yield
        finally:
            stop.set()
            inbox.arrivals.ring()
            group.cancel_scope.cancel()
