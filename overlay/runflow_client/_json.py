"""Read the shapes of parsed JSON."""

from collections.abc import Mapping
from typing import Any, cast


def as_object(value: object) -> dict[str, Any] | None:
    """Return the value if it is a JSON object, else None."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def as_list(value: object) -> list[Any] | None:
    """Return the value if it is a JSON array, else None."""
    return value if isinstance(value, list) else None  # pyright: ignore[reportUnknownVariableType] # mypy has it as list[Any]


def as_text(value: object) -> str | None:
    """Return the value if it is a JSON string, else None."""
    return value if isinstance(value, str) else None


def objects_in(value: object) -> list[Mapping[str, Any]]:
    """Return the objects in a JSON array; none where it is not an array."""
    return [found for member in as_list(value) or () if (found := as_object(member)) is not None]
