"""Deliveries as Runflow makes them: body, signature, request id."""

import json
from typing import Any

from runflow_client.callbacks import CallbackEvent, verify
from runflow_client.testing import sign

SECRET = "whsec_of_the_tests"

RUN_ID = "0198c0de-0000-7000-8000-000000000000"


def encode(run_id: str = RUN_ID, event: str = "run.completed", **changes: Any) -> bytes:
    """The body of a callback."""
    payload = {
        "event": event,
        "run_id": run_id,
        "status": "succeeded",
        "output": {"outputs": [{"url": "https://storage.test/a.png", "type": "image"}]},
        "duration_ms": 102345,
        "created_at": "2026-05-06T10:00:00.000+00:00",
        "completed_at": "2026-05-06T10:01:42.000+00:00",
        "metadata": None,
    }
    return json.dumps({**payload, **changes}).encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    """The headers that come with the body."""
    return {
        "Content-Type": "application/json",
        "Runflow-Signature": sign(body, secret),
        "Runflow-Request-Id": "req_1",
    }


def event_of(body: bytes) -> CallbackEvent:
    """The event in the body."""
    return verify(body, signed(body), SECRET)
