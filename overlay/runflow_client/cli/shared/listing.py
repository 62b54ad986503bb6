"""What the commands that list things share."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import typer

from ..._responses import value_or_none
from .refusals import Refused

T = TypeVar("T")

Limit: TypeAlias = Annotated[int, typer.Option("--limit", min=1, help="At most so many.")]
Filter: TypeAlias = Annotated[
    str | None,
    typer.Option("-q", "--filter", metavar="FILTER", help="Runflow's filter, as it is."),
]

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_PAGE: Final = 100
"""Items in one request at most."""


def first(lists: Callable[..., Iterable[T]], limit: int, *of: str, **filters: Any) -> list[T]:
    """Return the first items that `lists`, a method of the client, has of this, at most `limit`."""
    return list(islice(lists(*of, page_size=min(limit, _PAGE), **filters), limit))


def newest(lists: Callable[..., Iterable[T]], q: str | None, limit: int, **filters: Any) -> list[T]:
    """Return the newest items that `lists`, a method of the client, has for these filters."""
    return first(lists, limit, q=q, sort_by="created_at:desc", **filters)


def read_moment(text: str) -> datetime:
    """Return a moment: `2h` ago, or ISO 8601 such as 2026-11-28T12:00Z. Raises Refused."""
    if text[-1:] in _UNITS and text[:-1].isdecimal():
        try:
            return datetime.now(UTC) - timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
        except OverflowError:
            raise Refused(f"{text} is too long ago") from None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{text!r} is no moment", "Such as 30m, 2h, 7d or 2026-11-28T12:00Z"
        ) from None
    return moment if moment.tzinfo is not None else moment.astimezone()


def joined(*values: object) -> str:
    """Return the values that are known, on one line."""
    return "  ".join(str(value) for value in values if value not in (None, ""))


def plain(value: Any) -> Any:
    """Return the value of a field of a schema object, None where the server left it out."""
    found = value_or_none(value)
    return getattr(found, "value", found)
