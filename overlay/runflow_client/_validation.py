"""Check arguments: each function raises InvalidArgument, before anything is sent."""

import inspect
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from os import PathLike, fspath
from typing import Any, Final, cast
from uuid import UUID, uuid4

from ._errors import InvalidArgument
from ._redaction import redact

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
            "and without white space at the ends (Runflow strips it), because lists are filtered "
            "by client_ref.EQ:'…'"
        )


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
    """Return the id as a UUID. Raises InvalidArgument with the kind, such as "run id"."""
    if isinstance(value, UUID):
        return value
    try:
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise ValueError
        return UUID(value)
    except ValueError:
        article = "an" if kind.startswith(("a", "e")) else "a"
        raise InvalidArgument(
            f"{redact(repr(value))} is not {article} {kind}: expected a UUID such as "
            "'0198c0de-0000-7000-8000-000000000000'"
        ) from None


def make_idempotency_key() -> str:
    """Make a new key."""
    return str(uuid4())


def check_idempotency_key(key: object) -> None:
    """Raise InvalidArgument for a key that no header can carry."""
    if not isinstance(key, str) or not key or not key.isprintable() or key != key.strip():
        raise InvalidArgument(
            f"idempotency_key {key!r}: expected printable characters without white space at the "
            "ends, at least one"
        )


_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)


WORKFLOWS: Final = "comfyui-workflows/"
"""What stands before owner/name where an id means a ComfyUI workflow and not a model."""


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


def check_arguments(**arguments: object) -> None:
    """Raise InvalidArgument, with the name, for the first argument of another kind.

    An argument's name means the same kind everywhere, so `check_arguments(q=q, cursor=cursor)` at
    the top of a public method is all that the method needs.

    None stands for the default, except where an argument has none.
    """
    for name, value in arguments.items():
        if value is not None or name in _REQUIRED:
            _KINDS[name](name, value)


def check_instance(name: str, value: object, kind: type) -> None:
    """Raise InvalidArgument unless the value is None or an instance of this class."""
    if value is not None and not isinstance(value, kind):
        raise _wrong(name, value, f"a {kind.__name__}, such as {kind.__name__}()")


def check_blocking(**functions: object) -> None:
    """Raise InvalidArgument for a coroutine function, which a synchronous caller never awaits."""
    for name, function in functions.items():
        call = getattr(type(function), "__call__", None)  # noqa: B004 # an object may define it
        if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
            raise InvalidArgument(
                f"{name} is a coroutine function, which would never be awaited here: expected a "
                "plain function"
            )


def check_seconds(name: str, value: object) -> None:
    """Raise InvalidArgument unless the value is None or a finite number of seconds above zero."""
    if value is None:
        return
    number = _number(name, value, "seconds")
    if not (math.isfinite(number) and number > 0):
        raise InvalidArgument(
            f"{name} is {value}: expected seconds, finite and above zero, or None for no limit"
        )


def check_numbers(
    owner: object,
    *names: str,
    at_least: float | None = None,
    above: float | None = None,
    below: float | None = None,
    whole: bool = False,
) -> None:
    """Raise InvalidArgument for the first attribute that is not a number within the bounds."""
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


def check_integer(name: str, value: object, minimum: int = 0) -> None:
    """Raise InvalidArgument unless the value is an integer that is at least the minimum."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(name, value, "an integer")
    if value < minimum:
        raise InvalidArgument(f"{name} is {value}: expected at least {minimum}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise InvalidArgument unless the value is one of these words."""
    if not isinstance(value, str) or value not in choices:
        expected = " or ".join(repr(choice) for choice in choices)
        raise InvalidArgument(f"{name} is {value!r}: expected {expected}")


def _wrong(name: str, value: object, expected: str) -> InvalidArgument:
    if isinstance(value, type):
        given = f"the class {value.__name__}"
    else:
        given = f"of type {type(value).__name__}"
    return InvalidArgument(f"{name} is {given}: expected {expected}")


def _number(name: str, value: object, expected: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if isinstance(value, timedelta):
        expected += f" as a number: pass {name}.total_seconds()"
    elif hasattr(value, "as_dict"):  # an httpx.Timeout
        expected += " as one number, which counts for each phase of a request"
    raise _wrong(name, value, expected)


def _text(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise _wrong(name, value, f"text: pass str({name})")


def _flag(name: str, value: object) -> None:
    if not isinstance(value, bool):
        raise _wrong(name, value, "True or False")


def _function(name: str, value: object) -> None:
    if not callable(value) or isinstance(value, type):
        raise _wrong(name, value, "a function")
    if inspect.isgeneratorfunction(value) or inspect.isasyncgenfunction(value):
        raise InvalidArgument(
            f"{name} is a generator function, of which a call runs nothing: expected a plain "
            "function, without yield"
        )


def _path(name: str, value: object) -> None:
    if not isinstance(value, str | PathLike):
        raise _wrong(name, value, "a path: text or a pathlib.Path")
    if "\0" in fspath(value):  # pyright: ignore[reportUnknownArgumentType]
        raise InvalidArgument(f"{name} is {value!r}: a path has no NUL character")


def _inputs(name: str, value: object) -> None:
    _sequence(name, value)
    for number, item in enumerate(cast("Collection[object]", value)):
        if not isinstance(item, Mapping) and not hasattr(type(item), "MODEL_ID"):
            raise _wrong(f"{name}[{number}]", item, "a dict, or a typed input of the model")


def _mapping(name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        raise _wrong(name, value, "a dict")


def _is_list(value: object) -> bool:
    # texts and mappings are collections too, but meant as one item
    return isinstance(value, Collection) and not isinstance(value, str | bytes | Mapping)


def _sequence(name: str, value: object) -> None:
    if not _is_list(value):
        raise _wrong(name, value, "a list")  # pyright: ignore[reportUnknownArgumentType]


def _hosts(name: str, value: object) -> None:
    _sequence(name, value)
    for host in cast("Collection[object]", value):
        if not isinstance(host, str):
            raise _wrong(name, value, "a list of host names")


def _moment(name: str, value: object) -> None:
    if not isinstance(value, datetime):
        raise _wrong(name, value, "a datetime with a time zone")
    if value.utcoffset() is None:
        raise InvalidArgument(
            f"{name} has no time zone: use datetime.now(UTC) - timedelta(...) or the like"
        )


def _money(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise _wrong(name, value, "US dollars as a Decimal, a number or text")


def _model(name: str, value: object) -> None:
    if not isinstance(value, str) and not hasattr(type(value), "MODEL_ID"):
        like = f"{value.__name__ if isinstance(value, type) else 'GoogleNanoBananaPro'}(prompt=...)"
        raise _wrong(name, value, f"a model id such as 'google/nano-banana-pro', or {like}")


def _clock(name: str, value: object) -> None:
    if isinstance(value, type) or not (hasattr(value, "now") and hasattr(value, "sleep")):
        raise _wrong(name, value, "an object with now() and sleep(seconds)")


def _unknown_outcome(name: str, value: object) -> None:
    check_choice(name, value, ("resend", "raise"))


_REQUIRED: Final = frozenset({"directory", "insecure_hosts", "inputs", "model", "path", "put"})

_KINDS: Final[Mapping[str, Callable[[str, object], None]]] = {
    **dict.fromkeys(
        [
            "api_key",
            "base_url",
            "callback_url",
            "client_ref",
            "idempotency_key",
            "q",
            "sort_by",
            "status",
            "level",
            "task_type",
            "slug",
            "cursor",
            "label",
            "name",
            "mime_type",
        ],
        _text,
    ),
    **dict.fromkeys(["timeout", "quiet", "longest"], check_seconds),
    **dict.fromkeys(["inline_below", "max_bytes", "page_size"], check_integer),
    **dict.fromkeys(["raise_on_failure", "backward", "overwrite", "strict"], _flag),
    **dict.fromkeys(["on_update", "upload_progress", "progress", "put"], _function),
    **dict.fromkeys(["input", "metadata"], _mapping),
    "inputs": _inputs,
    **dict.fromkeys(["path", "directory"], _path),
    "insecure_hosts": _hosts,
    **dict.fromkeys(["created_after", "created_before"], _moment),
    "max_cost": _money,
    "model": _model,
    "clock": _clock,
    "on_unknown_outcome": _unknown_outcome,
}
