"""The server that the laws are tried on, its clients, and what can be seen of it."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import Runflow

from .callback_receiver import CallbackReceiver, ReceivedCallback

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "the laws"}
# Not every model takes batches.
BATCH_MODEL, BATCH_INPUT = "runflow/skin-fix", {"image_url": "https://example.com/picture.png"}


def _no_callbacks() -> list[ReceivedCallback]:
    return []


class SecretDetector(httpx.BaseTransport):
    """A transport that records which responses repeat a secret. Add the secrets to `secrets`."""

    def __init__(self, transport: httpx.BaseTransport) -> None:
        self._transport = transport
        self.secrets: list[str] = []
        self.leaks: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request and search the response for every secret."""
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
    """A server that the laws are tried on.

    What a server cannot offer is None: laws that need it are not tried on it.

    Args:
        client: a client of the server. Its waiting calls `pass_time`.
        http: sends raw requests with the same key.
        model, input: the model to run, and an input that it accepts.
        batch_model, batch_input: the same for batches: not every model takes them.
        pass_time: lets that many seconds pass on the server: a stepped clock's `advance`, or sleep.
        secret_detector: sees every response.
        billed_runs: returns the id of a run once for each time it was billed.
        callback_url: the URL that the server can call back.
        received: returns the callbacks since the last call.
        refuse_next: answers that many callbacks with 503.
        end_next: makes the next run end with this status.
        other_org: sends raw requests with the key of another organization.
        no_credit: sends raw requests with the key of an organization without credit.
        read_only: sends raw requests with a key of the same organization that may only read runs.
        open_storage: opens a client without a key, for signed URLs.
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
    open_storage: Callable[[], httpx.Client] = httpx.Client

    def use_receiver(self, receiver: CallbackReceiver) -> None:
        """Send the server's callbacks to this receiver."""
        self.callback_url, self.received, self.refuse_next = (
            receiver.url,
            receiver.take,
            receiver.refuse_next,
        )


class TargetClock:
    """A clock for the client: sleeping lets time pass on the server through `pass_time`."""

    def __init__(self, pass_time: Callable[[float], object]) -> None:
        self._pass_time = pass_time
        self._seconds = 0.0

    def now(self) -> float:
        """Return the seconds slept so far."""
        return self._seconds

    def sleep(self, seconds: float) -> None:
        """Let the seconds pass on the server."""
        self._seconds += seconds
        self._pass_time(seconds)


def raw_client(
    transport: httpx.BaseTransport, base_url: str, api_key: str, timeout: float = 5.0
) -> httpx.Client:
    """Return a client for raw requests with this key. `timeout` is in seconds."""
    headers = {"Authorization": f"Bearer {api_key}"}
    return httpx.Client(transport=transport, base_url=base_url, headers=headers, timeout=timeout)
