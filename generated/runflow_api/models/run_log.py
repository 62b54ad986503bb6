"""The schema RunLog."""

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
class RunLog:
    """One log line of a run.

    Attributes:
        level_code: How serious it is. The list is not published.
        run: The run. Null inside a run.
    """

    id: UUID | None | Unset = UNSET
    level_code: str | None | Unset = UNSET
    message: str | None | Unset = UNSET
    meta: _models.JsonObject | None | Unset = UNSET
    run: _models.Run | None | Unset = UNSET
    run_id: UUID | None | Unset = UNSET
    timestamp: datetime.datetime | None | Unset = UNSET
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
            "id": self.id,
            "level_code": self.level_code,
            "message": self.message,
            "meta": self.meta,
            "run": self.run,
            "run_id": self.run_id,
            "timestamp": self.timestamp,
        }


def _fill(model: RunLog, values: Sequence[Any]) -> None:
    (
        model.id,
        model.level_code,
        model.message,
        model.meta,
        model.run,
        model.run_id,
        model.timestamp,
        model.additional_properties,
    ) = values


@_cache
def _fields() -> _decoding.Fields:
    return _decoding.Fields(
        RunLog,
        _fill,
        {
            "id": _decoding.optional_or_null("id", _decoding.uuid),
            "level_code": _decoding.optional_or_null("level_code", _decoding.text),
            "message": _decoding.optional_or_null("message", _decoding.text),
            "meta": _decoding.optional_or_null("meta", _models.JsonObject.from_dict),
            "run": _decoding.optional_or_null("run", _models.Run.from_dict),
            "run_id": _decoding.optional_or_null("run_id", _decoding.uuid),
            "timestamp": _decoding.optional_or_null("timestamp", _decoding.date_time),
        },
    )
