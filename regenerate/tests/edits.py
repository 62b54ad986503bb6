"""Every small edit of a JSON value: each part taken out, and each value replaced by others."""

import copy
from collections.abc import Iterator
from typing import Any, Final, cast

TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")


def edits(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield a name for each edit, with an edited copy of the value."""
    for way, found in places(value):
        name = "/".join(map(str, way))
        for what, new in _others(way[-1], found):
            changed = copy.deepcopy(value)
            _holder(changed, way)[way[-1]] = new
            yield f"{name} {what}", changed
        changed = copy.deepcopy(value)
        del _holder(changed, way)[way[-1]]
        yield f"{name} is taken out", changed


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


def _holder(value: Any, way: tuple[Any, ...]) -> Any:
    for key in way[:-1]:
        value = value[key]
    return value


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
