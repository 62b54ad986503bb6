"""The schema CreditBalance."""

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
from ..representation import representation as _representation
from ..types import UNSET, Unset


@_define(kw_only=True, repr=False)
class CreditBalance:
    """The credit of an organization.

    Attributes:
        balance: As a decimal string.
        created_at: When it was created.
        low_balance_threshold: As a decimal string.
        updated_at: When it was changed last.
    """

    balance: str | None | Unset = UNSET
    created_at: datetime.datetime | None | Unset = UNSET
    id: UUID | None | Unset = UNSET
    low_balance_notified_at: datetime.datetime | None | Unset = UNSET
    low_balance_threshold: str | None | Unset = UNSET
    org_id: UUID | None | Unset = UNSET
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
            "balance": self.balance,
            "created_at": self.created_at,
            "id": self.id,
            "low_balance_notified_at": self.low_balance_notified_at,
            "low_balance_threshold": self.low_balance_threshold,
            "org_id": self.org_id,
            "updated_at": self.updated_at,
        }


def _fill(model: CreditBalance, values: Sequence[Any]) -> None:
    (
        model.balance,
        model.created_at,
        model.id,
        model.low_balance_notified_at,
        model.low_balance_threshold,
        model.org_id,
        model.updated_at,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        CreditBalance,
        _fill,
        {
            "balance": _decoding.optional_or_null("balance", _decoding.text),
            "created_at": _decoding.optional_or_null("created_at", _decoding.date_time),
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "low_balance_notified_at": _decoding.optional_or_null("low_balance_notified_at", _decoding.date_time),
            "low_balance_threshold": _decoding.optional_or_null("low_balance_threshold", _decoding.text),
            "org_id": _decoding.optional_or_null("org_id", _decoding.uuid),
            "updated_at": _decoding.optional_or_null("updated_at", _decoding.date_time),
        },
    )
