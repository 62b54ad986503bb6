"""The inbox's table: one row an event. Moments are seconds since 1970."""

import hashlib
import json
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, MetaData, String, Table, Text

from ..events import CallbackEvent

WAITING: Final = "waiting"
HANDLED: Final = "handled"
SET_ASIDE: Final = "set_aside"

_LONGEST_NAME: Final = 255
_LONGEST_REASON: Final = 2000


def inbox_table(name: str) -> Table:
    """The table of this name, which belongs to no metadata of the application's."""
    return Table(
        name,
        MetaData(),
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
        Column("deduplication", String(64), nullable=False, unique=True),
        Column("event", String(_LONGEST_NAME), nullable=False),
        Column("subject_id", String(_LONGEST_NAME)),
        Column("request_id", String(_LONGEST_NAME)),
        Column("body", LargeBinary, nullable=False),
        Column("received_at", Double, nullable=False),
        Column("state", String(16), nullable=False),
        # From when on a waiting event may be claimed. A claim moves it to the end of its lease: a crash needs no clean-up.
        Column("due_at", Double, nullable=False),
        Column("claim", String(32)),
        Column("attempts", Integer, nullable=False),
        Column("reason", Text),
        Column("settled_at", Double),
        Index(f"{name}_due", "state", "due_at"),
    )


def new_row(event: CallbackEvent, body: bytes, request_id: str | None, now: float) -> dict[str, Any]:
    """The row of an event that has just arrived."""
    return {
        "deduplication": _deduplication(event, body),
        "event": plain(event.event, _LONGEST_NAME),
        "subject_id": None if event.subject_id is None else plain(event.subject_id, _LONGEST_NAME),
        "request_id": None if request_id is None else plain(request_id, _LONGEST_NAME),
        "body": body,
        "received_at": now,
        "state": WAITING,
        "due_at": now,
        "attempts": 0,
    }


def plain(text: str, longest: int = _LONGEST_REASON) -> str:
    """The text as every database can keep it: no NUL, no lone surrogates, not too long."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")[:longest]


def _deduplication(event: CallbackEvent, body: bytes) -> str:
    """A hash, for it fits any index. An event that names no subject is told apart by its whole body."""
    subject, name = event.deduplication_key
    key = body if subject is None else json.dumps([subject, name]).encode()
    return hashlib.sha256(key).hexdigest()
