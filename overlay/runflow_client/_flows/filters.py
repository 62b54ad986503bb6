"""Filters of lists by name: what the server compares, and what is compared here.

Public clients of the API filter by equality, `field.EQ:'value'`, joined with AND. Whether the
server compares times is not proven, so times are compared here. What a list shows although it has
another value is left out here, too.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from attrs import frozen
from runflow_api.instants import read_instant

from .._errors import InvalidArgument
from .._models import statuses
from .._redaction import show_value
from .._validation import check_arguments, check_client_ref, read_id

NEWEST_FIRST: Final = "created_at:desc"

_FIELDS: Final = {"status": "status_code", "level": "level_code"}
"""Fields that the API names otherwise."""


@frozen(kw_only=True)
class TimeRange:
    """Moments between two (aware) ones, which do not belong to it. None leaves a side open."""

    after: datetime | None = None
    before: datetime | None = None

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Whether the item was created in this range; one without a readable moment counts."""
        if self.after is None and self.before is None:
            return True
        created = read_instant(item.get("created_at"))
        return created is None or (
            (self.after is None or created > self.after)
            and (self.before is None or created < self.before)
        )

    def is_past(self, items: Sequence[Mapping[str, Any]]) -> bool:
        """Whether these items and all that follow are too old. A list that comes in another order
        is read to its end.
        """
        if self.after is None:
            return False
        moments = [
            moment for item in items if (moment := read_instant(item.get("created_at"))) is not None
        ]
        is_newest_first = moments == sorted(moments, reverse=True)
        return bool(moments) and is_newest_first and moments[0] <= self.after


def time_range(created_after: datetime | None, created_before: datetime | None) -> TimeRange:
    """Return the range. Raises InvalidArgument for a moment without a time zone."""
    check_arguments(created_after=created_after, created_before=created_before)
    return TimeRange(after=created_after, before=created_before)


Wanted = Mapping[str, Sequence[str]]
"""Fields of the API, and the values that each may have."""


def wanted_values(equal: Mapping[str, str | UUID | None], kind: statuses.Kind = "run") -> Wanted:
    """Return the values that these named filters let through.

    `kind` says whose statuses are known: `run`, `batch` or `evaluation`. Raises InvalidArgument for
    an unknown status, an invalid id and text that cannot be quoted.
    """
    return {
        _FIELDS.get(name, name): _values(name, value, kind)
        for name, value in equal.items()
        if value is not None
    }


def joined(q: str | None, wanted: Wanted) -> str | None:
    """Return the `q` that lets through what `q` does and whose fields have these values."""
    terms: list[str] = []
    for field, values in wanted.items():
        found = " OR ".join(f"{field}.EQ:'{value}'" for value in values)
        terms.append(f"({found})" if " OR " in found else found)
    if not terms:
        return q
    return " AND ".join([f"({q})", *terms] if q else terms)


def is_wanted(item: Mapping[str, Any], wanted: Wanted) -> bool:
    """Whether the item has these values; a field that it does not show counts."""
    for field, values in wanted.items():
        shown = item.get(field)
        if isinstance(shown, str) and shown.casefold() not in {one.casefold() for one in values}:
            return False
    return True


def _values(name: str, value: str | UUID, kind: statuses.Kind) -> Sequence[str]:
    if name.endswith("_id"):
        return [str(read_id(name, value))]
    check_arguments(**{name: value})
    text = str(value)
    if name == "client_ref":
        check_client_ref(text)
    elif name == "status":
        return _spellings(text, kind)
    elif not text or not text.isprintable() or "'" in text or "\\" in text:
        raise InvalidArgument(
            f"{name} is {show_value(text)}: a filter takes printable text without quotes and "
            "backslashes"
        )
    return [text]


def _spellings(status: str, kind: statuses.Kind) -> Sequence[str]:
    names = sorted(statuses.names(kind))
    spellings = statuses.CANCELED if statuses.CANCELED.intersection(names) else frozenset[str]()
    if status not in spellings and status not in names:
        raise InvalidArgument(
            f"status is {show_value(status)}: expected one of {', '.join(names)}. A status that is "
            "newer than this client goes into q: q=\"status_code.EQ:'...'\""
        )
    return sorted(spellings) if status in spellings else [status]
