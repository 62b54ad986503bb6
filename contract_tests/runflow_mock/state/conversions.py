"""Converters of public classes.

Each leaves what it cannot convert as it is, so that the validator refuses it by its name, and the
object has a repr meanwhile.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import Any


def to_decimal(value: Decimal | float | str) -> Decimal:
    """Return the amount as a Decimal: of a number, the one that it is written as."""
    found: Decimal = converted(_decimal, value)
    return found


def _decimal(value: Decimal | float | str) -> Decimal:
    return Decimal(str(value))


def to_texts(value: Iterable[str]) -> tuple[str, ...]:
    """Return the texts as a tuple. A text alone is left: its characters are not meant."""
    found: tuple[str, ...] = converted(_texts, value)
    return found


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        raise TypeError(value)
    return tuple(value)


def to_tuple(value: Iterable[object]) -> tuple[object, ...]:
    """Return the values as a tuple."""
    found: tuple[object, ...] = converted(tuple, value)
    return found


def to_path(value: str | PathLike[str]) -> Path:
    """Return the place of a file as a path."""
    found: Path = converted(Path, value)
    return found


def converted(convert: Callable[[Any], object], value: object) -> Any:
    """Return the converted value, or the value itself where it cannot be converted."""
    try:
        return convert(value)
    except (TypeError, ValueError, ArithmeticError):
        return value
