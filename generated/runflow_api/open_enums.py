"""Open enums: a value that the document does not name is kept, not refused."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Any, Self

UNKNOWN = "UNKNOWN"


class OpenStrEnum(StrEnum):
    """A string enum that takes any string. An unknown value is a member of its own, equal to the string it holds.

    Unknown members are not kept: the class never grows, whatever a server sends.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = UNKNOWN
        member._value_ = str(value)
        return member

    @property
    def is_known(self) -> bool:
        """Whether the document names this value."""
        return self._value_ in type(self)._value2member_map_

    @property
    def is_terminal(self) -> bool:
        """Whether the document calls this value terminal. Where it says nothing, none is."""
        return False

    def __str__(self) -> str:
        return str(self._value_)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[type[Self], tuple[str]]:
        return type(self), (self._value_,)


class OpenIntEnum(IntEnum):
    """An integer enum that takes any integer. Unknown values behave as those of OpenStrEnum."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = UNKNOWN
        member._value_ = int(value)
        return member

    @property
    def is_known(self) -> bool:
        """Whether the document names this value."""
        return self._value_ in type(self)._value2member_map_

    def __str__(self) -> str:
        return str(self._value_)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce_ex__(self, protocol: Any) -> tuple[type[Self], tuple[int]]:
        return type(self), (self._value_,)


__all__ = ("OpenIntEnum", "OpenStrEnum")
