"""Objects without a shape of their own: any JSON object, and members of a union that are newer than this client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Self

from .decoding import object_of
from .representation import without_secrets


class FreeFormObject(MutableMapping[str, Any]):
    """Any JSON object. Works like a dict of plain JSON values, and is equal to a dict with the same content."""

    __slots__ = ("additional_properties",)

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.additional_properties: dict[str, Any] = dict(values or {})

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """Take a JSON object as it is (a shallow copy).

        Raises:
            DecodingError: the value is not an object.
        """
        made = cls.__new__(cls)
        made.additional_properties = source.copy() if type(source) is dict else object_of(source)
        return made

    def to_dict(self) -> dict[str, Any]:
        """Give a plain dict with the same values (a shallow copy)."""
        return dict(self.additional_properties)

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: object) -> bool:
        return key in self.additional_properties

    def __iter__(self) -> Iterator[str]:
        return iter(self.additional_properties)

    def __len__(self) -> int:
        return len(self.additional_properties)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({without_secrets(repr(self.additional_properties))})"


class UnknownVariant(FreeFormObject):
    """A member of a union whose kind the document does not name: newer than this client. Its values are kept."""

    __slots__ = ()


__all__ = ("FreeFormObject", "UnknownVariant")
