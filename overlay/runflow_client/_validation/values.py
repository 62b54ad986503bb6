"""Check values that are sent: references, keys, ids, and what JSON can hold."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast
from uuid import UUID, uuid4

from .._errors import InvalidArgument
from .._redaction import show_value
from .checks import with_article, wrong_kind

MAX_CLIENT_REF: Final = 255
"""Characters, from the create body's own limit."""


def check_client_ref(client_ref: object, name: str = "client_ref") -> None:
    """Raise InvalidArgument for a client_ref that the API refuses or that no filter could find
    again. `name` is what the error calls it.
    """
    if (
        not isinstance(client_ref, str)
        or not 0 < len(client_ref) <= MAX_CLIENT_REF
        or client_ref != client_ref.strip()
        or not client_ref.isprintable()
        or "'" in client_ref
    ):
        raise InvalidArgument(
            f"{name} {show_value(client_ref)}: expected 1 to {MAX_CLIENT_REF} printable "
            "characters without a single quote "
            "and without white space at the ends (Runflow strips it), because lists are filtered "
            "by client_ref.EQ:'…'"
        )


_MAX_DEPTH: Final = 100
_MAX_BITS: Final = 14_000
"""Bits of an integer: Python writes no more than 4300 digits."""


def refuse_value(value: object, place: str) -> object:
    """Raise InvalidArgument for a value that JSON does not have, naming its place."""
    raise InvalidArgument(
        f"{place} is {with_article(type(value).__name__)}, which JSON does not have"
    )


def check_json(
    value: object,
    place: str = "input",
    *,
    replace: Callable[[object, str], object] = refuse_value,
) -> Any:
    """Copy the value as plain JSON: dicts, lists, str, int, float, bool, None.

    Tuples become lists, and mappings become dicts. Raises InvalidArgument naming the place
    (`input.images[2]`) of the first thing that JSON cannot hold: bytes, sets, datetimes, NaN,
    infinities, integers of thousands of digits, keys that are not strings, text with lone
    surrogates, nesting without end.

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
        if value is not None and value.bit_length() > _MAX_BITS:
            raise InvalidArgument(f"{place} is an integer of too many digits to be sent")
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
        raise InvalidArgument(f"{place} has the key {show_value(key)}: JSON has only text for keys")
    if not key.isascii():
        _check_text(key, f"a key of {place}")
    return key


def _check_text(value: str, place: str) -> None:
    if not is_encodable(value):
        raise InvalidArgument(
            f"{place} holds half a character (a lone surrogate) and cannot be sent"
        )


def is_encodable(text: str) -> bool:
    """Whether UTF-8 can hold the text: it has no half of a character (a lone surrogate)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_id(name: str, value: str | UUID) -> UUID:
    """Return the id as a UUID. Raises InvalidArgument with the argument's name."""
    if isinstance(value, UUID):
        return value
    try:
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise ValueError
        return UUID(value)
    except ValueError:
        raise InvalidArgument(
            f"{name} is {show_value(value)}: expected a UUID such as "
            "'0198c0de-0000-7000-8000-000000000000'"
        ) from None


def make_idempotency_key() -> str:
    """Make a new key."""
    return str(uuid4())


def check_idempotency_key(key: object) -> None:
    """Raise InvalidArgument for a key that no header can carry."""
    if not isinstance(key, str) or not key or not key.isprintable() or key != key.strip():
        raise InvalidArgument(
            f"idempotency_key {show_value(key)}: expected printable characters without white space "
            "at the ends, at least one"
        )


_SEGMENT: Final = r"[A-Za-z0-9._~-]+"


WORKFLOWS: Final = "comfyui-workflows/"
"""What stands before owner/name where an id means a ComfyUI workflow and not a model."""


def split_model_id(
    model: str, name: str = "model", example: str = "google/nano-banana-pro"
) -> tuple[str, str]:
    """Split `google/nano-banana-pro/edit` into its owner (`google`) and slug
    (`nano-banana-pro/edit`).

    Runflow's model ids have two to five segments. Raises InvalidArgument for an id with fewer than
    two segments, with an empty, `.` or `..` segment (a leading slash among them), or with
    characters that no model id has, such as those of a URL. `name` is the argument's, and `example`
    an id that the message shows.
    """
    if not isinstance(model, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind(name, model, f"an id such as {example!r}")
    segments = model.split("/")
    wrong = [
        segment
        for segment in segments
        if segment in {"", ".", ".."} or re.fullmatch(_SEGMENT, segment) is None
    ]
    if wrong or len(segments) < 2:
        raise InvalidArgument(
            f"{name} is {show_value(model)}: expected owner/name such as {example!r}, "
            "with no empty, '.' or '..' segment and without a host"
        )
    return segments[0], "/".join(segments[1:])


def split_run_id(model: str) -> tuple[str, str]:
    """Split the id of what a run may be of: a model's, or a workflow's behind `WORKFLOWS`.

    Raises what `split_model_id` raises.
    """
    if not (isinstance(model, str) and model.startswith(WORKFLOWS)):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        return split_model_id(model)
    return split_model_id(model.removeprefix(WORKFLOWS), "workflow", "acme/poster")
