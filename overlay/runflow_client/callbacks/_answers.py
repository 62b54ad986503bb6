"""Answer deliveries on an event loop without blocking it."""

import asyncio
from collections import deque
from contextlib import suppress

from attrs import define, field

from ._receiver import Answer, Done, IncomingDelivery, Receiver


class Answers:
    """Answers the deliveries of an event loop.

    Under asyncio, a store that takes events without waiting holds no thread. For other stores, and
    on other event loops, each delivery waits in a thread.
    """

    def __init__(self, receiver: Receiver) -> None:
        self._submit = receiver.submit
        self._results: _Results | None = None

    async def answer(self, incoming: IncomingDelivery) -> Answer:
        """Verify and store. An event whose waiting is canceled is stored nevertheless."""
        loop = _running_loop()
        if self._submit is None or loop is None or incoming.may_block:
            import anyio.to_thread

            return await anyio.to_thread.run_sync(incoming.answer)
        event = incoming.judge()
        if isinstance(event, Answer):
            return event
        results = self._results
        if results is None or results.loop is not loop:
            results = self._results = _Results(loop)
        future, done = results.expect()
        try:
            self._submit(event, incoming.body, done)
        except Exception as error:
            return incoming.conclude(event, error)
        return incoming.conclude(event, await future)


Future = asyncio.Future[bool | Exception]


@define(eq=False)
class _Results:
    """Brings results to an event loop from other threads: those that come together wake it once."""

    loop: asyncio.AbstractEventLoop
    _arrived: deque[tuple[Future, bool | Exception]] = field(factory=deque, init=False)
    _is_woken: bool = field(default=False, init=False)

    def expect(self) -> tuple[Future, Done]:
        """Return the future of a result, and the function that takes it in any thread."""
        future: Future = self.loop.create_future()

        def done(result: bool | Exception) -> None:
            self._arrived.append((future, result))
            if not self._is_woken:
                self._is_woken = True
                with suppress(RuntimeError):  # the loop is closed, and nothing waits any more
                    self.loop.call_soon_threadsafe(self._deliver)

        return future, done

    def _deliver(self) -> None:
        self._is_woken = False  # first: what arrives from now on wakes the loop again
        while self._arrived:
            future, result = self._arrived.popleft()
            if not future.done():  # else its request was canceled
                future.set_result(result)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop of asyncio that runs here; None under another library."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
