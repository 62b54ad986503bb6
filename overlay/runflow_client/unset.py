"""Reading generated models, in which a field may be absent as well as null."""

from typing import TypeVar
from uuid import UUID

from runflow_api.types import Unset

T = TypeVar("T")


def known(value: T | Unset | None) -> T | None:
    """The value, or None where it is absent or null."""
    return None if isinstance(value, Unset) else value


def identified(kind: str, subject_id: UUID | None) -> str:
    """The id as text. Raises ValueError where there is none."""
    if subject_id is None:
        raise ValueError(f"expected a {kind} with an id")
    return str(subject_id)
