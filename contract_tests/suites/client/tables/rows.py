"""Lines of a table: what a function gives for each of many values, equal results together."""

import re
from collections.abc import Iterable, Iterator, Mapping
from textwrap import TextWrapper
from typing import Any, Final

_LONG: Final = re.compile(r"(.)\1{29,}")
"""What is told of as a character and its number."""

MADE: Final = "<it>"
"""Stands in a result for the value itself, so that one line may tell of many values."""


_LABELS: Final = TextWrapper(
    100, " " * 8, " " * 8, break_long_words=False, break_on_hyphens=False, replace_whitespace=False
)


class Plain(str):
    """A text that a table shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def table(
    name: str,
    call: Any,
    values: Iterable[object] | Mapping[str, object],
    *,
    others: bool = False,
) -> Iterator[str]:
    """Yield the name, and each result with the values that it was given for.

    Values with a name are told by it, others by their repr. An error is a result, too. With
    `others` the values of the most common result are not listed: they are all that are left.

    `call` takes one argument. What a lambda remembers are more, which have defaults.
    """
    named = values if isinstance(values, Mapping) else None
    told = ((repr(one), one) for one in values) if named is None else named.items()
    found: dict[str, list[str]] = {}
    for label, value in told:
        text = result(call, value)
        if isinstance(value, str):
            text = text.replace(repr(value), MADE)
            text = text.replace(value, MADE) if len(value) > 8 else text
        elif named is None:
            text = text.replace(f" {label}:", f" {MADE}:")
        found.setdefault(_shortened(text), []).append(_shortened(str(label)))
    yield f"* {name}"
    most = max(found, key=lambda text: len(found[text]), default="")
    for text, labels in found.items():
        yield f"    {text}"
        if others and text == most:
            labels = ["all others"]
        yield from _LABELS.wrap(", ".join(labels))


def _shortened(text: str) -> str:
    return _LONG.sub(lambda run: f"{run[1]}*{len(run[0])}", text)


def result(call: Any, value: object) -> str:
    """Return the repr of what the call gives, or the class and the text of its error."""
    try:
        return repr(call(value))
    except Exception as error:
        return f"{type(error).__name__}: {error}{behind(error)}"


def behind(error: BaseException) -> str:
    """Name the error that a traceback shows above this one; nothing where it stands alone."""
    if error.__cause__ is not None:
        return f" <- {type(error.__cause__).__name__}"
    is_alone = error.__context__ is None or error.__suppress_context__
    return "" if is_alone else f" <- while {type(error.__context__).__name__}"


def ours(text: str, until: str) -> Plain:
    """Leave out what follows these words, which Python says, up to the error that is behind."""
    said, _, rest = text.partition(until)
    return Plain(said + "".join(rest.rpartition(" <- ")[1:]) if " <- " in rest else said)


def merged(lines: Iterable[str]) -> str:
    """Return the tables as one text; those with the same rows stand together, under all names."""
    tables: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("* "):
            tables.append((line[2:], []))
        else:
            tables[-1][1].append(line)
    names: dict[str, list[str]] = {}
    for name, rows in tables:
        names.setdefault("\n".join(rows), []).append(name)
    told = (f"* {', '.join(those)}\n{rows}".rstrip() for rows, those in names.items())
    return "\n".join(told) + "\n"
