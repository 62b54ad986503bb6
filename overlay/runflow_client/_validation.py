"""Checks of arguments. Each raises InvalidArgument before anything is sent."""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID, uuid4

from ._errors import InvalidArgument

MAX_CLIENT_REF: Final = 255
"""Characters, from the create body's own limit."""


def check_client_ref(client_ref: object) -> None:
    """Raise InvalidArgument for a client_ref that the API refuses or that no filter could find
    again.
    """
    if (
        not isinstance(client_ref, str)
        or not 0 < len(client_ref) <= MAX_CLIENT_REF
        or client_ref != client_ref.strip()
        or not client_ref.isprintable()
        or "'" in client_ref
    ):
        raise InvalidArgument(
            f"client_ref {client_ref!r}: expected 1 to {MAX_CLIENT_REF} printable characters "
            "without a single quote "
            "and without white space at the ends (Runflow strips it), for lists are searched "
            "with client_ref.EQ:'…'"
        )


def check_seconds(name: str, value: float | None) -> float | None:
    """The value, if it is None or a finite number of seconds above zero. Raises InvalidArgument
    otherwise.
    """
    if value is not None and not (math.isfinite(value) and value > 0):
        raise InvalidArgument(
            f"{name} is {value}: expected seconds, finite and above zero, or None for no limit"
        )
    return value


_MAX_DEPTH: Final = 100


def refuse_value(value: object, place: str) -> object:
    """Raise InvalidArgument for a value that JSON does not have, naming its place."""
    raise InvalidArgument(f"{place} is a {type(value).__name__}, which JSON does not have")


def check_json(
    value: object,
    place: str = "input",
    *,
    replace: Callable[[object, str], object] = refuse_value,
) -> Any:
    """Copy the value as plain JSON: dicts, lists, str, int, float, bool, None.

    Tuples become lists, and mappings become dicts. Raises InvalidArgument naming the place
    (`input.images[2]`) of the first thing that JSON cannot hold: bytes, sets, datetimes, NaN,
    infinities, keys that are not strings, text with lone surrogates, nesting without end.

    Args:
        replace: called with a value of a type that JSON does not have and its place, and gives
            what stands there instead, such as the reference of an uploaded file.
    """
    return _check(value, place, _MAX_DEPTH, replace)


def _check(value: object, place: str, depth: int, replace: Callable[[object, str], object]) -> Any:
    if depth == 0:
        raise InvalidArgument(
            f"{place.partition('.')[0]} is nested deeper than {_MAX_DEPTH} levels, or holds itself"
        )
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
        return {
            _key(key, place): _check(member, f"{place}.{key}", depth - 1, replace)
            for key, member in members.items()
        }
    if isinstance(value, list | tuple):
        sequence = cast("Sequence[object]", value)
        return [
            _check(member, f"{place}[{number}]", depth - 1, replace)
            for number, member in enumerate(sequence)
        ]
    return replace(value, place)


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
        raise InvalidArgument(
            f"{place} holds half a character (a lone surrogate) and cannot be sent"
        ) from None


def read_id(kind: str, value: str | UUID) -> UUID:
    """The id as a UUID. Raises InvalidArgument, naming the kind (such as "run id"), for anything
    else.
    """
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise InvalidArgument(
            f"{value!r} is not a {kind}: expected a UUID such as "
            "'0198c0de-0000-7000-8000-000000000000'"
        ) from None


def make_idempotency_key() -> str:
    """A key that nothing else carries."""
    return str(uuid4())


def check_idempotency_key(key: object) -> None:
    """Raise InvalidArgument for a key that no header can carry."""
    if not isinstance(key, str) or not key or not key.isprintable() or key != key.strip():
        raise InvalidArgument(
            f"idempotency_key {key!r}: expected printable characters without white space at the "
            "ends, at least one"
        )


_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)


def split_model_id(model: str) -> tuple[str, str]:
    """Split `google/nano-banana-pro/edit` into its owner (`google`) and slug
    (`nano-banana-pro/edit`).

    Runflow's model ids have two to five segments. Raises InvalidArgument for an id with fewer than
    two segments, with an empty, `.` or `..` segment (a leading slash among them), or with
    characters that no model id has, such as those of a URL.
    """
    segments = model.split("/")
    wrong = [
        segment
        for segment in segments
        if segment in {"", ".", ".."} or _SEGMENT.fullmatch(segment) is None
    ]
    if wrong or len(segments) < 2:
        raise InvalidArgument(
            f"{model!r} is not a model id: expected owner/name such as 'google/nano-banana-pro', "
            "with no empty, '.' or '..' segment and without a host."
        )
    return segments[0], "/".join(segments[1:])


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise InvalidArgument for a value that is not one of these words, spelt exactly so."""
    if not isinstance(value, str) or value not in choices:
        expected = " or ".join(repr(choice) for choice in choices)
        raise InvalidArgument(f"{name} is {value!r}: expected {expected}")


def check_numbers(
    owner: object,
    *names: str,
    at_least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    whole: bool = False,
) -> None:
    """Raise InvalidArgument for an attribute of these names that is no finite number within the
    bounds.
    """
    bounds = [
        f"{word} {bound:g}"
        for word, bound in (("at least", at_least), ("above", above), ("below", below))
        if bound is not None
    ]
    for name in names:
        value: object = getattr(owner, name)
        if (
            not isinstance(value, int if whole else int | float)
            or isinstance(value, bool)
            or not math.isfinite(value)
            or (at_least is not None and value < at_least)
            or (above is not None and value <= above)
            or (below is not None and value >= below)
        ):
            kind = "whole number" if whole else "finite number"
            raise InvalidArgument(f"{name} is {value!r}: expected a {kind} {', '.join(bounds)}")
