"""What threads share in a Wakeup is touched by the one that holds its lock, which none keeps."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from runflow_client.callbacks import CallbackEvent, Wakeup

from .deliveries import encode, event_of
from .test_locks_of_the_inbox import Watched

TOUCHES: Final = ("get", "pop", "popitem", "setdefault", "__setitem__", "__len__")
"""How a dict is read or changed."""


class Watch:
    """Notes how what is shared was touched, and with which lock held."""

    def __init__(self) -> None:
        self.lock = Watched(threading.Lock())
        self.touched: list[bool] = []

    def mapping(self) -> Any:
        """Return an empty dict that is watched."""

        def noted(name: str) -> Callable[..., Any]:
            def touch(mapping: Any, *given: Any, **options: Any) -> Any:
                self.touched.append(self.lock.is_mine)
                return getattr(OrderedDict, name)(mapping, *given, **options)

            return touch

        return type("Shared", (OrderedDict,), {name: noted(name) for name in TOUCHES})()


def test_what_waits_share_is_touched_with_the_lock() -> None:
    wakeup, watch = Wakeup("https://me.test"), Watch()
    vars(wakeup).update(_lock=watch.lock, _listeners=watch.mapping(), _early=watch.mapping())
    event = event_of(encode("run-1"))
    held: list[bool] = []

    def wake(event: CallbackEvent) -> None:
        held.append(watch.lock.is_mine)

    steps: dict[str, Callable[[], object]] = {
        "an early event": lambda: wakeup.deliver(event),
        "a wait for it": lambda: wakeup.listen("run-1", wake),
        "a wait": lambda: wakeup.listen("run-1", wake),
        "its event": lambda: wakeup.deliver(event),
        "its end": lambda: wakeup.forget("run-1", wake),
        "its end once more": lambda: wakeup.forget("run-1", wake),
    }
    for name, step in steps.items():
        watch.touched.clear()
        step()
        assert (set(watch.touched), watch.lock.depth) == ({True}, 0), name
    assert held == [False], "what is woken may take as long as it likes"
