"""From JSON to values: one small function a kind of value. All of them raise DecodingError and nothing else."""

from __future__ import annotations

import datetime
import re
from binascii import unhexlify
from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from io import BytesIO
from typing import Any, NamedTuple, Protocol, TypeVar
from uuid import UUID, SafeUUID

import attrs

from .errors import DecodingError
from .instants import DATE, read_instant
from .kinds import is_list, is_object
from .types import UNSET, File


class Model(Protocol):
    """What the class of every object with fields is."""


A = TypeVar("A")
B = TypeVar("B")
E = TypeVar("E", bound=Enum)
M = TypeVar("M", bound=Model)

_REFUSED: Any = object()
# UUID has no __setattr__, so what it consists of is set in its slots.
_set_int: Any = vars(UUID)["int"].__set__
_new = object.__new__
_number_in = int.from_bytes
_UNKNOWN_SAFETY = SafeUUID.unknown
_set_is_safe: Any = vars(UUID)["is_safe"].__set__

_KINDS: Mapping[type[object], str] = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


def wrong_type(expected: str, value: object) -> DecodingError:
    """Make the error for a value of another kind. It names the kinds, never the value: that may be a secret."""
    return DecodingError(f"expected {expected}, got {_KINDS.get(type(value), type(value).__name__)}")


def anything(value: Any) -> Any:
    """Take any JSON value as it is."""
    return value


def null(value: Any) -> None:
    """Read null."""
    if value is not None:
        raise wrong_type("null", value)


def text(value: Any) -> str:
    """Read a string."""
    if isinstance(value, str):
        return value
    raise wrong_type("a string", value)


def boolean(value: Any) -> bool:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    raise wrong_type("a boolean", value)


def integer(value: Any) -> int:
    """Read an integer. 3.0 is one: JSON knows no difference."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise wrong_type("an integer", value)


def number(value: Any) -> float:
    """Read a number. An integer stays an int, so that no digit is lost."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise wrong_type("a number", value)


def uuid(value: Any) -> UUID:
    """Read a UUID in its usual form (8-4-4-4-12)."""
    if isinstance(value, str) and len(value) == 36 and value[8:24:5] == "----":
        try:
            octets = unhexlify(value.replace("-", ""))
        except ValueError:  # what is left are not pairs of digits
            octets = b""
        if len(octets) == 16:
            # UUID() would check the text again, which takes twice as long as all of this.
            made = _new(UUID)
            _set_int(made, _number_in(octets, "big"))
            _set_is_safe(made, _UNKNOWN_SAFETY)
            return made
    raise _not_a("a UUID", value)


def date(value: Any) -> datetime.date:
    """Read a date of RFC 3339."""
    if isinstance(value, str) and re.fullmatch(DATE, value):
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:  # a day that the calendar does not have
            pass
    raise _not_a("a date", value)


def date_time(value: Any) -> datetime.datetime:
    """Read a date-time of RFC 3339, as instants.read_instant has it."""
    instant = read_instant(value)
    if instant is None:
        raise _not_a("a date-time", value)
    return instant


def file(value: Any) -> File:
    """Read the bytes of a string."""
    return File(payload=BytesIO(text(value).encode()))


def known(enum: type[E]) -> Callable[[Any], E]:
    """Make a reader that takes the values that the document names, and no others."""

    def read(value: Any) -> E:
        member = enum._value2member_map_.get(value) if isinstance(value, (str, int)) else None
        if isinstance(member, enum) and type(value) is not bool:
            return member
        raise _not_a(f"a known {enum.__name__}", value)

    return read


def member(enum: type[E]) -> Callable[[Any], E]:
    """Make a reader of an open enum: it takes unknown values of the right kind, too."""
    named = {value: member for value, member in enum._value2member_map_.items() if isinstance(member, enum)}

    def read(value: Any) -> E:
        if type(value) is str and value in named:
            return named[value]
        if not isinstance(value, bool):
            try:
                return enum(value)
            except (ValueError, TypeError):  # a list cannot be looked up: TypeError
                pass
        raise wrong_type(f"a value of {enum.__name__}", value)

    return read


def nullable(read: Callable[[Any], A]) -> Callable[[Any], A | None]:
    """Make a reader that takes null, too."""

    def read_or_null(value: Any) -> A | None:
        return None if value is None else read(value)

    return read_or_null


def list_of(read: Callable[[Any], A]) -> Callable[[Any], list[A]]:
    """Make a reader of a list."""

    def read_items(value: Any) -> list[A]:
        if not is_list(value):
            raise wrong_type("a list", value)
        index = 0
        items: list[A] = []
        try:
            for index, item in enumerate(value):
                items.append(read(item))
        except DecodingError as error:
            raise error.within(index) from None
        return items

    return read_items


def tagged(tags: Mapping[str, Any], read: Callable[[Any], A], needed: Collection[str] = ()) -> Callable[[Any], A]:
    """Make a reader of one variant of a union: of the objects whose fields hold the given values.

    An object that has all of them and cannot be read is an error, and no other variant. One without a needed one is
    no such variant: alone it may be left out, in a union it alone tells the variants apart.
    """

    def read_variant(value: Any) -> A:
        fields = object_of(value)
        for name in needed:
            if name not in fields:
                raise DecodingError("is missing", name)
        for name, tag in tags.items():
            if name in fields and (fields[name] != tag or type(fields[name]) is not type(tag)):
                raise DecodingError(f"{name} names another variant")
        try:
            return read(fields)
        except DecodingError as error:
            raise DecodingError(error.reason, error.path, decisive=fields.keys() >= tags.keys()) from None

    return read_variant


def either(first: Callable[[Any], A], second: Callable[[Any], B]) -> Callable[[Any], A | B]:
    """Make a reader that takes what the first one reads, and otherwise what the second one reads."""

    def read_either(value: Any) -> A | B:
        try:
            return first(value)
        except DecodingError as error:
            if error.decisive:
                raise
            refused = error
        try:
            return second(value)
        except DecodingError as error:
            if error.decisive:
                raise
            raise DecodingError(f"fits no variant ({refused}; {error})") from None

    return read_either


def object_of(value: Any) -> dict[str, Any]:
    """Read an object and give a copy."""
    if is_object(value):
        return dict(value)
    raise wrong_type("an object", value)


# The type of which a reader takes every value as it is. Nothing is called for such a value.
_TAKEN_AS_THEY_ARE: Mapping[Callable[[Any], Any], type] = {text: str, boolean: bool, integer: int, number: float}


class Field(NamedTuple):
    """How one field of an object is read."""

    name: str
    """Its name in Python."""
    read: Callable[[Any], Any]
    null: Any
    """What null means. _REFUSED leaves that to the reader, which has no null, either."""
    must_be_there: bool


def required(name: str, read: Callable[[Any], Any]) -> Field:
    """Make a field that must be there."""
    return Field(name, read, _REFUSED, must_be_there=True)


def required_or_null(name: str, read: Callable[[Any], Any]) -> Field:
    """Make a field that must be there and may be null."""
    return Field(name, read, None, must_be_there=True)


def optional(name: str, read: Callable[[Any], Any]) -> Field:
    """Make a field that may be missing. Null is not documented for it and means the same: UNSET."""
    return Field(name, read, UNSET, must_be_there=False)


def optional_or_null(name: str, read: Callable[[Any], Any]) -> Field:
    """Make a field that may be missing or null."""
    return Field(name, read, None, must_be_there=False)


class Fields:
    """The fields that the objects of one model have, by their names in JSON. Others are additional properties."""

    __slots__ = ("_blank", "_fill", "_required", "_rest", "_table")

    def __init__(
        self,
        model: type[attrs.AttrsInstance],
        fill: Callable[[Any, Sequence[Any]], None],
        known: Mapping[str, Field],
        rest: Callable[[Any], Any] = anything,
    ) -> None:
        """`fill` sets all fields of an instance, in the order of their declaration."""
        attributes = attrs.fields(model)
        places = {attribute.name: place for place, attribute in enumerate(attributes)}
        # Plain tuples are taken apart faster than named ones.
        self._table = {
            name: (places[field.name], _TAKEN_AS_THEY_ARE.get(field.read), field.read, field.null)
            for name, field in known.items()
        }
        self._fill = fill
        self._blank: list[Any] = [attribute.default for attribute in attributes]
        self._required = [name for name, field in known.items() if field.must_be_there]
        self._rest = rest

    def read(self, model: type[M], source: object) -> M:
        """Read an object: the fields that came, in their order. Which reader each has was found out before."""
        if not is_object(source):
            raise wrong_type("an object", source)
        values = self._blank.copy()
        rest: dict[str, Any] = {}
        values[-1] = rest
        name = ""
        find = self._table.get
        try:
            for name, value in source.items():
                field = find(name)
                if field is None:
                    rest[name] = self._rest(value)
                    continue
                place, taken, read, null = field
                if value is None and null is not _REFUSED:
                    values[place] = null
                elif type(value) is taken:
                    values[place] = value
                else:
                    values[place] = read(value)
        except DecodingError as error:
            raise error.within(name) from None
        for name in self._required:
            if name not in source:
                raise DecodingError("is missing", name)
        # The class's own __init__ would take each value by its name, which takes four times as long.
        instance = _new(model)
        self._fill(instance, values)
        return instance


def _not_a(expected: str, value: object) -> DecodingError:
    if isinstance(value, str):
        return DecodingError(f"expected {expected}, got a string that is none")
    return wrong_type(expected, value)
