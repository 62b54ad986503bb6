"""From the text of a command line to the values of an input."""

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final, cast

from ..._redaction import show_value
from ..._typed_inputs.text import read_json
from ..._validation import nearest
from .command import suggestion
from .refusals import Refused

_PYTHON: Final = re.compile(r" \(a Python \w+\)|: if it is a local file, wrap it in pathlib\.Path")


def read_pairs(pairs: Iterable[str], place: str = "-i ") -> dict[str, list[str]]:
    """Return each `key=value` by its key. Raises Refused for what is no pair.

    `place` is what stands before one on the command line.
    """
    found: dict[str, list[str]] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or not key:
            raise Refused(f"{place}{pair} is not of the form key=value")
        found.setdefault(key, []).append(text)
    return found


def read_text(source: str) -> tuple[str, str]:
    """Return what a file or, for `-`, standard input holds, and what to call it. Raises Refused."""
    shown = "standard input" if source == "-" else source
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{shown} cannot be read: {getattr(error, 'strerror', error)}") from None
    return text, shown


def read_document(source: str) -> dict[str, Any]:
    """Return the JSON object in a file or, for `-`, in standard input. Raises Refused."""
    text, shown = read_text(source)
    if not text.strip():
        raise Refused(f"{shown} is empty, expected a JSON object")
    document = read_json(shown, text)
    if not isinstance(document, dict):
        raise Refused(f"{shown} holds a JSON {type(document).__name__}, expected an object")
    return cast("dict[str, Any]", document)


def read_money(option: str, text: str | None) -> Decimal | None:
    """US dollars. Raises Refused for what is no amount of money."""
    if text is None:
        return None
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise Refused(f"{option} is {text!r}, expected US dollars such as 0.50")
    return amount


def read_url(option: str, text: str | None) -> str | None:
    """Return a URL that can be called. Raises Refused for what is none."""
    if text is not None and not text.startswith(("https://", "http://")):
        raise Refused(
            f"{option} is {show_value(text)}, expected a URL such as https://example.com/hook"
        )
    return text


def check(
    model: str, fields: Mapping[str, Any], values: Mapping[str, Any], names: Mapping[str, str]
) -> None:
    """Refuse what the catalog says cannot be right, naming the option of each field.

    `fields` are the catalog's facts by the API's name, `names` the options by the same.
    """
    problems = [
        f"{name} is no field of it.{suggestion(name, list(fields))}"
        for name in values
        if name not in fields
    ]
    for name, facts in fields.items():
        option, value = names[name], values.get(name)
        if value is None:
            problems += [f"{option} is missing"] if facts.required else []
        elif (problem := facts.problem(value)) is not None:
            told = _PYTHON.sub("", problem)
            problems.append(f"{option} {told}{_nearly(problem, value, facts.allowed)}")
        else:
            both = [other for other in facts.excludes if values.get(other) is not None]
            problems += [f"{option} cannot be given together with {names[both[0]]}"] if both else []
    if problems:
        raise Refused(
            f"{model} cannot take this input: {'; '.join(problems)}",
            f"Its fields: runflow models show {model}. If the API knows better: --unchecked",
        )


def _nearly(problem: str, value: Any, allowed: Sequence[object]) -> str:
    if "did you mean" in problem or not isinstance(value, str):
        return ""
    choices = {str(choice).lower(): str(choice) for choice in allowed}
    close = nearest(value.lower(), choices)
    return f" (did you mean {choices[close]!r}?)" if close else ""
