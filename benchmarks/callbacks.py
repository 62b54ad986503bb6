"""Verification of callbacks: beside the bare HMAC it needs, and beside what other vendors' clients
do with theirs.

The peers are no dependencies of anything here, so they get an environment of their own:

    python -m venv build/peers
    build/peers/bin/pip install . openai stripe standardwebhooks svix
    build/peers/bin/python benchmarks/callbacks.py

All are measured in turns, in CPU time, on bodies of about 1 KB; what counts are the ratios within
one run.
"""

import base64
import hashlib
import hmac
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any, Final

from runflow_client import callbacks
from runflow_client.callbacks._signature import is_signed, read_secrets, read_signature
from runflow_client.testing import sign

ROUNDS: Final = 41
CALLS: Final = 500
SIZE: Final = 1024
SECRET: Final = "whsec_" + base64.b64encode(b"the secret of the benchmark 1234").decode()

Task = Callable[[], object]


def body_of(event: dict[str, Any]) -> bytes:
    """The event as a body of SIZE bytes: the rest is a long URL."""
    data = event["data"] if "data" in event else event["output"]["outputs"][0]
    data["url"] = ""
    data["url"] = "https://storage.test/" + "a" * (SIZE - len(json.dumps(event)) - 21)
    return json.dumps(event).encode()


def runflow() -> dict[str, Task]:
    """Ours, and the least that it could be."""
    moment = "2026-05-06T10:00:00.000+00:00"
    body = body_of(
        {
            "event": "run.completed",
            "run_id": "0198c0de-0000-7000-8000-000000000000",
            "status": "succeeded",
            "output": {"outputs": [{"type": "image"}]},
            "duration_ms": 102345,
            "created_at": moment,
            "completed_at": moment,
            "metadata": None,
        }
    )
    signature = sign(body, SECRET)
    headers = {
        "Content-Type": "application/json",
        "Runflow-Signature": signature,
        "Runflow-Request-Id": "req_1",
    }
    key, given, keys = SECRET.encode(), signature.encode(), read_secrets(SECRET)
    return {
        "bare HMAC": lambda: hmac.compare_digest(hmac.digest(key, body, "sha256").hex(), signature),
        "signature": lambda: is_signed(body, given, keys),
        "header and signature": lambda: is_signed(body, read_signature(headers), keys),
        "typed event": lambda: callbacks.verify(body, headers, SECRET),
    }


def peers() -> dict[str, Task]:
    """Theirs: each with an event of its own vendor's. They are imported by name, for nothing here
    depends on them.
    """
    openai: Any = import_module("openai")
    stripe: Any = import_module("stripe")
    standardwebhooks: Any = import_module("standardwebhooks")
    svix: Any = import_module("svix")
    now = datetime.now(UTC)
    standard = body_of(
        {
            "id": "evt_1",
            "object": "event",
            "type": "response.completed",
            "created_at": 1,
            "data": {"id": "r"},
        }
    )
    text = standard.decode()
    signer = standardwebhooks.Webhook(SECRET)
    values = ("msg_1", str(int(now.timestamp())), signer.sign("msg_1", now, text))
    headers = dict(
        zip(("webhook-id", "webhook-timestamp", "webhook-signature"), values, strict=True)
    )
    svix_headers = dict(zip(("svix-id", "svix-timestamp", "svix-signature"), values, strict=True))
    client = openai.OpenAI(api_key="none", webhook_secret=SECRET)
    svix_webhook = svix.Webhook(SECRET)
    bill = body_of(
        {
            "id": "evt_1",
            "object": "event",
            "type": "charge.succeeded",
            "created": 1,
            "data": {"object": {"id": "c"}},
        }
    )
    signed = f"{values[1]}.".encode() + bill
    stripe_header = (
        f"t={values[1]},v1={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"
    )
    return {
        "openai unwrap": lambda: client.webhooks.unwrap(standard, headers),
        "stripe construct_event": lambda: stripe.Webhook.construct_event(
            bill, stripe_header, SECRET
        ),
        "standardwebhooks verify": lambda: signer.verify(text, headers),
        "svix verify": lambda: svix_webhook.verify(text, svix_headers),
    }


def seconds(task: Task) -> float:
    """CPU time of one call, from CALLS of them."""
    began = time.process_time()
    for _ in range(CALLS):
        task()
    return (time.process_time() - began) / CALLS


def main() -> None:
    """Measure in turns and print microseconds and ratios."""
    tasks = runflow() | peers()
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(ROUNDS):
        for name, task in tasks.items():
            times[name].append(seconds(task))

    def faster(name: str, than: str) -> float:
        return statistics.median(
            slow / fast for slow, fast in zip(times[than], times[name], strict=True)
        )

    print(
        ", ".join(
            f"{name} {version(name)}" for name in ("openai", "stripe", "standardwebhooks", "svix")
        )
    )
    for name, measured in times.items():
        print(
            f"{name:24} {statistics.median(measured) * 1e6:8.2f} us"
            f"   rate against bare HMAC {faster(name, 'bare HMAC'):5.2f}"
            f"   typed event is {faster('typed event', name):6.2f} times as fast"
        )


if __name__ == "__main__":
    main()
