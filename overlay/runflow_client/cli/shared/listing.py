"""What the commands that list things share."""

from collections.abc import Callable, Iterable, Iterator, Mapping
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


def both(expression: str | None, equal: Mapping[str, str | None]) -> str | None:
    """Return the filter that joins an expression and fields that must have these values."""
    terms = [] if expression is None else [expression]
    for name, value in equal.items():
        if value is not None:
            if "'" in value or "\\" in value:
                raise Refused(f"{value!r} cannot be looked for: it holds a quote or a backslash")
            terms.append(f"{name}.EQ:'{value}'")
    return " AND ".join(terms) or None


def page_size(limit: int) -> int:
    """Items in one request."""
    return min(limit, _PAGE)


def first(items: Iterable[T], limit: int) -> list[T]:
    """Return the first items, at most `limit`."""
    return list(islice(items, limit))


def newest(
    lists: Callable[..., Iterable[T]], q: str | None, limit: int, since: datetime | None = None
) -> list[T]:
    """Return the newest items that `lists`, a method of the client, has for this filter."""
    found = lists(q=q, sort_by="created_at:desc", page_size=page_size(limit))
    return first(_newer(found, since), limit)


def _newer(items: Iterable[T], since: datetime | None) -> Iterator[T]:
    """Return the items that were created after this moment, of a list that has the newest first."""
    for item in items:
        created = getattr(item, "created_at", None)
        if since is not None and created is not None and created < since:
            return
        yield item


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


def plain(value: Any) -> Any:
    """Return the value of a field of a schema object, None where the server left it out."""
    found = value_or_none(value)
    return getattr(found, "value", found)
