"""Commands: what a flow asks its driver to do.

A flow is what the client does over time, written once for both colours: a generator that yields
commands and is sent their outcomes. It does no I/O and reads no clock but its context's. This one
asks for the balance, once more after a server error:

    def read_balance(context: Context) -> Flow[str]:
        response = yield SendRequest(get_balance.build_request())
        if response.status_code >= 500:
            yield Sleep(0.5 * context.random())
            response = yield SendRequest(get_balance.build_request())
        return response.json()["balance"]

The driver takes the first command with `flow.send(None)`, sends the request, hands the response
over with `flow.send(response)` and so gets the next command, until StopIteration brings what the
flow returned. The exception of a command that failed is thrown into the flow, at its `yield`. One
driver blocks and the other awaits; flows call flows with `yield from`.

Commands are compared and shown only where something needs it: the code that attrs makes for that is
most of what importing this module costs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import define, evolve, field, frozen
from runflow_api.http_library import httpx
from runflow_api.types import RequestArguments

from .._time import DEFAULT_TIMEOUT
from .client_refs import CreatedIds, SharedClientRefs
from .retry import RetryPolicy

if TYPE_CHECKING:
    from ..callbacks._wakeup import CallbackSource

T = TypeVar("T")

DEFAULT_MAX_BYTES: Final = 2 * 1024**3
"""Bytes of a file that is downloaded."""

READ_MAX_BYTES: Final = 256 * 1024 * 1024
"""Bytes that are taken into memory by default."""

Progress = Callable[[int, int | None], object]
"""Called with the bytes that went so far and the bytes in all, None where that is not known."""


@frozen(eq=False, repr=False)
class SendRequest:
    """Send this request once. The answer is a response with its body read."""

    arguments: RequestArguments
    timeout: float | None = None
    """Seconds for all of it: a permit, the connection, the request, the response. None leaves the
    client's own timeouts for each phase.
    """


@define(eq=False, repr=False)
class OpenedDownload:
    """An answer of the storage whose body is still to come: ReadChunks reads it piece by piece,
    CloseDownload ends it.
    """

    response: httpx.Response
    chunks: Iterator[list[bytes]] | AsyncIterator[list[bytes]]
    release: Callable[[], object] | None = None
    """Releases the permit of the transfer, once."""


@frozen(eq=False, repr=False)
class OpenDownload:
    """Get this URL, which is not the API's, without the key and the client's own headers. The
    answer is an OpenedDownload.

    Redirects are not followed. Raises AddressRefused for a URL that the client does not contact.
    """

    url: str
    headers: Mapping[str, str]
    redirected: bool = False
    """Whether the URL is not from the API but from a redirect: it must be https then."""
    queued: bool = True
    """Whether it waits for one of the client's permits for transfers."""
    max_bytes: int = DEFAULT_MAX_BYTES
    """Bytes that the body may have between two encodings; the flow measures what is decoded."""
    gathered: int = 1
    """Bytes that ReadChunks waits for. With 1, each piece is handed over when it comes."""


@frozen(eq=False, repr=False)
class ReadChunks:
    """Read the next bytes of the body. The answer is a list of pieces, empty at its end.

    It has as many bytes as are to be gathered, or what came within a quarter of a second.
    """

    opened: OpenedDownload


@frozen(eq=False, repr=False)
class CloseDownload:
    """End the transfer, at its end or before. The driver does so by itself when a flow is left in
    the middle.
    """

    opened: OpenedDownload


@frozen(eq=False, repr=False)
class PutFile:
    """Put this content to this URL, which is not the API's, without the key and the client's own
    headers.

    The answer comes read. Raises AddressRefused for a URL that the client does not contact, and
    what `chunks` raises.
    """

    url: str
    chunks: Callable[[], Generator[bytes, None, None]]
    headers: Mapping[str, str]
    seconds: float
    """For the whole transfer, and for the storage's answer."""
    on_sent: Callable[[int], object]
    """Called with the size of every piece that went out."""
    timeout: float | None = None
    """Seconds for all of it, the wait for a permit too."""


@frozen(eq=False, repr=False)
class RunBlocking:
    """Call this function, which may block. The answer is what it returns."""

    function: Callable[[], object]


class LockTimeout(TimeoutError):
    """Another flow had the lock all the time. What callbacks of the caller raise is none of it."""


@frozen(eq=False, repr=False)
class WithLock:
    """Carry out this flow while this client carries out no other with the same key. The answer is
    what it returns.

    Raises LockTimeout if it must wait for the other for longer than `timeout`.
    """

    key: object
    flow: Flow[Any]
    timeout: float | None = None


Transfer = OpenDownload | ReadChunks | CloseDownload | PutFile | RunBlocking | WithLock


@frozen(weakref_slot=False)
class AwaitChange:
    """Wait until this run may have changed. Moments are monotonic seconds.

    The driver decides how: it waits for the run's callback, watches the run together with the
    client's other runs, or only sleeps until `due`. The answer is the callback's event, the run's
    newest state (the generated model) or None: then the flow reads the run by itself.
    """

    run_id: str
    progress: tuple[str | None, int | None, int | None] | None
    """The last one seen. A state that shows another is a change; with None, each state is."""
    created_at: datetime | None
    due: float
    """When the answer is None at the latest, unless the driver sees that nothing has changed."""
    until: float
    """When the answer is None in any case; not before `due`."""
    wakeup: CallbackSource | None = field(default=None, repr=False)
    """Where the callback of this run arrives, if it arrives in this process."""


@frozen(eq=False, repr=False)
class Sleep:
    """Wait that many seconds."""

    seconds: float


@frozen
class Emit:
    """Show the caller this new state."""

    state: object


Command = SendRequest | Transfer | AwaitChange | Sleep | Emit

Flow = Generator[Command, Any, T]


@frozen(slots=False, eq=False, repr=False)  # without slots, for cached_property
class Context:
    """What every flow of one client needs to know."""

    now: Callable[[], float]
    """Monotonic seconds."""
    random: Callable[[], float]
    """A number from 0 up to 1, for jitter."""
    retries: RetryPolicy = field(factory=RetryPolicy)
    timeout: float = DEFAULT_TIMEOUT
    """Seconds that one phase of a request may take."""
    client_refs: SharedClientRefs = field(factory=SharedClientRefs)
    """The creates whose client_ref the caller gave."""
    created: CreatedIds = field(factory=CreatedIds)
    """What the creates of batches, evaluations, secrets and assets got."""

    @cached_property
    def once(self) -> Context:
        """The same context without retries, for flows that repeat the request themselves."""
        return evolve(self, retries=evolve(self.retries, attempts=1))


def send(arguments: RequestArguments, timeout: float | None = None) -> Flow[httpx.Response]:
    """Send once and return the answer, whatever its status. Raises what the HTTP library
    raises.
    """
    answer = yield SendRequest(arguments, timeout)
    assert isinstance(answer, httpx.Response), "a driver answers SendRequest with a response"
    return answer


def sleep(seconds: float) -> Flow[None]:
    """Wait that many seconds; nothing at all for zero or less."""
    if seconds > 0:
        yield Sleep(seconds)
