"""Every small edit of a JSON value: each part taken out, and each value replaced by others."""

import copy
from collections.abc import Iterator
from typing import Any, Final, cast

TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
_GONE: Final = object()


def edits(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a name for each edit, with an edited copy of the value.

    A copy shares with the value what it does not change: neither is to be changed.
    """
    for way, found in places(value):
        name = "/".join(map(str, way))
        for what, new in _others(way[-1], found):
            yield f"{name} {what}", _edited(value, way, new)
        yield f"{name} is taken out", _edited(value, way, _GONE)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Yield every part of a JSON value with the way to it, the outer before the inner."""
    keys: list[Any] = list(
        cast("dict[str, Any]", value) if isinstance(value, dict) else range(len(value))
    )
    members: list[tuple[Any, Any]] = [(key, value[key]) for key in keys]
    for key, inner in members:
        yield (*way, key), inner
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*way, key))


def _edited(value: Any, way: tuple[Any, ...], new: Any) -> Any:
    changed = copy.copy(value)
    first, *rest = way
    if rest:
        changed[first] = _edited(value[first], tuple(rest), new)
    elif new is _GONE:
        del changed[first]
    else:
        changed[first] = new
    return changed


def _others(key: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what may stand there instead, with a word for it."""
    if isinstance(value, bool):
        yield f"is {not value}", not value
    elif isinstance(value, (int, float)):
        yield "is one less", value - 1
        yield "is one more", value + 1
    elif value in TYPES and key == "type":
        yield "is of another type", "integer" if value != "integer" else "string"
        yield "may be null", [value, "null"]
    elif isinstance(value, str):
        yield "ends otherwise", f"{value}x"
    elif value is not None and not isinstance(value, dict):
        yield from _other_lists([*value])


def _other_lists(value: list[Any]) -> Iterator[tuple[str, Any]]:
    if len(value) > 1:
        yield "is in another order", value[::-1]
    if value and isinstance(value[0], str):
        yield "has one more", [*value, f"{value[-1]}x"]
