"""What can be sent as JSON, checked before anything is sent."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from .errors import InvalidArgument

_DEEPEST = 100


def check_json(value: object, place: str = "input", *, leave: Callable[[object], bool] | None = None) -> Any:
    """The value as plain JSON: dicts, lists, str, int, float, bool, None; tuples become lists and mappings dicts.

    Raises InvalidArgument naming the place (`input.images[2]`) of the first thing that JSON cannot hold: bytes, sets,
    datetimes, NaN, infinities, keys that are not strings, text with lone surrogates, nesting without end. What `leave`
    says True to stays as it is: files, which are uploaded and replaced before anything is sent.
    """
    return _check(value, place, _DEEPEST, leave)


def _check(value: object, place: str, depth: int, leave: Callable[[object], bool] | None) -> Any:
    if depth == 0:
        raise InvalidArgument(f"{place.partition('.')[0]} is nested deeper than {_DEEPEST} levels, or holds itself")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        if not value.isascii():
            _check_text(value, place)
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise InvalidArgument(f"{place} is {value}, which JSON does not have")
        return value
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        return {_key(key, place): _check(member, f"{place}.{key}", depth - 1, leave) for key, member in members.items()}
    if isinstance(value, list | tuple):
        sequence = cast("Sequence[object]", value)
        return [_check(member, f"{place}[{number}]", depth - 1, leave) for number, member in enumerate(sequence)]
    if leave is not None and leave(value):
        return value
    raise InvalidArgument(f"{place} is a {type(value).__name__}, which JSON does not have")


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise InvalidArgument(f"{place} has the key {key!r}: JSON has only text for keys")
    if not key.isascii():
        _check_text(key, f"a key of {place}")
    return key


def _check_text(value: str, place: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(f"{place} holds half a character (a lone surrogate) and cannot be sent") from None
