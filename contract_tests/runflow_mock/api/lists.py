"""Pages of lists: filter, order, projection, cursors.

A cursor contains the sort keys and the id of the row that ended the page before it, not a number of
rows. So rows that are added or removed meanwhile are neither repeated nor skipped.
"""

import base64
import json
import re
from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby

from attrs import frozen

from ..contract.answers import Refusal, invalid
from ..contract.json_types import JsonObject, public
from .filters import parse_filter

DEFAULT_LIMIT = 50
MAX_LIMIT = 500
NEWEST_FIRST = "created_at:desc"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@frozen
class SortKey:
    """One key of an order: which field, and whether the largest comes first."""

    field: str
    descending: bool


def parse_sort(text: str) -> tuple[SortKey, ...]:
    """Return the keys of `sort_by` (`created_at:desc,id`). Raise the 422 if one cannot be read."""
    keys: list[SortKey] = []
    for part in text.split(","):
        field, _, direction = part.strip().partition(":")
        if (
            not field.isidentifier()
            or field.startswith("_")
            or direction.lower() not in ("", "asc", "desc")
        ):
            raise invalid(
                ["query", "sort_by"], f"cannot sort by {part.strip()[:100]!r}", "sort_syntax"
            )
        keys.append(SortKey(field, direction.lower() == "desc"))
    return tuple(keys)


def page(
    rows: Iterable[JsonObject],
    query: JsonObject,
    default_sort: str = NEWEST_FIRST,
    render: Callable[[JsonObject], JsonObject] | None = None,
) -> JsonObject:
    """Return the page that the query asks for: `items`, `first`, `next`, `previous`.

    It reads `q`, `sort_by`, `limit`, `pq`, `from_prev` and `fields`. With `render`, which makes an
    item of a row, `fields` is left to it. Raise the 422 if a parameter cannot be read.
    """
    keys = parse_sort(text_of(query, "sort_by") or default_sort)
    limit = query.get("limit")
    limit = min(max(limit, 1), MAX_LIMIT) if isinstance(limit, int) else DEFAULT_LIMIT
    wanted = text_of(query, "q")
    keeps = parse_filter(wanted) if wanted else None
    found = [row for row in rows if keeps is None or keeps(row)]
    _sort(found, (*keys, SortKey("id", keys[0].descending)))
    start, end = 0, min(limit, len(found))
    cursor = text_of(query, "pq")
    if cursor:
        found_range = _cursor_range(found, _read_cursor(cursor, keys), keys)
        if query.get("from_prev") is True:
            start, end = max(found_range.start - limit, 0), found_range.start
        else:
            start, end = found_range.stop, min(found_range.stop + limit, len(found))
    items = found[start:end]
    return {
        "items": [project(row, query) if render is None else render(row) for row in items],
        "first": _cursor(None, keys),
        "next": _cursor(items[-1], keys) if items and end < len(found) else None,
        "previous": _cursor(items[0], keys) if items and start > 0 else None,
    }


def project(row: JsonObject, query: JsonObject) -> JsonObject:
    """Return the row without private keys, with the fields that the query names if it names any."""
    view = public(row)
    fields = text_of(query, "fields")
    if not fields:
        return view
    names = {name.strip() for name in fields.split(",")}
    return {name: value for name, value in view.items() if name in names}


def embeds_of(query: JsonObject) -> set[str]:
    """Return the relations that the query embeds."""
    return {name.strip() for name in text_of(query, "embed").split(",")}


def text_of(query: JsonObject, name: str) -> str:
    """Return a query parameter that is text, empty if it is missing or blank."""
    value = query.get(name)
    return value.strip() if isinstance(value, str) else ""


def _comparable(value: object) -> tuple[int, float, str]:
    """Return a key that orders the value among values of any type; null comes first."""
    if isinstance(value, str):
        # A point comes before a Z as a letter: with it, half a second would come before none.
        is_instant = value.endswith("Z") and _INSTANT.fullmatch(value)
        return 2, 0.0, value.removesuffix("Z") if is_instant else value
    if value is None:
        return 0, 0.0, ""
    if isinstance(value, bool | int | float):
        return 1, float(value), ""
    return 2, 0.0, json.dumps(value, sort_keys=True)


def _sort(rows: list[JsonObject], keys: tuple[SortKey, ...]) -> None:
    """Sort the rows in place.

    Consecutive keys of one direction are sorted in one pass.
    """
    groups = [
        (descending, [key.field for key in group])
        for descending, group in groupby(keys, _descending)
    ]
    for descending, fields in reversed(groups):
        rows.sort(key=partial(_values, fields), reverse=descending)


def _descending(key: SortKey) -> bool:
    return key.descending


def _values(fields: list[str], row: JsonObject) -> list[tuple[int, float, str]]:
    return [_comparable(row.get(field)) for field in fields]


def _cursor(row: JsonObject | None, keys: tuple[SortKey, ...]) -> str:
    """Return the cursor that points at the row; without a row, before the first one."""
    values = (
        []
        if row is None
        else [_comparable(row.get(field)) for field in (*(key.field for key in keys), "id")]
    )
    content = {"sort": [[key.field, key.descending] for key in keys], "at": values}
    return (
        base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode())
        .decode()
        .rstrip("=")
    )


def _read_cursor(cursor: str, keys: tuple[SortKey, ...]) -> list[tuple[int, float, str]]:
    try:
        content = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        values = [(int(kind), float(number), str(text)) for kind, number, text in content["at"]]
        sort = [SortKey(str(field), bool(descending)) for field, descending in content["sort"]]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        raise _bad_cursor("pq is not a cursor of this list") from None
    if tuple(sort) != keys or len(values) not in (0, len(keys) + 1):
        raise _bad_cursor("pq belongs to a list in another order: keep sort_by as it was")
    return values


def _bad_cursor(message: str) -> Refusal:
    return invalid(["query", "pq"], message, "cursor")


def _cursor_range(
    found: list[JsonObject], values: list[tuple[int, float, str]], keys: tuple[SortKey, ...]
) -> range:
    """Return the rows that the cursor points at: one, or an empty range if that row is gone."""
    if not values:
        return range(0)
    everything = (*keys, SortKey("id", keys[0].descending))

    def before(row: JsonObject, *, or_at: bool) -> bool:
        for key, value in zip(everything, values, strict=True):
            mine = _comparable(row.get(key.field))
            if mine != value:
                return (mine > value) if key.descending else (mine < value)
        return or_at

    return range(
        _count_leading(found, lambda row: before(row, or_at=False)),
        _count_leading(found, lambda row: before(row, or_at=True)),
    )


def _count_leading(found: list[JsonObject], holds: Callable[[JsonObject], bool]) -> int:
    """Return how many leading rows the condition holds for.

    It must hold for no row after the first one for which it does not.
    """
    low, high = 0, len(found)
    while low < high:
        middle = (low + high) // 2
        if holds(found[middle]):
            low = middle + 1
        else:
            high = middle
    return low
