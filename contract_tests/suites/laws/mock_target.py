"""A mock server as a target of the laws."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import httpx
from runflow_client import RetryPolicy, Runflow
from runflow_conformance.laws import (
    CallbackReceiver,
    SecretDetector,
    Target,
    TargetClock,
    raw_client,
)
from runflow_conformance.laws.target import MODEL
from runflow_mock import Fault, MockRunflow, SteppedClock

SETTLING_STEPS = 3  # a delivery has three attempts


@contextmanager
def mock_target(
    faults: Sequence[Fault] = (),
    model: str = MODEL,
    through: Callable[[httpx.BaseTransport], httpx.BaseTransport] | None = None,
) -> Generator[Target, None, None]:
    """Start a mock server on a stepped clock and give it as a target of the laws.

    The faults are active all the time. `through` wraps the transport of every client.
    """
    with MockRunflow(SteppedClock()) as mock, CallbackReceiver() as receiver:
        transport: httpx.BaseTransport = httpx.HTTPTransport()
        detector = SecretDetector(transport if through is None else through(transport))

        def pass_time(seconds: float) -> None:
            mock.advance(seconds)
            for _ in range(SETTLING_STEPS):
                mock.settle()

        def raw(api_key: str) -> httpx.Client:
            return raw_client(detector, mock.base_url, api_key)

        with raw(mock.api_key) as http, httpx.Client(transport=detector) as client_http:
            client = Runflow(
                mock.api_key,
                base_url=mock.base_url,
                http_client=client_http,
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
                secret_detector=detector,
                billed_runs=lambda: [entry.run_id for entry in mock.ledger],
                end_next=mock.next_outcome,
                other_org=raw(
                    mock.keys.add("rf_live_other_org", balance="100", organizations=()).key
                ),
                no_credit=raw(mock.keys.add("rf_live_no_credit", balance="0").key),
                read_only=raw(mock.keys.add("rf_live_read_only", scopes=("runs:read",)).key),
            )
            target.use_receiver(receiver)
            yield target
