"""Waiting for a callback in an event loop: until it comes, or until the clock says that it is time
to poll.
"""

import asyncio
import threading

from .._flows.commands import Listen
from .._time import AsyncClock
from ..callbacks._events import CallbackEvent


async def listen(command: Listen, clock: AsyncClock) -> CallbackEvent | None:
    """The subject's event, or None when so many seconds have passed. For asyncio; receivers may run
    in other threads.
    """
    import anyio

    arrived = anyio.Event()
    found: list[CallbackEvent] = []
    loop, thread = asyncio.get_running_loop(), threading.get_ident()

    def wake(event: CallbackEvent) -> None:
        found.append(event)
        if threading.get_ident() == thread:
            arrived.set()
        else:
            loop.call_soon_threadsafe(arrived.set)

    async def nap() -> None:
        await clock.sleep(command.seconds)
        arrived.set()

    early = command.source.listen(command.subject_id, wake)
    if early is not None:
        return early
    try:
        async with anyio.create_task_group() as race:
            race.start_soon(nap)
            await arrived.wait()
            race.cancel_scope.cancel()
    finally:
        command.source.forget(command.subject_id)
    return found[0] if found else None
