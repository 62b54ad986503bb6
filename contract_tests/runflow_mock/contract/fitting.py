"""Values of the server in the shape that a document asks for."""

import math
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from typing import Any, cast

from attrs import define, field

from .json_types import JsonObject
from .synthesis import least_value
from .validation import Contract
from .vocabulary import spelled

_ALIKE = 0.75
_ANYTHING: JsonObject = {}
_EMPTY = {"{}": "an empty object", "[]": "an empty list", "None": "null"}
_KINDS: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}


@define
class Fitting:
    """Makes values fit, and notes where it had to.

    `followed` are places where a value was converted, renamed or filled in; `made_up` those where
    the server's own value was lost, and a valid one stands instead.
    """

    contract: Contract
    followed: dict[str, str] = field(factory=dict[str, str])
    made_up: dict[str, str] = field(factory=dict[str, str])

    def fit(
        self, unresolved: JsonObject, value: object, place: str = "", *, is_valid: bool = False
    ) -> object:
        """Return the value if the schema takes it, else one made of it that the schema takes.

        Fields that the document spells otherwise are renamed in any case.
        """
        is_valid = is_valid or not self.contract.problems(unresolved, value)
        if is_valid and type(value) not in (dict, list):
            return value
        schema = self.contract.document.resolve(unresolved)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                return self._branch(schema[keyword], value, place)
        found = self._parts(schema, value, place, is_valid)
        for part in schema.get("allOf", ()):
            found = self.fit(part, found, place)
        if not self.contract.problems(unresolved, found):
            return found
        for candidate in _converted(schema, found):
            if not self.contract.problems(unresolved, candidate):
                self.followed[place] = f"{_shown(value)} becomes {_shown(candidate)}"
                return candidate
        least = least_value(self.contract, unresolved)
        self.made_up.setdefault(place, f"{_shown(value)} is not allowed; {_shown(least)} is sent")
        return least

    def _branch(self, branches: list[JsonObject], value: object, place: str) -> object:
        """Return the value as the branch takes it that loses least of it."""
        attempts = list[tuple[tuple[int, int, int], object, Fitting]]()
        for branch in branches:
            attempt = Fitting(self.contract)
            found = attempt.fit(branch, value, place)
            lost = (len(attempt.made_up), type(found) is not type(value), len(attempt.followed))
            attempts.append((lost, found, attempt))
        _, found, best = min(attempts, key=lambda attempt: attempt[0])
        self.followed |= best.followed
        self.made_up |= best.made_up
        return found

    def _parts(self, schema: JsonObject, value: object, place: str, is_valid: bool) -> object:
        """Return an object or array with every part fitted; anything else as it is."""
        if isinstance(value, dict):
            return self._object(schema, cast(JsonObject, value), place, is_valid)
        items = _items(value)
        if items is None or not isinstance(schema.get("items"), dict):
            return value
        fitted = [
            self.fit(schema["items"], item, f"{place}[]", is_valid=is_valid) for item in items
        ]
        return fitted[: int(schema.get("maxItems", len(fitted)))]

    def _object(
        self, schema: JsonObject, value: JsonObject, place: str, is_valid: bool
    ) -> JsonObject:
        described: JsonObject = schema.get("properties", {})
        extra: object = schema.get("additionalProperties", True)
        given, found = dict(value), JsonObject()
        for name in _missing(schema, value):
            inner = f"{place}.{name}".lstrip(".")
            if not self._rename(name, described, given, found, inner) and name in schema.get(
                "required", ()
            ):
                found[name] = least_value(self.contract, described.get(name, _ANYTHING))
                self.followed[inner] = f"it is required, and {_shown(found[name])} is sent"
        for name, part in given.items():
            if name not in described and extra is False:
                continue
            inner = described.get(name, extra if isinstance(extra, dict) else _ANYTHING)
            where = f"{place}.{name}".lstrip(".")
            found[name] = self.fit(inner, part, where, is_valid=is_valid)
        return found

    def _rename(
        self, name: str, described: JsonObject, given: JsonObject, found: JsonObject, place: str
    ) -> bool:
        """Move the field of the server that the document calls `name`; return whether there is."""
        other = self._alike(name, described, given)
        if other is None:
            return False
        attempt = Fitting(self.contract)
        fitted = attempt.fit(described[name], given[other], place)
        if attempt.made_up:
            return False
        found[name] = fitted
        del given[other]
        self.followed |= {**attempt.followed, place: f"the server calls it {other}"}
        return True

    def _alike(self, name: str, described: JsonObject, given: JsonObject) -> str | None:
        """Return the field of the server that the document spells as `name`, None without one."""
        if name not in described:
            return None
        free = [other for other in given if other not in described]
        parts = [other for other in free if name in other.split("_") or other in name.split("_")]
        return next(iter((*get_close_matches(name, free, 1, _ALIKE), *parts)), None)


def _items(value: object) -> list[object] | None:
    """Return the items of a list, None for anything else."""
    return cast("list[object]", value) if isinstance(value, list) else None


def _missing(schema: JsonObject, value: JsonObject) -> Iterator[str]:
    """Yield the names of fields that the document has and the value lacks, required ones first."""
    required: list[str] = schema.get("required", [])
    yield from (name for name in required if name not in value)
    yield from (name for name in schema.get("properties", {}) if name not in (*required, *value))


def _converted(schema: JsonObject, value: object) -> Iterator[object]:
    """Yield what the value may be in another type, or in another spelling."""
    words = schema.get("enum", [schema["const"]] if "const" in schema else [])
    if isinstance(value, str):
        word = spelled(value, [one for one in words if isinstance(one, str)])
        if word is not None:
            yield word
        yield from _numbers(value)
        yield {"true": True, "false": False}.get(value)
    elif isinstance(value, int | float):
        yield str(value)
        if math.isfinite(value):
            yield round(value)
    if isinstance(value, list) and value:
        yield cast("list[object]", value)[0]
    elif value is not None:
        yield [value]
    for limit in ("maximum", "minimum"):
        if isinstance(value, int | float) and limit in schema:
            yield schema[limit]
    if isinstance(value, str) and "maxLength" in schema:
        yield value[: int(schema["maxLength"])]


def _numbers(text: str) -> Iterator[int | float]:
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if math.isfinite(number):
            yield number
            yield round(number)
    try:
        instant = datetime.fromisoformat(text).timestamp()
    except ValueError:
        return
    yield instant
    yield round(instant)


def _shown(value: Any) -> str:
    """Return the value in a few words."""
    text = repr(value)
    if text in _EMPTY:
        return _EMPTY[text]
    kind = _KINDS.get(type(cast(object, value)), "a value")
    return text if len(text) <= 40 and text[0] not in "{[" else kind
