"""Edge cases of callbacks: those to refuse, with the reason, and odd ones to accept."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any, Final

from ..document import ConformanceDocument
from ..files import Vector
from ..samples import Sampler

SIGNATURE: Final = "Runflow-Signature"
REQUEST_ID: Final = "Runflow-Request-Id"
SECRET: Final = "whsec_vectors_current"
_PREVIOUS: Final = "whsec_vectors_previous"
_EVENTS: Final = (
    "completed",
    "succeeded",
    "failed",
    "cancelled",
    "canceled",
    "partial_succeeded",
    "newer_than_the_client",
)


def callback_edges(document: ConformanceDocument) -> Iterator[Vector]:
    """Yield the edge cases of every documented callback, without ids."""
    for label in document.operations:
        schema = document.callback_schema(label)
        if schema is None:
            continue
        body: dict[str, Any] = Sampler(document).body(schema, optional=True)
        prefix = str(body["event"]).partition(".")[0]
        for name in _EVENTS:
            said = json.dumps({**body, "event": f"{prefix}.{name}"})
            yield _vector(label, f"the event {prefix}.{name}", said, _signature(said))
        text = json.dumps(body)
        right = _signature(text)
        pretty = json.dumps({**body, "metadata": {"é": "模"}}, indent=2, ensure_ascii=False)
        yield _vector(
            label, "raw bytes are signed, whatever their spelling", pretty, _signature(pretty)
        )
        yield _vector(
            label,
            "signed with the previous of two secrets",
            text,
            _signature(text, _PREVIOUS),
            two=True,
        )
        yield _vector(label, "signed with the current of two secrets", text, right, two=True)
        yield from _refused(label, text, right)


def _refused(label: str, text: str, right: str) -> Iterator[Vector]:
    wrong = (
        ("no signature", None, "signature_missing"),
        ("an empty signature", "", "malformed_signature"),
        ("upper case", right.upper(), "malformed_signature"),
        ("a prefix", f"sha256={right}", "malformed_signature"),
        ("base64", "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqo=", "malformed_signature"),
        ("another secret", _signature(text, "whsec_of_somebody_else"), "signature_mismatch"),
        (
            "the secret without its prefix",
            _signature(text, SECRET.removeprefix("whsec_")),
            "signature_mismatch",
        ),
        ("the signature of another body", _signature(text + " "), "signature_mismatch"),
    )
    for note, signature, reason in wrong:
        yield {**_vector(label, note, text, signature), "expect": "refused", "reason": reason}
    for note, content, reason in (
        ("no JSON", "run.completed", "body_unreadable"),
        ("JSON cut short", text[:-1], "body_unreadable"),
        ("a list", f"[{text}]", "not_an_event"),
        ("no event", "{}", "not_an_event"),
        ("an event that is a number", '{"event": 1}', "not_an_event"),
    ):
        yield {
            **_vector(label, note, content, _signature(content)),
            "expect": "refused",
            "reason": reason,
        }


def _vector(
    label: str, note: str, text: str, signature: str | None, *, two: bool = False
) -> Vector:
    signed = {} if signature is None else {SIGNATURE: signature}
    return {
        "operation": label,
        "phase": "edge",
        "note": note,
        "headers": {**signed, REQUEST_ID: "req_1"},
        "secrets": [SECRET, _PREVIOUS] if two else [SECRET],
        "text": text,
        "expect": "event",
        "model": "parsed",
    }


def _signature(text: str, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
