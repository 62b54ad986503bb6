"""Selects from many drawn bodies those that add something new."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, cast

from ..document import is_array

MOST_VALUES = 4
"""Different values that are kept for a property of the body itself. Of what is nested: null, and
one value.
"""

Seen = dict[str, set[str]]


def select_bodies(
    bodies: Iterable[tuple[str, Any]], known: Iterable[Any], nested: Seen
) -> list[tuple[str, Any]]:
    """Return the (phase, body) pairs that show something new, the small ones first.

    `known` are bodies that we have. `nested` is what was seen below the top of bodies of any
    schema, and grows: nested schemas are the same ones again and again.
    """
    seen: Seen = {}
    for body in known:
        _shows_something_new(body, seen, nested)
    ordered = sorted(bodies, key=lambda pair: (len(_text(pair[1])), _text(pair[1]), pair[0]))
    return [(phase, body) for phase, body in ordered if _shows_something_new(body, seen, nested)]


def _shows_something_new(body: Any, seen: Seen, nested: Seen) -> bool:
    new = False
    for place, value in _features(body, ""):
        deep = place.count("/") > 1
        parts = [part for part in place.split("/") if part != "[]"]
        values = (
            nested.setdefault("/".join(parts[-2:]), set())
            if deep
            else seen.setdefault(place, set())
        )
        if value not in values and len(values) < MOST_VALUES:
            values.add(value)
            new = True
    return new


def _features(value: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        yield place, "{}" if not members else "{...}"
        for name, inner in members.items():
            yield from _features(inner, f"{place}/{name}")
    elif is_array(value):
        yield place, f"[{min(len(value), 2)}]"
        for inner in value:
            yield from _features(inner, f"{place}/[]")
    elif place.count("/") <= 1:
        yield place, _text(value)
    else:
        yield place, "null" if value is None else "value"


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)
