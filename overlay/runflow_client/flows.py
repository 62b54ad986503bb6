"""The vocabulary of flows: what the client does over time, written once for sync and async.

A flow is a generator that yields what it wants done (send this, sleep that long, tell of this update) and is sent the
outcome, or thrown the exception. It does no I/O and reads no clock but the one it is given; a driver
(`drivers.py`) does the work. Flows call flows with `yield from`.
"""

from collections.abc import Callable, Generator
from typing import Any, Protocol, TypeVar

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .callbacks.events import CallbackEvent
from .retries import RetryPolicy

T = TypeVar("T")


@frozen
class Send:
    """Send this request once and give back the answer, read to its end."""

    arguments: RequestArguments
    timeout: float | None = None
    """Seconds that the whole exchange may take; None leaves the client's own timeout."""


@frozen
class Download:
    """Get this URL, which is not the API's, without key and without our headers, and hand its bytes to `sink` as they come.

    The answer comes back without its body; an error status hands nothing to the sink.
    """

    url: str
    sink: Callable[[bytes], object]


@frozen
class Poll:
    """Give the run's state as soon as it is another than `progress`, at the latest after `pause` seconds.

    The answer is None where the driver has no company for the run to be asked for together with: the flow then
    sleeps and asks by itself.
    """

    run_id: str
    client_ref: str
    progress: object
    pause: float


class Listens(Protocol):
    """Hands over the callback events of this process (runflow_client.callbacks.waking.Wakeup)."""

    def listen(self, subject_id: str, wake: Callable[[CallbackEvent], object]) -> CallbackEvent | None:
        """Call `wake` with the subject's event, or give back one that came before."""
        ...

    def forget(self, subject_id: str) -> None:
        """Nobody listens any more."""
        ...


@frozen
class Listen:
    """Wait for the subject's callback, at most so many seconds. The answer is the event, or None."""

    source: Listens
    subject_id: str
    seconds: float


@frozen
class Sleep:
    """Wait that many seconds."""

    seconds: float


@frozen
class Update:
    """Tell whoever listens of a new state."""

    state: object


Command = Send | Download | Listen | Poll | Sleep | Update
Flow = Generator[Command, Any, T]


@frozen
class Context:
    """What every flow of one client needs to know."""

    now: Callable[[], float]
    """Monotonic seconds."""
    random: Callable[[], float]
    """A number from 0 up to 1, for jitter."""
    retries: RetryPolicy = field(factory=RetryPolicy)


def send(arguments: RequestArguments, timeout: float | None = None) -> Flow[httpx.Response]:
    """Send once and give back the answer, whatever its status. Raises what the HTTP library raises."""
    answer = yield Send(arguments, timeout)
    assert isinstance(answer, httpx.Response), "a driver answers Send with a response"
    return answer


def sleep(seconds: float) -> Flow[None]:
    """Wait that many seconds; nothing at all for zero or less."""
    if seconds > 0:
        yield Sleep(seconds)
