"""A template: the model's fields, with `{column}` where a row's cell goes."""

import json
from collections.abc import Callable, Mapping, Sequence
from string import Formatter
from typing import Any, TypeAlias, cast

from attrs import frozen

from .._errors import InvalidArgument
from .._validation import wrong_kind

Parts: TypeAlias = list[tuple[str, str | None]]


@frozen
class Template:
    """The fields of an input; every text in them may hold `{column}`."""

    fields: Mapping[str, Any]

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Template":
        """Check the placeholders. Raises InvalidArgument."""
        made = cls(fields)
        made.columns()
        return made

    def columns(self) -> set[str]:
        """Return the columns that it needs."""
        found = set[str]()

        def collect(text: str) -> None:
            found.update(_columns(text))

        _walk(self.fields, collect)
        return found

    def fill(self, cells: Mapping[str, Any]) -> dict[str, Any]:
        """Return the input of a row. A text that is one placeholder alone takes the cell as it is.

        Raises InvalidArgument where the row lacks a column.
        """

        def fill(text: str) -> Any:
            return _fill(text, cells)

        filled = _walk(self.fields, fill)
        return {name: value for name, value in filled.items() if value is not None}


def template_mark(fields: Mapping[str, Any]) -> str:
    """Return how a journal names this template, for `template` of `run` and `plan`."""
    if not isinstance(fields, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("fields", fields, "a dict of the input's fields")
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, default=str)


def _walk(value: Any, change: Callable[[str], Any]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {name: _walk(member, change) for name, member in members.items()}
    if isinstance(value, list | tuple):
        return [_walk(member, change) for member in cast("Sequence[Any]", value)]
    return value


def _parts(text: str) -> Parts:
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise InvalidArgument(
            f"the template {text!r} is broken: {error}. Write {{column}}, and {{{{ for a brace"
        ) from None
    for _, name, form, conversion in parts:
        if name is not None and (not name or form or conversion):
            raise InvalidArgument(
                f"the template {text!r} is broken: write {{column}}, a name without a format"
            )
    return [(before, name) for before, name, _, _ in parts]


def _columns(text: str) -> set[str]:
    return {name for _, name in _parts(text) if name is not None}


def _fill(text: str, cells: Mapping[str, Any]) -> Any:
    parts = _parts(text)
    for _, name in parts:
        if name is not None and name not in cells:
            raise InvalidArgument(f"it has no {name!r}, which the template needs")
    if len(parts) == 1 and parts[0][1] is not None and not parts[0][0]:
        return cells[parts[0][1]]
    filled = ""
    for before, name in parts:
        filled += before
        if name is not None:
            if cells[name] is None:
                raise InvalidArgument(f"its {name!r} is empty, and the template needs it")
            filled += str(cells[name])
    return filled
