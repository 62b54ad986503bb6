"""Answer deliveries on an event loop without blocking it."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from attrs import define, field

from ._receiver import Answer, IncomingDelivery


class Answers:
    """Answers the deliveries of one application.

    Under asyncio, a store that takes events without waiting holds no thread. For other stores, and
    under other event loops, each delivery waits in a thread.
    """

    def __init__(self) -> None:
        self._arrivals: _Arrivals | None = None

    async def answer(self, incoming: IncomingDelivery) -> Answer:
        """Verify and store. An event whose waiting is canceled is stored nevertheless."""
        loop = _running_loop()
        if loop is not None:
            arrivals = self._arrivals
            if arrivals is None or arrivals.loop is not loop:
                arrivals = self._arrivals = _Arrivals(loop)
            future, done = arrivals.expect()
            if incoming.submit(done):
                return await future
        import anyio.to_thread

        return await anyio.to_thread.run_sync(incoming.answer)


@define(eq=False)
class _Arrivals:
    """Brings answers to an event loop from other threads: those that come together wake it once."""

    loop: asyncio.AbstractEventLoop
    _answers: deque[tuple[asyncio.Future[Answer], Answer]] = field(
        factory=deque[tuple[asyncio.Future[Answer], Answer]], init=False
    )
    _is_woken: bool = field(default=False, init=False)

    def expect(self) -> tuple[asyncio.Future[Answer], Callable[[Answer], None]]:
        """Return the future of an answer, and the function that takes it in any thread."""
        future: asyncio.Future[Answer] = self.loop.create_future()

        def done(answer: Answer) -> None:
            self._answers.append((future, answer))
            if not self._is_woken:
                self._is_woken = True
                with suppress(RuntimeError):  # the loop is closed, and nothing waits any more
                    self.loop.call_soon_threadsafe(self._deliver)

        return future, done

    def _deliver(self) -> None:
        self._is_woken = False  # first: what arrives from now on wakes the loop again
        while self._answers:
            future, answer = self._answers.popleft()
            if not future.done():  # else its request was canceled
                future.set_result(answer)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of asyncio that runs here; None under another library."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
