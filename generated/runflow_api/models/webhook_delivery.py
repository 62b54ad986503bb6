"""The schema WebhookDelivery."""

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
class WebhookDelivery:
    """One event on its way to a webhook.

    Attributes:
        created_at: When it was created.
    """

    attempts: list[_models.WebhookDeliveryAttempt] | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    event_type_code: str | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    payload: _models.JsonObject | None | Unset = UNSET
    webhook: _models.Webhook | None | Unset = UNSET
    webhook_id: UUID | None | Unset = UNSET
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
            "attempts": self.attempts,
            "created_at": self.created_at,
            "event_type_code": self.event_type_code,
            "id": self.id,
            "payload": self.payload,
            "webhook": self.webhook,
            "webhook_id": self.webhook_id,
        }


def _fill(model: WebhookDelivery, values: Sequence[Any]) -> None:
    (
        model.attempts,
        model.created_at,
        model.event_type_code,
        model.id,
        model.payload,
        model.webhook,
        model.webhook_id,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        WebhookDelivery,
        _fill,
        {
            "attempts": _decoding.optional_or_null(
                "attempts", _decoding.list_of(_models.WebhookDeliveryAttempt.from_dict)
            ),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "event_type_code": _decoding.optional_or_null("event_type_code", _decoding.text),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "payload": _decoding.optional_or_null("payload", _models.JsonObject.from_dict),
            "webhook": _decoding.optional_or_null("webhook", _models.Webhook.from_dict),
            "webhook_id": _decoding.optional_or_null("webhook_id", _decoding.uuid),
        },
    )
