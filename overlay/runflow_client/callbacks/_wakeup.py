"""A callback wakes whoever waits for its run in the same process: milliseconds instead of a poll.

    wakeup = Wakeup("https://me.example/callbacks")
    receiver = Receiver(secrets, wakeup.store(inbox.put))   # mounted in your application as ever
    run = await client.run(model, input, callback=wakeup)

A slow poll goes on underneath, for a callback may never come. Whichever is first wins.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from ._events import CallbackEvent
from ._receiver import Store

EARLY: Final = 1000
"""Events that are kept for somebody who does not wait yet: a callback may outrun the answer to its
create.
"""


class Wakeup:
    """Hands events to the waits of this process. `url` is where Runflow reaches the receiver.
    Threads may share one.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._waiting: dict[str, Callable[[CallbackEvent], object]] = {}
        self._early: OrderedDict[str, CallbackEvent] = OrderedDict()

    def store(self, then: Store | None = None) -> Store:
        """A store for a Receiver: keeps the event with `then` (an inbox's `put`) and wakes whoever
        waits for its run.
        """

        def keep(event: CallbackEvent, body: bytes) -> object:
            stored = None if then is None else then(event, body)
            self.deliver(event)
            return stored

        return keep

    def deliver(self, event: CallbackEvent) -> None:
        """Wake whoever waits for the event's subject; keep it a while if nobody does yet."""
        if event.subject_id is None:
            return
        with self._lock:
            wake = self._waiting.get(event.subject_id)
            if wake is None:
                self._early[event.subject_id] = event
                while len(self._early) > EARLY:
                    self._early.popitem(last=False)
        if wake is not None:
            wake(event)

    def listen(
        self, subject_id: str, wake: Callable[[CallbackEvent], object]
    ) -> CallbackEvent | None:
        """From now on `wake` is called, in the receiver's thread, with the subject's event; an
        earlier one is given back.
        """
        with self._lock:
            event = self._early.pop(subject_id, None)
            if event is None:
                self._waiting[subject_id] = wake
            return event

    def forget(self, subject_id: str) -> None:
        """Nobody listens for this subject any more."""
        with self._lock:
            self._waiting.pop(subject_id, None)

    def __repr__(self) -> str:
        return f"Wakeup({self.url!r})"


class Listens(Protocol):
    """Hands over the callback events of this process (runflow_client.callbacks.Wakeup)."""

    def listen(
        self, subject_id: str, wake: Callable[[CallbackEvent], object]
    ) -> CallbackEvent | None:
        """Call `wake` with the subject's event, or give back one that came before."""
        ...

    def forget(self, subject_id: str) -> None:
        """Nobody listens any more."""
        ...
