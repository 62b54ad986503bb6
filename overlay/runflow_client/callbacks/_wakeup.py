"""A callback ends the wait for its run in the same process: milliseconds instead of a poll.

    wakeup = Wakeup("https://me.example/callbacks")
    receiver = Receiver(secrets, wakeup.store(inbox.put))   # mounted in your application as ever
    run = await client.run(model, input, callback=wakeup)

A slow poll continues underneath, for a callback may never come. Whichever is first ends the wait.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, runtime_checkable

from .._errors import InvalidArgument
from .._validation import check_arguments, check_blocking, check_instance, wrong_kind
from ._events import CallbackEvent
from ._receiver import Done, Store, Submit, submit_of, submitted_by

MAX_EARLY_EVENTS: Final = 1000
"""Events that are kept although no wait has begun for them: a callback may outrun the answer to its
create.
"""

Wake = Callable[[CallbackEvent], object]

_logger = logging.getLogger("runflow_client.callbacks")


class Wakeup:
    """Hands events to the waits of this process. `url` is where Runflow reaches the receiver.

    Threads, event loops and clients may share one.
    """

    def __init__(self, url: str) -> None:
        check_arguments(url=url)
        self.url = url
        self._lock = threading.Lock()
        self._listeners: dict[str, list[Wake]] = {}
        self._early: OrderedDict[str, CallbackEvent] = OrderedDict()

    def store(self, then: Store | None = None) -> Store:
        """Return a store for a Receiver: it stores the event with `then` (an inbox's `put`) and
        ends the waits for its run.
        """
        check_arguments(then=then)
        check_blocking("an event is acknowledged only when it is stored", then=then)
        return _WakingStore(self, then).put

    def deliver(self, event: CallbackEvent) -> None:
        """End the waits for the event's subject; keep the event a while if there is none yet."""
        check_instance("event", event, CallbackEvent, is_required=True)
        if event.subject_id is None:
            return
        with self._lock:
            listeners = list(self._listeners.get(event.subject_id, ()))
            if not listeners:
                self._early[event.subject_id] = event
                while len(self._early) > MAX_EARLY_EVENTS:
                    self._early.popitem(last=False)
        for wake in listeners:
            try:
                wake(event)
            except Exception as error:  # its event loop is closed; the event itself is stored
                _logger.warning("a wait for %s was not woken", event.subject_id, exc_info=error)

    def listen(self, subject_id: str, wake: Wake) -> CallbackEvent | None:
        """Call `wake` from now on, in a thread of the receiver's, with the subject's event. If the
        event came before, return it instead.
        """
        with self._lock:
            event = self._early.pop(subject_id, None)
            if event is None:
                self._listeners.setdefault(subject_id, []).append(wake)
            return event

    def forget(self, subject_id: str, wake: Wake) -> None:
        """Call `wake` no longer."""
        with self._lock:
            listeners = self._listeners.get(subject_id, [])
            if wake in listeners:
                listeners.remove(wake)
            if not listeners:
                self._listeners.pop(subject_id, None)

    def __repr__(self) -> str:
        url: object = getattr(self, "url", None)  # none where __init__ has refused it
        return f"Wakeup({url!r})"


class _WakingStore:
    """Stores events with another store, if there is one, and then ends the waits for them."""

    def __init__(self, wakeup: Wakeup, then: Store | None) -> None:
        self._wakeup = wakeup
        self._then = then
        submit = submit_of(then)
        self.submit: Submit | None = None if submit is None else partial(self._submit, submit)

    @submitted_by("submit")
    def put(self, event: CallbackEvent, body: bytes) -> object:
        stored = None if self._then is None else self._then(event, body)
        self._wakeup.deliver(event)
        return stored

    def _submit(self, submit: Submit, event: CallbackEvent, body: bytes, done: Done) -> None:
        def stored(result: bool | Exception) -> None:
            try:
                if not isinstance(result, Exception):
                    self._wakeup.deliver(event)
            finally:
                done(result)

        submit(event, body, stored)


@runtime_checkable
class CallbackSource(Protocol):
    """Hands over the callback events of this process (runflow_client.callbacks.Wakeup)."""

    def listen(self, subject_id: str, wake: Wake) -> CallbackEvent | None:
        """Call `wake` with the subject's event, or return one that came before."""
        ...

    def forget(self, subject_id: str, wake: Wake) -> None:
        """Call `wake` no longer."""
        ...


def check_callback(callback: object, callback_url: str | None) -> str:
    """Return the URL of a Wakeup that is given with a run.

    Raises InvalidArgument for another object, and for a `callback_url` of its own beside it.
    """
    if not isinstance(callback, Wakeup):
        raise wrong_kind("callback", callback, "a runflow_client.callbacks.Wakeup")
    if callback_url is not None and callback_url != callback.url:
        raise InvalidArgument("callback and callback_url exclude each other: the Wakeup has a URL")
    return callback.url
