"""Where the laws are tried: a server, a client of it whose waiting moves the server's time, and what can be seen besides."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import RetryPolicy, Runflow
from runflow_mock import Fault, MockRunflow, SteppedClock

from .callback_receiver import CallbackReceiver, ReceivedCallback

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "the laws"}
# Not every model takes batches.
BATCH_MODEL, BATCH_INPUT = "runflow/skin-fix", {"image_url": "https://example.com/picture.png"}
SETTLING_STEPS = 3  # a delivery has three attempts


def _no_callbacks() -> list[ReceivedCallback]:
    return []


class SecretDetector(httpx.BaseTransport):
    """A transport that remembers in which answers a known secret was shown."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport
        self.secrets: list[str] = []
        self.leaks: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on; look through the answer for every known secret."""
        response = self._transport.handle_request(request)
        response.read()
        text = response.text + str(response.headers)
        if any(secret in text for secret in self.secrets):
            self.leaks.append(f"{request.method} {request.url.path}")
        return httpx.Response(
            response.status_code, headers=response.headers, content=_raw(response)
        )

    def close(self) -> None:
        """Close the wrapped transport."""
        self._transport.close()


def _raw(response: httpx.Response) -> bytes:
    if "content-encoding" in response.headers:
        del response.headers["content-encoding"]
    return response.content


@define(kw_only=True)
class Target:
    """What the laws need of a server.

    `pass_time(seconds)` lets its runs live: a stepped clock's `advance`, or a real sleep. `billed` gives the ids of the runs
    that were billed, one for each billing; None where there is no such book. `callback_url` is where it can call back, None
    for nowhere, `received` what came since it was asked last, and `refuse_next(count)` lets that many callbacks be answered
    with 503. `http` sends raw requests with the client's key, `stranger` with the key of another organization, `no_credit`
    with that of one without credit, `reader` with a key of the client's organization that may only read runs.
    `end_next(status)` lets the next run end with this status. What a server cannot offer is None: the laws that need it are
    not tried there.
    """

    client: Runflow
    http: httpx.Client
    model: str = MODEL
    input: Mapping[str, Any] = field(factory=lambda: dict[str, Any](INPUT))
    batch_model: str = BATCH_MODEL
    batch_input: Mapping[str, Any] = field(factory=lambda: dict[str, Any](BATCH_INPUT))
    pass_time: Callable[[float], object]
    secret_detector: SecretDetector
    billed_runs: Callable[[], list[str]] | None = None
    callback_url: str | None = None
    received: Callable[[], list[ReceivedCallback]] = _no_callbacks
    refuse_next: Callable[[int], object] | None = None
    end_next: Callable[[str], object] | None = None
    other_org: httpx.Client | None = None
    no_credit: httpx.Client | None = None
    read_only: httpx.Client | None = None

    def use_receiver(self, receiver: CallbackReceiver) -> None:
        """Let the server call back there."""
        self.callback_url, self.received, self.refuse_next = (
            receiver.url,
            receiver.take,
            receiver.refuse_next,
        )


class TargetClock:
    """A client's clock: waiting lets the server's time go on, and no real time passes but what `pass_time` takes."""

    def __init__(self, pass_time: Callable[[float], object]) -> None:
        self._pass_time = pass_time
        self._seconds = 0.0

    def now(self) -> float:
        """Return the seconds waited so far."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Let that many seconds pass on the server."""
        self._seconds += seconds
        self._pass_time(seconds)


def raw_client(
    transport: httpx.BaseTransport, base_url: str, api_key: str, timeout: float = 5.0
) -> httpx.Client:
    """A client that sends what it is given, with this key. `timeout` is in seconds."""
    headers = {"Authorization": f"Bearer {api_key}"}
    return httpx.Client(transport=transport, base_url=base_url, headers=headers, timeout=timeout)


@contextmanager
def mock_target(
    faults: Sequence[Fault] = (),
    model: str = MODEL,
    through: Callable[[httpx.BaseTransport], httpx.BaseTransport] | None = None,
) -> Generator[Target, None, None]:
    """A mock server on a stepped clock, with these faults switched on for as long as it runs.

    `through` may wrap the transport: what it changes, the laws must see.
    """
    with MockRunflow(SteppedClock()) as mock, CallbackReceiver() as receiver:
        wire: httpx.BaseTransport = httpx.HTTPTransport()
        watch = SecretDetector(wire if through is None else through(wire))

        def pass_time(seconds: float) -> None:
            mock.advance(seconds)
            for _ in range(SETTLING_STEPS):
                mock.settle()

        def raw(api_key: str) -> httpx.Client:
            return raw_client(watch, mock.base_url, api_key)

        with raw(mock.api_key) as http, httpx.Client(transport=watch) as of_the_client:
            client = Runflow(
                mock.api_key,
                base_url=mock.base_url,
                http_client=of_the_client,
                clock=TargetClock(pass_time),
                retries=RetryPolicy(attempts=8),
            )
            for fault in faults:
                mock.faults.add(fault)
            target = Target(
                client=client,
                http=http,
                model=model,
                pass_time=pass_time,
                secret_detector=watch,
                billed_runs=lambda: [entry.run_id for entry in mock.ledger],
                end_next=mock.next_outcome,
                other_org=raw(
                    mock.keys.add("rf_live_stranger", balance="100", organizations=()).key
                ),
                no_credit=raw(mock.keys.add("rf_live_penniless", balance="0").key),
                read_only=raw(mock.keys.add("rf_live_reader", scopes=("runs:read",)).key),
            )
            target.use_receiver(receiver)
            yield target
