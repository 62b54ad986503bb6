"""The vocabulary of flows: what the client does over time, written once for sync and async.

A flow is a generator that yields what it wants done (send this, sleep that long, tell of this
update) and is sent the outcome, or thrown the exception. It does no I/O and reads no clock but the
one it is given; a driver (`drivers.py`) does the work. Flows call flows with `yield from`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from typing import Any, Final, TypeVar

from attrs import define, field, frozen
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from ..callbacks._wakeup import Listens
from .retry import RetryPolicy

T = TypeVar("T")


@frozen
class SendRequest:
    """Send this request once and give back the answer, read to its end."""

    arguments: RequestArguments
    timeout: float | None = None
    """Seconds that the whole exchange may take; None leaves the client's own timeout."""


@define(eq=False)
class OpenedDownload:
    """An answer of the storage whose body is still to come: Receive gives it piece by piece, Close
    ends it.
    """

    response: httpx.Response
    chunks: Iterator[bytes] | AsyncIterator[bytes] = field(repr=False)
    release: Callable[[], object] | None = field(repr=False, default=None)
    """Gives back the place among the client's transfers, once."""


@frozen
class OpenDownload:
    """Get this URL, which is not the API's, without key and without the client's own headers; the
    answer is Opened.

    Redirects are not followed. Raises AddressRefused for a URL that the client does not contact.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str]
    redirected: bool = False
    """Whether the URL is not from the API but from a redirect: it must be https then."""
    queued: bool = True
    """Whether it waits for one of the client's places for transfers, which are limited."""


@frozen
class ReadChunk:
    """Give the next bytes of the body, none at its end."""

    opened: OpenedDownload


@frozen
class CloseDownload:
    """End the transfer, at its end or before. The driver does so by itself when a flow is left in
    the middle.
    """

    opened: OpenedDownload


@frozen
class PutFile:
    """Put this content to this URL, which is not the API's, without key and without the client's
    own headers.

    The answer comes read. Raises AddressRefused for a URL that the client does not contact, and
    what `chunks` raises.
    """

    url: str = field(repr=False)
    chunks: Callable[[], Generator[bytes, None, None]] = field(repr=False)
    headers: Mapping[str, str]
    seconds: float
    """For the whole transfer, and for the storage's answer."""
    on_sent: Callable[[int], object] = field(repr=False)
    """Called with the size of every piece that went out."""


@frozen
class RunBlocking:
    """Call this function, which may block for a while, and give back what it returns."""

    function: Callable[[], object]


@frozen
class WithLock:
    """Carry out this flow while no other of the same key goes on in this client. The answer is what
    it returns.
    """

    key: object
    flow: Flow[Any]


Transfer = OpenDownload | ReadChunk | CloseDownload | PutFile | RunBlocking | WithLock


@frozen
class Poll:
    """Give the run's state as soon as it is another than `progress`. Moments are monotonic seconds.

    The answer is None where the driver has no company for the run to be asked for together with, or
    where the company does not see it at `due`: the flow then asks by itself. It is NO_NEWS where
    the flow is to begin its look anew.
    """

    run_id: str
    client_ref: str
    progress: object
    due: float
    until: float
    """When the state is to be given although it is the same; not before `due`."""
    waiter: object = field(repr=False)
    """Whose wait this is, the same at each of its polls: several may wait for one run."""


NO_NEWS: Final = object()
"""An answer to Poll: nothing was seen."""


@frozen
class Listen:
    """Wait for the subject's callback, at most so many seconds. The answer is the event, or
    None.
    """

    source: Listens
    subject_id: str
    seconds: float


@frozen
class Sleep:
    """Wait that many seconds."""

    seconds: float


@frozen
class Emit:
    """Tell whoever listens of a new state."""

    state: object


Command = SendRequest | Transfer | Listen | Poll | Sleep | Emit


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
    """Send once and give back the answer, whatever its status. Raises what the HTTP library
    raises.
    """
    answer = yield SendRequest(arguments, timeout)
    assert isinstance(answer, httpx.Response), "a driver answers Send with a response"
    return answer


def sleep(seconds: float) -> Flow[None]:
    """Wait that many seconds; nothing at all for zero or less."""
    if seconds > 0:
        yield Sleep(seconds)
