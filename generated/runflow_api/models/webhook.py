"""The schema Webhook."""

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
class Webhook:
    """A URL that receives the events of the organization.

    Attributes:
        created_at: When it was created.
        updated_at: When it was changed last.
    """

    created_at: datetime.datetime | None | Unset = UNSET
    deliveries: list[_models.WebhookDelivery] | None | Unset = UNSET
    disabled_at: datetime.datetime | None | Unset = UNSET
    event_subscriptions: list[_models.WebhookEventSubscription] | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    last_triggered_at: datetime.datetime | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
    secret_fingerprint: str | None | Unset = UNSET
    updated_at: datetime.datetime | None | Unset = UNSET
    url: str | None | Unset = UNSET
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
            "created_at": self.created_at,
            "deliveries": self.deliveries,
            "disabled_at": self.disabled_at,
            "event_subscriptions": self.event_subscriptions,
            "id": self.id,
            "last_triggered_at": self.last_triggered_at,
            "org_id": self.org_id,
            "secret_fingerprint": self.secret_fingerprint,
            "updated_at": self.updated_at,
            "url": self.url,
        }


def _fill(model: Webhook, values: Sequence[Any]) -> None:
    (
        model.created_at,
        model.deliveries,
        model.disabled_at,
        model.event_subscriptions,
        model.id,
        model.last_triggered_at,
        model.org_id,
        model.secret_fingerprint,
        model.updated_at,
        model.url,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        Webhook,
        _fill,
        {
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "deliveries": _decoding.optional_or_null(
                "deliveries", _decoding.list_of(_models.WebhookDelivery.from_dict)
            ),
            "disabled_at": _decoding.optional_or_null("disabled_at", _decoding.date_time),
            "event_subscriptions": _decoding.optional_or_null(
                "event_subscriptions", _decoding.list_of(_models.WebhookEventSubscription.from_dict)
            ),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "last_triggered_at": _decoding.optional_or_null("last_triggered_at", _decoding.date_time),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "secret_fingerprint": _decoding.optional_or_null("secret_fingerprint", _decoding.text),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
            "url": _decoding.optional_or_null("url", _decoding.text),
        },
    )
