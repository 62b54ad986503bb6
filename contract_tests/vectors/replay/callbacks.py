"""Replays callback vectors against the client's verification and the payload models."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from runflow_api import models
from runflow_api.errors import DecodingError
from runflow_client import callbacks

from ..client.annotations import annotation_differences
from ..client.operations import generated_operation
from ..comparison.date_times import parse_date_time
from ..comparison.json_values import json_differences
from ..document import ConformanceDocument
from ..files import Vector
from .responses import body_differences

_MODELS: Final[dict[str, Any]] = {
    "create_run": models.CallbackPayload,
    "create_batch": models.BatchCallbackPayload,
}
_REFUSALS: Final[dict[str, type[callbacks.CallbackError]]] = {
    "signature_missing": callbacks.SignatureMissing,
    "malformed_signature": callbacks.MalformedSignature,
    "signature_mismatch": callbacks.SignatureMismatch,
    "body_unreadable": callbacks.BodyUnreadable,
    "not_an_event": callbacks.NotAnEvent,
}
_EVENTS: Final[dict[str, type[callbacks.CallbackEvent]]] = {
    "run.completed": callbacks.RunCompletedEvent,
    "run.failed": callbacks.RunFailedEvent,
    "run.cancelled": callbacks.RunCanceledEvent,
    "run.canceled": callbacks.RunCanceledEvent,
    "run.partial_succeeded": callbacks.RunPartiallySucceededEvent,
    "batch.succeeded": callbacks.BatchSucceededEvent,
    "batch.completed": callbacks.BatchSucceededEvent,
    "batch.failed": callbacks.BatchFailedEvent,
    "batch.cancelled": callbacks.BatchCanceledEvent,
    "batch.canceled": callbacks.BatchCanceledEvent,
    "batch.partial_succeeded": callbacks.BatchPartiallySucceededEvent,
}


def callback_differences(vector: Vector, document: ConformanceDocument) -> Iterator[str]:
    """Yield every difference between the client and the vector."""
    raw = cast(str, vector["text"]).encode()
    headers: dict[str, str] = vector["headers"]
    for said, spelled in (
        ("as sent", headers),
        ("lower case", {name.lower(): headers[name] for name in headers}),
    ):
        yield from (
            f"verify, {said}: {one}" for one in _verification_differences(vector, raw, spelled)
        )
    if vector["expect"] == "event":
        yield from (
            f"model: {one}" for one in _model_differences(vector, document, json.loads(raw))
        )


def _verification_differences(
    vector: Vector, raw: bytes, headers: Mapping[str, str]
) -> Iterator[str]:
    body = json.loads(raw) if vector["expect"] == "event" else None
    id_name = "run_id" if vector["operation"].endswith("/runs") else "batch_id"
    try:
        event = callbacks.verify(raw, headers, cast("list[str]", vector["secrets"]))
    except callbacks.CallbackError as refusal:
        wanted = _REFUSALS.get(vector.get("reason", ""))
        no_event = not isinstance(body, dict) or not isinstance(
            cast("dict[str, Any]", body).get("event"), str
        )
        no_id = isinstance(body, dict) and not isinstance(
            cast("dict[str, Any]", body).get(id_name), str
        )
        if vector["expect"] == "event" and not (
            type(refusal) is callbacks.NotAnEvent and (no_event or no_id)
        ):
            yield f"refused: {refusal!r}"
        elif vector["expect"] == "refused" and type(refusal) is not wanted:
            yield f"refused with {type(refusal).__name__}, expected {vector['reason']}"
        if any(secret in repr(refusal) for secret in vector["secrets"]):
            yield "the refusal shows the secret"
        return
    if body is None:
        yield f"took it for {event!r}, expected {vector['reason']}"
        return
    if type(event) is not _EVENTS.get(body["event"], callbacks.UnknownEvent):
        yield f"{type(event).__name__} of {body['event']}"
    if event.event != body["event"] or event.request_id != headers.get(
        "Runflow-Request-Id", headers.get("runflow-request-id")
    ):
        yield f"event {event.event}, request id {event.request_id}"
    subject = body.get(id_name)
    if event.subject_id != (subject if isinstance(subject, str) else None):
        yield f"subject_id {event.subject_id}, expected {subject}"
    yield from json_differences(body, dict(event.payload))
    yield from _fact_differences(body, event)


def _fact_differences(body: Mapping[str, Any], event: callbacks.CallbackEvent) -> Iterator[str]:
    for name in ("status", "output", "metadata"):
        value = getattr(event, name)
        kind = str if name == "status" else dict
        wanted = body.get(name) if isinstance(body.get(name), kind) else None
        if (
            dict(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else value
        ) != wanted:
            yield f"{name} is {value!r}"
    for name in ("created_at", "completed_at"):
        said = body.get(name)
        moment = parse_date_time(said) if isinstance(said, str) else None
        if moment is not None and getattr(event, name) != moment:
            yield f"{name} is {getattr(event, name)!r}, expected {moment!r}"
    said = body.get("duration_ms")
    if (
        isinstance(said, int)
        and not isinstance(said, bool)
        and abs(said) < 2**63
        and event.duration_ms != said
    ):
        yield f"duration_ms is {event.duration_ms}, expected {said}"


def _model_differences(
    vector: Vector, document: ConformanceDocument, body: dict[str, Any]
) -> Iterator[str]:
    label: str = vector["operation"]
    model = _MODELS[generated_operation(label).operation.name]
    try:
        parsed = model.from_dict(body)
    except DecodingError as refusal:
        if vector["model"] == "parsed":
            yield f"refused: {refusal}"
        return
    except Exception as error:  # an error of another kind is what is looked for
        yield f"raised {error!r}"
        return
    if vector["model"] == "refused":
        yield f"took {parsed!r}"
        return
    yield from body_differences(document, document.callback_schema(label) or {}, body, parsed)
    yield from annotation_differences(model, parsed)
