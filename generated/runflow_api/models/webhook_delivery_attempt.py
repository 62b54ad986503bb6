"""The schema WebhookDeliveryAttempt."""

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
class WebhookDeliveryAttempt:
    """One attempt to deliver an event.

    Attributes:
        created_at: When it was created.
        response_time_ms: Milliseconds.
        status_code: HTTP status that the receiver answered.
    """

    attempt_number: int | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    delivery: _models.WebhookDelivery | None | Unset = UNSET
    delivery_id: UUID | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    next_retry_at: datetime.datetime | None | Unset = UNSET
    response_body: str | None | Unset = UNSET
    response_time_ms: int | None | Unset = UNSET
    status_code: int | None | Unset = UNSET
    succeeded: bool | None | Unset = UNSET
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
            "attempt_number": self.attempt_number,
            "created_at": self.created_at,
            "delivery": self.delivery,
            "delivery_id": self.delivery_id,
            "id": self.id,
            "next_retry_at": self.next_retry_at,
            "response_body": self.response_body,
            "response_time_ms": self.response_time_ms,
            "status_code": self.status_code,
            "succeeded": self.succeeded,
        }


def _fill(model: WebhookDeliveryAttempt, values: Sequence[Any]) -> None:
    (
        model.attempt_number,
        model.created_at,
        model.delivery,
        model.delivery_id,
        model.id,
        model.next_retry_at,
        model.response_body,
        model.response_time_ms,
        model.status_code,
        model.succeeded,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        WebhookDeliveryAttempt,
        _fill,
        {
            "attempt_number": _decoding.optional_or_null("attempt_number", _decoding.integer),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "delivery": _decoding.optional_or_null("delivery", _models.WebhookDelivery.from_dict),
            "delivery_id": _decoding.optional_or_null("delivery_id", _decoding.uuid),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "next_retry_at": _decoding.optional_or_null("next_retry_at", _decoding.date_time),
            "response_body": _decoding.optional_or_null("response_body", _decoding.text),
            "response_time_ms": _decoding.optional_or_null("response_time_ms", _decoding.integer),
            "status_code": _decoding.optional_or_null("status_code", _decoding.integer),
            "succeeded": _decoding.optional_or_null("succeeded", _decoding.boolean),
        },
    )
