"""Check one value against one kind: a class, a number, a word of a closed set."""

import inspect
import math
import os
from collections.abc import Collection, Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Final

from .._errors import InvalidArgument
from .._redaction import show_value


def with_article(noun: str) -> str:
    """Put `a` or `an` before the noun: an int, a str, a UUID."""
    is_spelled = noun.startswith(("UUID", "URL"))
    return f"{'an' if noun[:1].lower() in set('aeiou') and not is_spelled else 'a'} {noun}"


MAX_SECONDS: Final = 1e9
"""Seconds of a timeout, which is 31 years: what waits in the operating system takes no more."""


def check_instance(name: str, value: object, kind: type, *, is_required: bool = False) -> None:
    """Raise InvalidArgument unless the value is an instance of this class, or None for a default.

    `is_required` refuses None, too.
    """
    if (is_required or value is not None) and not isinstance(value, kind):
        such_as = f", such as {kind.__name__}()" if value is kind else ""
        raise wrong_kind(name, value, with_article(kind.__name__) + such_as)


def check_blocking(remedy: str = "expected a plain function", /, **functions: object) -> None:
    """Raise InvalidArgument for a coroutine function, which a synchronous caller never awaits."""
    for name, function in functions.items():
        call = getattr(type(function), "__call__", None)  # noqa: B004 # an object may define it
        if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(call):
            raise InvalidArgument(
                f"{name} is a coroutine function, which would never be awaited here: {remedy}"
            )


def check_seconds(name: str, value: object, *, is_required: bool = False) -> None:
    """Raise InvalidArgument unless the value is a number of seconds that sockets and locks take, or
    None for no limit.

    `is_required` refuses None, too.
    """
    if value is None:
        if is_required:
            raise InvalidArgument(f"{name} is None: expected seconds, such as 60.0")
        return
    number = read_number(name, value, "seconds")
    if not 0 < number <= MAX_SECONDS:
        most = f", at most {MAX_SECONDS:,.0f}" if number > MAX_SECONDS else ""
        limit = "" if is_required else ", or None for no limit"
        raise InvalidArgument(
            f"{name} is {show_value(value)}: expected seconds, finite and above zero{most}{limit}"
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
            or not math.isfinite(_as_float(value))
            or (at_least is not None and value < at_least)
            or (above is not None and value <= above)
            or (below is not None and value >= below)
        ):
            kind = "whole number" if whole else "finite number"
            shown = show_value(value)
            raise InvalidArgument(f"{name} is {shown}: expected a {kind} {', '.join(bounds)}")


def check_integer(name: str, value: object, minimum: int = 0, maximum: int | None = None) -> None:
    """Raise InvalidArgument unless the value is an integer within the bounds, both included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise wrong_kind(name, value, "an integer")
    if value < minimum:
        raise InvalidArgument(f"{name} is {show_value(value)}: expected at least {minimum}")
    if maximum is not None and value > maximum:
        raise InvalidArgument(f"{name} is too large: expected at most {maximum}")


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raise InvalidArgument unless the value is one of these words."""
    if not isinstance(value, str) or value not in choices:
        expected = " or ".join(repr(choice) for choice in choices)
        raise InvalidArgument(f"{name} is {show_value(value)}: expected {expected}")


def nearest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that is spelled most nearly like this one, or None."""
    from difflib import get_close_matches  # few calls need it

    return next(iter(get_close_matches(name, known, n=1, cutoff=cutoff)), None)


def wrong_kind(name: str, value: object, expected: str) -> InvalidArgument:
    if isinstance(value, type):
        given = f"the class {value.__name__}"
    else:
        given = f"of type {type(value).__name__}"
    return InvalidArgument(f"{name} is {given}: expected {expected}")


def read_number(name: str, value: object, expected: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _as_float(value)
    if isinstance(value, timedelta):
        expected += f" as a number: pass {name}.total_seconds()"
    elif hasattr(value, "as_dict"):  # an httpx.Timeout
        expected += " as one number, which counts for each phase of a request"
    raise wrong_kind(name, value, expected)


def plain_text(value: object) -> str:
    """Return a text as it is, and a number as text. Empty for anything else, and for an integer of
    so many digits that Python does not write it.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return ""
    try:
        return str(value)
    except ValueError:
        return ""


def _as_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer that no float holds
        return math.inf


_LIKENESS: Final = 0.93
"""From which a variable is taken for a misspelt one: one or two letters of sixteen."""


def refuse_misspelt(variable: str) -> None:
    """Raise InvalidArgument where the environment has this variable under a misspelt name: what was
    meant for another server, or another account, would be paid for.
    """
    names = {
        name.upper(): name
        for name in os.environ
        if name.upper().startswith("RUN") and name != variable
    }
    found = nearest(variable, names, _LIKENESS) if names else None
    if found is not None:
        raise InvalidArgument(
            f"{names[found]} is set, and {variable} is not: write it {variable}, or unset it"
        )
