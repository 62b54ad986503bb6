"""List the numbers, words, tables and patterns that the client goes by, wherever they stand in it.

What is listed is a promise to users or a bound that protects them, and most of it shows in no other
test: with a pause that is twice as long, or an address range that is left out, all of them pass.
"""

import pkgutil
import re
from collections.abc import Iterator, Mapping
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


def modules() -> Iterator[ModuleType]:
    """Give every handwritten module of the client."""
    for found in pkgutil.walk_packages(runflow_client.__path__, "runflow_client."):
        if not _OTHERS & set(found.name.split(".")):
            yield import_module(found.name)


def constants() -> dict[str, set[str]]:
    """Return what each name stands for. A constant that moves to another module stays the same."""
    found: dict[str, set[str]] = {}
    for module in modules():
        for name, value in vars(module).items():
            if _NAME.fullmatch(name) and name not in _NOT_LISTED:
                found.setdefault(name, set()).update(_shown(value))
            if isinstance(value, type) and value.__module__ == module.__name__:
                for attribute, default in _of_class(value):
                    found.setdefault(f"{value.__name__}.{attribute}", set()).update(_shown(default))
    return {name: values for name, values in sorted(found.items()) if values}


def lines() -> list[str]:
    """Return the list."""
    return [f"{name} = {value}" for name, values in constants().items() for value in sorted(values)]


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
