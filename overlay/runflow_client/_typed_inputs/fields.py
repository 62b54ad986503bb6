"""One input field of a model: what the catalog says about it, and the check of a value for it."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, cast
from unicodedata import category

from attrs import frozen

from .._files.media_types import MEDIA_KINDS
from .._validation import plain_text
from .files import file_problem, show

_COUNTS: Final = frozenset({"num_images"})
"""Fields that count outputs: fewer than one is never meant, whether the catalog says so or not."""

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""Kinds of characters that show nothing: a text of them alone is empty."""


@frozen
class InputField:
    """What the catalog says about one field of a model's input. `name` is the API's own, spaces and
    capitals included.
    """

    name: str
    type: str
    """A type of the catalog (string, integer, number, boolean, object, array, json, image, video,
    audio, file, image_list), or several separated by `|`. Any other type holds any value.
    """
    required: bool = False
    allowed: tuple[object, ...] = ()
    """The only values that the API takes; empty if that is not known."""
    api_default: object = None
    """What the API takes when the field is left out; None if that is not known."""
    pattern: str | None = None
    """A regular expression for the whole text."""
    minimum: float | None = None
    maximum: float | None = None
    min_length: int | None = None
    """Characters of a text, members of a list."""
    max_length: int | None = None
    excludes: tuple[str, ...] = ()
    """Names of the fields that cannot be given together with this one."""

    @property
    def media_kinds(self) -> frozenset[str]:
        """The kinds of file that it takes, `image`, `video` or `audio`; empty if any or none."""
        kinds = {"image" if kind == "image_list" else kind for kind in self.type.split("|")}
        return frozenset(kinds) if kinds <= MEDIA_KINDS else frozenset()

    def problem(self, value: object) -> str | None:
        """Say what is wrong with the value, as the end of a sentence that begins with the field's
        name; None if nothing is.
        """
        kinds = self.type.split("|")
        problems = [_TYPES[kind](value) if kind in _TYPES else None for kind in kinds]
        if all(problems):
            problem = problems[0] if len(problems) == 1 else self._neither(value, kinds)
            return f"{problem}{self._instead(value)}"
        if self.allowed and value not in self.allowed:
            return f"is {show(value)}, expected {self._choices()}{self._instead(value)}"
        problem = self._pattern_problem(value) or self._limit_problem(value)
        return problem or ("is empty" if self.required and _is_empty(value) else None)

    def _neither(self, value: object, kinds: list[str]) -> str:
        return (
            f"is {_given(value)}, expected {' or '.join(_NAMES.get(kind, kind) for kind in kinds)}"
        )

    def _choices(self) -> str:
        choices = ", ".join(repr(choice) for choice in self.allowed)
        return f"one of {choices}" if len(self.allowed) > 1 else choices

    def _instead(self, value: object) -> str:
        """Suggest a value that may have been meant: `'8s'` for 8, `5` for '5s'."""
        digits = re.fullmatch(r"(\d{1,18}(?:\.\d{1,18})?)s?", plain_text(value).strip().lower())
        if digits is None:
            return ""
        number, seconds = digits[1], f"{digits[1]}s"
        likely: list[object] = []
        if self.allowed:
            likely = [choice for choice in self.allowed if str(choice) in {number, seconds}]
        elif self.pattern is not None and re.fullmatch(self.pattern, seconds):
            likely = [seconds]
        elif self.type == "integer" and number.isdecimal():
            likely = [int(number)]
        elif self.type == "string" and not isinstance(value, str):
            likely = [plain_text(value)]
        return f" (did you mean {likely[0]!r}?)" if likely else ""

    def _pattern_problem(self, value: object) -> str | None:
        if self.pattern is None or not isinstance(value, str) or re.fullmatch(self.pattern, value):
            return None
        return f"is {show(value)}, expected text of the form {self.pattern}{self._instead(value)}"

    def _limit_problem(self, value: object) -> str | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            least = 1 if self.minimum is None and self.name in _COUNTS else self.minimum
            return _outside(value, least, self.maximum, "is", "")
        if isinstance(value, str):
            return _outside(len(value), self.min_length, self.max_length, "has", " characters")
        if isinstance(value, list | tuple):
            members = cast("list[object]", value)
            return _outside(len(members), self.min_length, self.max_length, "has", " members")
        return None


def _is_empty(value: object) -> bool:
    if isinstance(value, str):
        return all(category(character) in _INVISIBLE for character in value)
    return isinstance(value, list | tuple) and not value


def _outside(
    size: float, least: float | None, most: float | None, verb: str, unit: str
) -> str | None:
    if least is not None and size < least:
        return f"{verb} {show(size)}{unit}, expected at least {least}"
    if most is not None and size > most:
        return f"{verb} {show(size)}{unit}, expected at most {most}"
    return None


def _given(value: object) -> str:
    return f"{show(value)} (a Python {type(value).__name__})"


def _of(name: str, types: tuple[type, ...]) -> Callable[[object], str | None]:
    def problem(value: object) -> str | None:
        if isinstance(value, types) and (not isinstance(value, bool) or bool in types):
            return None
        return f"is {_given(value)}, expected {name}"

    return problem


def _list_of_files(value: object) -> str | None:
    if not isinstance(value, list | tuple):
        return f"is {_given(value)}, expected a list of URLs or files"
    for number, member in enumerate(cast("list[object]", value)):
        if (problem := file_problem(member, {"image"})) is not None:
            return f"has a member, number {number}, that {problem}"
    return None


_NAMES: Final = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "True or False",
    "object": "an object (a mapping)",
    "array": "a list",
}

_TYPES: Final[dict[str, Callable[[object], str | None]]] = {
    "string": _of(_NAMES["string"], (str,)),
    "integer": _of(_NAMES["integer"], (int,)),
    "number": _of(_NAMES["number"], (int, float)),
    "boolean": _of(_NAMES["boolean"], (bool,)),
    "object": _of(_NAMES["object"], (Mapping,)),
    "array": _of(_NAMES["array"], (list, tuple)),
    **{kind: partial(file_problem, kinds={kind}) for kind in MEDIA_KINDS},
    "file": file_problem,
    "image_list": _list_of_files,
}
