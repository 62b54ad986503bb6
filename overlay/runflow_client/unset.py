"""Reading generated models, in which a field may be absent as well as null."""

from typing import TypeVar

from runflow_api.types import Unset

T = TypeVar("T")


def known(value: T | Unset | None) -> T | None:
    """The value, or None where it is absent or null."""
    return None if isinstance(value, Unset) else value
