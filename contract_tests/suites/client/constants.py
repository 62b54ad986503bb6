"""List the numbers, words, tables and patterns that a package goes by, wherever they stand in it.

What is listed is a promise to users or a bound that protects them, and most of it shows in no other
test: with a pause that is twice as long, or an address range that is left out, all of them pass.
"""

import inspect
import pkgutil
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from importlib import import_module
from ipaddress import IPv4Network, IPv6Network
from types import ModuleType
from typing import Any, Final

import attrs
import runflow_client

_OTHERS: Final = {"inputs", "_sync", "testing", "ray", "_postgresql", "__main__"}
"""Modules that are made of something else, or need more than `make test-lowest` has."""

_NOT_LISTED: Final = {"CLASSES", "COMMANDS", "MEANINGS", "TYPE_CHECKING", "_MODULES", "_NAMES"}
"""Tables of names and of sentences, which other tests read."""

_NAME: Final = re.compile(r"_?[A-Z][A-Z0-9_]*")
_LONGEST: Final = 96

_NUMBERS: Final = (int, float, Decimal, timedelta, re.Pattern, IPv4Network, IPv6Network)
_MEMBERS: Final = (*_NUMBERS, str, bytes, type, type(None))


def modules(
    package: ModuleType = runflow_client, others: Collection[str] = _OTHERS
) -> Iterator[ModuleType]:
    """Give every module of a package, by default of the client, without the `others`."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not {*others} & set(found.name.split(".")):
            yield import_module(found.name)


def constants(
    package: ModuleType = runflow_client, others: Collection[str] = _OTHERS
) -> dict[str, set[str]]:
    """Return what each name stands for. A constant that moves to another module stays the same."""
    found: dict[str, set[str]] = {}
    for module in modules(package, others):
        for name, value in vars(module).items():
            if _NAME.fullmatch(name) and name not in _NOT_LISTED:
                found.setdefault(name, set()).update(_shown(value))
            if isinstance(value, type) and value.__module__ == module.__name__:
                for attribute, default in _of_class(value):
                    found.setdefault(f"{value.__name__}.{attribute}", set()).update(_shown(default))
    return {name: values for name, values in sorted(found.items()) if values}


def lines(package: ModuleType = runflow_client, others: Collection[str] = _OTHERS) -> list[str]:
    """Return the list."""
    return [
        f"{name} = {value}"
        for name, values in constants(package, others).items()
        for value in sorted(values)
    ]


def defaults(package: ModuleType, others: Collection[str]) -> list[str]:
    """Return the defaults of functions and methods that are a number, a word or a table."""
    found = dict[str, None]()
    for module in modules(package, others):
        for value in vars(module).values():
            if getattr(value, "__module__", "") == module.__name__:
                for one in filter(inspect.isfunction, _functions(value)):
                    found |= dict.fromkeys(_of_function(one))
    return sorted(found)


def _functions(value: object) -> list[object]:
    """Return the value, or the members of a class, without what attrs writes."""
    if not isinstance(value, type):
        return [value]
    members = vars(value).items()
    return [one for name, one in members if not (name == "__init__" and attrs.has(value))]


def _of_function(one: Any) -> Iterator[str]:
    """Give the defaults of a function."""
    for name, parameter in inspect.signature(one).parameters.items():
        if parameter.default not in (parameter.empty, None, "", (), frozenset()):
            for text in _shown(parameter.default):
                yield f"{one.__qualname__}({name}={text})"


def shapes(package: ModuleType, others: Collection[str]) -> list[str]:
    """Return of each class of attrs whether it is frozen, and which fields are kept out of what."""
    found = dict[str, None]()
    for module in modules(package, others):
        for value in vars(module).values():
            if isinstance(value, type) and attrs.has(value) and value.__module__ == module.__name__:
                found[" ".join(_shape(value))] = None
    return sorted(found)


def _shape(kind: type[attrs.AttrsInstance]) -> Iterator[str]:
    is_frozen = "frozen" in getattr(kind.__setattr__, "__name__", "")
    yield f"{kind.__name__}: {'frozen' if is_frozen else 'open'}"
    fields = attrs.fields(kind)
    for what, names in (
        ("hidden", [one.name for one in fields if not one.repr]),
        ("not compared", [one.name for one in fields if not one.eq]),
        ("not hashed", [one.name for one in fields if one.hash is False]),
        ("by name only", [one.name for one in fields if one.kw_only]),
        ("not given", [one.name for one in fields if not one.init]),
    ):
        if names:
            yield f"{what} {', '.join(names)};"


def _of_class(kind: type) -> Iterator[tuple[str, object]]:
    """Give the constants of a class, and the defaults of its arguments."""
    yield from ((name, value) for name, value in vars(kind).items() if _NAME.fullmatch(name))
    if attrs.has(kind):
        for one in attrs.fields(kind):
            if one.init and not one.inherited and one.default not in (None, "", ()):
                yield one.name, one.default


def _shown(value: object) -> Iterator[str]:
    """Give the text of a number, a word, a pattern or a table of them; nothing of others."""
    is_word = isinstance(value, str | bytes) and not any(map(str.isspace, str(value)))
    is_pattern = isinstance(value, str) and value.startswith("(?")
    if is_word or is_pattern or isinstance(value, _NUMBERS) or _is_table(value):
        text = _text(value)
        is_short = isinstance(value, _MEMBERS) or len(text) <= _LONGEST
        yield text if is_short else "\n    ".join(["", *_members(value)])


def _is_table(value: object) -> bool:
    return _is_plain(value) and not isinstance(value, _MEMBERS)


def _is_plain(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_is_plain(key) and _is_plain(member) for key, member in value.items())
    if isinstance(value, tuple | list | set | frozenset):
        return all(map(_is_plain, value))
    return isinstance(value, _MEMBERS)


def _text(value: object) -> str:
    if isinstance(value, re.Pattern):
        return f"{value.pattern!r} {re.RegexFlag(value.flags)!r}"
    if isinstance(value, type):
        return value.__name__
    if isinstance(value, Enum):
        return f"{type(value).__name__} {value.value}"
    if isinstance(value, _MEMBERS):
        return repr(value)
    return f"[{', '.join(_members(value))}]"


def _members(value: Any) -> list[str]:
    """Return the text of each member, sorted but for those of a sequence."""
    if isinstance(value, Mapping):
        return sorted(f"{_text(key)}: {_text(member)}" for key, member in value.items())
    return (
        sorted(map(_text, value)) if isinstance(value, set | frozenset) else list(map(_text, value))
    )
