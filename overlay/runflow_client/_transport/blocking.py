"""What an asynchronous client does without being awaited: a notebook displays at once."""

from collections.abc import Callable
from typing import TypeVar

from .._errors import RunflowError
from .._flows.commands import Context, Flow
from .driver import AsyncDriver

T = TypeVar("T")


def at_once(driver: AsyncDriver, make: Callable[[Context], Flow[T]]) -> T:
    """Carry a flow out on connections of its own, while the event loop stands still.

    Raises RunflowError where the HTTP client is the caller's own, which only its loop may use.
    """
    if driver.make_blocking is None:
        raise RunflowError("its HTTP client is your own: `await` its read() or save()")
    blocking = driver.make_blocking()
    try:
        return blocking.drive(make(blocking.context))
    finally:
        blocking.close()
