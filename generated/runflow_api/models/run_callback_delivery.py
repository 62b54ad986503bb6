"""The schema RunCallbackDelivery."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from functools import cache as _cache
from typing import Any, Self
from uuid import UUID

from attrs import define as _define
from attrs import field as _field

from .. import decoding as _decoding
from .. import encoding as _encoding
from .. import models as _models
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class RunCallbackDelivery:
    """One delivery of the callback of a run.

    Attributes:
        callback_url: Receives one POST when the work is terminal.
        completed_at: When it became terminal.
        created_at: When it was created.
        is_automatic: False for a redelivery.
        payload_bytes: The body exactly as it is sent.
        status_code: Where the delivery stands. The list is not published.
        updated_at: When it was changed last.
    """

    attempt_count: int | None | Unset = UNSET
    attempts: list[_models.CallbackAttempt] | None | Unset = UNSET
    callback_url: str | None | Unset = UNSET
    completed_at: datetime.datetime | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    failure_detail: str | None | Unset = UNSET
    failure_reason_code: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    is_automatic: bool | None | Unset = UNSET
    max_attempts: int | None | Unset = UNSET
    next_attempt_at: datetime.datetime | None | Unset = UNSET
    payload: _models.CallbackPayload | None | Unset = UNSET
    payload_bytes: str | None | Unset = UNSET
    run_id: UUID | None | Unset = UNSET
    signing_secret_id: UUID | None | Unset = UNSET
    status_code: str | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _field(init=False, factory=lambda: {})

    def to_dict(self) -> dict[str, Any]:
        """Give the JSON object: every field that is set, and additional_properties."""
        return _encoding.json_object(self._named(), self.additional_properties)

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Read a JSON object.

        Raises:
            DecodingError: it is not an object, a required field is missing, or a value is of another kind.
        """
        return _fields().read(cls, source)

    @classmethod
    def from_part(cls, source: Mapping[str, Any]) -> Self:
        """Read what can be read of a JSON object: the rest is kept in additional_properties as it came.

        A required field that is missing is UNSET.

        Raises:
            DecodingError: it is not an object.
        """
        return _fields().read_part(cls, source)

    def __repr__(self) -> str:
        return _representation(self)

    def _named(self) -> dict[str, Any]:
        return {
            "attempt_count": self.attempt_count,
            "attempts": self.attempts,
            "callback_url": self.callback_url,
            "completed_at": self.completed_at,
            "created_at": self.created_at,
            "failure_detail": self.failure_detail,
            "failure_reason_code": self.failure_reason_code,
            "id": self.id,
            "is_automatic": self.is_automatic,
            "max_attempts": self.max_attempts,
            "next_attempt_at": self.next_attempt_at,
            "payload": self.payload,
            "payload_bytes": self.payload_bytes,
            "run_id": self.run_id,
            "signing_secret_id": self.signing_secret_id,
            "status_code": self.status_code,
            "updated_at": self.updated_at,
        }


def _fill(model: RunCallbackDelivery, values: Sequence[Any]) -> None:
    (
        model.attempt_count,
        model.attempts,
        model.callback_url,
        model.completed_at,
        model.created_at,
        model.failure_detail,
        model.failure_reason_code,
        model.id,
        model.is_automatic,
        model.max_attempts,
        model.next_attempt_at,
        model.payload,
        model.payload_bytes,
        model.run_id,
        model.signing_secret_id,
        model.status_code,
        model.updated_at,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        RunCallbackDelivery,
        _fill,
        {
            "attempt_count": _decoding.optional_or_null("attempt_count", _decoding.integer),
            "attempts": _decoding.optional_or_null("attempts", _decoding.list_of(_models.CallbackAttempt.from_dict)),
            "callback_url": _decoding.optional_or_null("callback_url", _decoding.text),
            "completed_at": _decoding.optional_or_null("completed_at", _decoding.date_time),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "failure_detail": _decoding.optional_or_null("failure_detail", _decoding.text),
            "failure_reason_code": _decoding.optional_or_null("failure_reason_code", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "is_automatic": _decoding.optional_or_null("is_automatic", _decoding.boolean),
            "max_attempts": _decoding.optional_or_null("max_attempts", _decoding.integer),
            "next_attempt_at": _decoding.optional_or_null("next_attempt_at", _decoding.date_time),
            "payload": _decoding.optional_or_null("payload", _models.CallbackPayload.from_dict),
            "payload_bytes": _decoding.optional_or_null("payload_bytes", _decoding.text),
            "run_id": _decoding.optional_or_null("run_id", _decoding.uuid),
            "signing_secret_id": _decoding.optional_or_null("signing_secret_id", _decoding.uuid),
            "status_code": _decoding.optional_or_null("status_code", _decoding.text),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
        },
    )
