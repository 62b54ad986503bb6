"""The events that callbacks bring: typed, frozen, tolerant of what is newer than this client."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen
from runflow_api.instants import read_instant

from .._json import as_object, as_text
from ._errors import BodyUnreadable, NotAnEvent
from ._signature import Body


@frozen(kw_only=True)
class CallbackEvent:
    """The end of a run or a batch, as a callback reports it.

    `event` is Runflow's own name of it, `status` the status it ended with. `output` is null, the
    output, or after a failure possibly an error envelope: the documentation has both. Datetimes are
    read as those of answers are: aware, UTC without an offset, a leap second as the second before
    it; None if missing or illegible. `payload` is everything that was sent. The same event may come
    twice: `deduplication_key` is what to remember.
    """

    event: str
    status: str | None
    output: Mapping[str, Any] | None = field(repr=False, hash=False)
    duration_ms: int | None
    created_at: datetime | None
    completed_at: datetime | None
    metadata: Mapping[str, Any] | None = field(repr=False, hash=False)
    request_id: str | None
    payload: Mapping[str, Any] = field(repr=False, hash=False)

    @property
    def subject_id(self) -> str | None:
        """The id of the run or batch; None for an unknown event that names neither."""
        return None

    @property
    def deduplication_key(self) -> tuple[str | None, str]:
        """Equal for two deliveries of the same event, however its name is spelled (canceled,
        cancelled).
        """
        return self.subject_id, _NAMES.get(type(self), self.event)


@frozen(kw_only=True)
class RunEvent(CallbackEvent):
    """Something happened to the run `run_id`."""

    run_id: str

    @property
    def subject_id(self) -> str:
        """The id of the run."""
        return self.run_id


@frozen(kw_only=True)
class RunCompletedEvent(RunEvent):
    """The run succeeded: `output` is what it made."""


@frozen(kw_only=True)
class RunPartiallySucceededEvent(RunEvent):
    """The run made some of its outputs."""


@frozen(kw_only=True)
class RunFailedEvent(RunEvent):
    """The run failed and is not billed."""


@frozen(kw_only=True)
class RunCanceledEvent(RunEvent):
    """The run was canceled."""


@frozen(kw_only=True)
class BatchEvent(CallbackEvent):
    """Something happened to the batch `batch_id`; `output` counts its items."""

    batch_id: str

    @property
    def subject_id(self) -> str:
        """The id of the batch."""
        return self.batch_id


@frozen(kw_only=True)
class BatchSucceededEvent(BatchEvent):
    """Every item succeeded."""


@frozen(kw_only=True)
class BatchPartiallySucceededEvent(BatchEvent):
    """Some items succeeded (the event's name is not documented by Runflow)."""


@frozen(kw_only=True)
class BatchFailedEvent(BatchEvent):
    """The batch failed (the event's name is not documented by Runflow)."""


@frozen(kw_only=True)
class BatchCanceledEvent(BatchEvent):
    """The batch was canceled (the event's name is not documented by Runflow)."""


@frozen(kw_only=True)
class UnknownEvent(CallbackEvent):
    """An event that is newer than this client. Its signature is right; `event` and `payload` say
    what it is.
    """

    @property
    def subject_id(self) -> str | None:
        """The id of the run or batch, where the payload names one."""
        return as_text(self.payload.get("run_id")) or as_text(self.payload.get("batch_id")) or None

    @property
    def deduplication_key(self) -> tuple[str | None, str]:
        """Equal for two deliveries of the same payload: such an event may come often about one run,
        and differ each time.
        """
        payload = json.dumps(self.payload, sort_keys=True).encode()
        return self.subject_id, f"{self.event} {hashlib.sha256(payload).hexdigest()}"


_RUN_EVENTS: Final[dict[str, type[RunEvent]]] = {
    "run.completed": RunCompletedEvent,
    "run.partial_succeeded": RunPartiallySucceededEvent,
    "run.failed": RunFailedEvent,
    "run.cancelled": RunCanceledEvent,
    "run.canceled": RunCanceledEvent,
}
_BATCH_EVENTS: Final[dict[str, type[BatchEvent]]] = {
    "batch.succeeded": BatchSucceededEvent,
    "batch.completed": BatchSucceededEvent,
    "batch.partial_succeeded": BatchPartiallySucceededEvent,
    "batch.failed": BatchFailedEvent,
    "batch.cancelled": BatchCanceledEvent,
    "batch.canceled": BatchCanceledEvent,
}

_NAMES: Final[dict[type[CallbackEvent], str]] = {
    kind: name for name, kind in reversed([*_RUN_EVENTS.items(), *_BATCH_EVENTS.items()])
}
"""The usual name of each event: the first one above."""


def read_event(body: Body, request_id: str | None) -> CallbackEvent:
    """Read the event in a body that was verified. Raises BodyUnreadable or NotAnEvent."""
    try:
        payload = as_object(_DECODER.decode(str(body, "utf-8")))
    except (ValueError, RecursionError) as error:
        raise BodyUnreadable(f"the body is not JSON: {type(error).__name__}") from None
    if payload is None:
        raise NotAnEvent("the body is JSON but not an object")
    name = payload.get("event")
    if not isinstance(name, str):
        raise NotAnEvent("the body names no event")
    common = _common(name, payload, request_id)
    if name in _RUN_EVENTS:
        return _RUN_EVENTS[name](run_id=_subject(payload, "run_id", name), **common)
    if name in _BATCH_EVENTS:
        return _BATCH_EVENTS[name](batch_id=_subject(payload, "batch_id", name), **common)
    return UnknownEvent(**common)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object has two members of one name")
    return members


# made once, for that takes longer than decoding
_DECODER: Final = json.JSONDecoder(object_pairs_hook=_without_duplicates)


def _subject(payload: Mapping[str, Any], key: str, name: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str) or not value:
        raise NotAnEvent(f"the event {name!r} has no {key}")
    return value


def _common(name: str, payload: Mapping[str, Any], request_id: str | None) -> dict[str, Any]:
    return {
        "event": name,
        "status": as_text(payload.get("status")),
        "output": as_object(payload.get("output")),
        "duration_ms": _milliseconds(payload.get("duration_ms")),
        "created_at": read_instant(payload.get("created_at")),
        "completed_at": read_instant(payload.get("completed_at")),
        "metadata": as_object(payload.get("metadata")),
        "request_id": request_id,
        "payload": payload,
    }


def _milliseconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 2**63:
        return None
    return round(value)
