"""Wait for a callback in an event loop: until it comes, or until it is time to poll."""

import asyncio
import sys
import threading
from collections.abc import Callable
from typing import Any

from .._time import AsyncClock
from ..callbacks._events import CallbackEvent
from ..callbacks._wakeup import Listens


async def await_callback(
    wakeup: Listens, run_id: str, seconds: float, clock: AsyncClock
) -> CallbackEvent | None:
    """Wait for the run's event at most so many seconds. Receivers may run in other
    threads.
    """
    import anyio

    arrived = anyio.Event()
    found: list[CallbackEvent] = []
    call_soon, thread = _call_soon(), threading.get_ident()

    def wake(event: CallbackEvent) -> None:
        found.append(event)
        if threading.get_ident() == thread:
            arrived.set()
        else:
            call_soon(arrived.set)

    async def give_up() -> None:
        await clock.sleep(seconds)
        arrived.set()

    early = wakeup.listen(run_id, wake)
    if early is not None:
        return early
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(give_up)
            await arrived.wait()
            tasks.cancel_scope.cancel()
    finally:
        wakeup.forget(run_id, wake)
    return found[0] if found else None


def _call_soon() -> Callable[[Callable[[], object]], object]:
    """What calls a function in the running event loop, from any thread: asyncio's or trio's."""
    try:
        return asyncio.get_running_loop().call_soon_threadsafe
    except RuntimeError:  # it is trio, which is loaded then
        trio: Any = sys.modules["trio"]
        call_soon: Callable[[Callable[[], object]], object] = (
            trio.lowlevel.current_trio_token().run_sync_soon
        )
        return call_soon
