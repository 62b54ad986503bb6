"""Compares JSON values: types must be equal, strings with a format may differ in spelling."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from ..document import is_array
from .date_times import parse_date_time

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_MAX_LENGTH = 120  # characters of a value in a difference


def json_differences(expected: Any, found: Any, place: str = "") -> Iterator[str]:
    """Yield every difference with its location.

    Equal are: 1 and 1.0, the same parse_date_time (offset included) in two spellings, a UUID in
    either case.
    """
    if is_array(expected) and is_array(found):
        if len(expected) != len(found):
            yield f"{place}: {len(found)} items, expected {len(expected)}"
        for index, (item, other) in enumerate(zip(expected, found, strict=False)):
            yield from json_differences(item, other, f"{place}/{index}")
    elif isinstance(expected, dict) and isinstance(found, dict):
        left, right = cast("dict[str, Any]", expected), cast("dict[str, Any]", found)
        for name in left:
            if name in right:
                yield from json_differences(left[name], right[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}: {_excerpt(left[name])} is missing"
        for name in right.keys() - left.keys():
            yield f"{place}/{name}: {_excerpt(right[name])} is unexpected"
    elif not _same(cast(object, expected), cast(object, found)):
        wanted = _excerpt(cast(object, expected))
        yield f"{place or '/'}: {_excerpt(cast(object, found))}, expected {wanted}"


def same_text(expected: str, found: str) -> bool:
    """Return whether two strings are equal, one instant with one offset, or one UUID."""
    if expected == found:
        return True
    if _UUID.fullmatch(expected) and _UUID.fullmatch(found):
        return expected.lower() == found.lower()
    moment, other = parse_date_time(expected), parse_date_time(found)
    return (
        moment is not None
        and other is not None
        and moment == other
        and moment.utcoffset() == other.utcoffset()
    )


def _same(expected: object, found: object) -> bool:
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    if isinstance(expected, str) and isinstance(found, str):
        return same_text(expected, found)
    return expected == found and (
        type(expected) is type(found) or isinstance(expected, int | float)
    )


def _excerpt(value: object) -> str:
    return json.dumps(value, ensure_ascii=True, default=repr)[:_MAX_LENGTH]
