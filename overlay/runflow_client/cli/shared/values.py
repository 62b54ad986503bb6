"""From the text of a command line to the values of an input."""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, cast

from .command import suggestion
from .refusals import Refused

_FILES: Final = {"image", "video", "audio", "file"}
_LISTS: Final = {"image_list", "array"}
_URL: Final = re.compile(r"(https?|data|runflow):", re.IGNORECASE)
_PYTHON: Final = re.compile(r" \(a Python \w+\)")
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def read_field(place: str, kinds: Sequence[str], texts: Sequence[str]) -> Any:
    """Return the value of a field of the catalog's types, from what was given for it.

    Raises Refused for a file that cannot be read and for text that is not the JSON that the field
    needs. What else is wrong is told by `check`.
    """
    if _LISTS & set(kinds):
        return _list(place, kinds, texts)
    if len(texts) > 1:
        raise Refused(f"{place} is given {len(texts)} times and takes one value")
    return _single(place, kinds, texts[0])


def _list(place: str, kinds: Sequence[str], texts: Sequence[str]) -> list[Any]:
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        return list(_json(place, texts[0]))
    if "image_list" in kinds:
        return [_file(place, text) for text in texts]
    return list(texts)


def _single(place: str, kinds: Sequence[str], text: str) -> Any:
    if _FILES & set(kinds):
        return _file(place, text)
    if "boolean" in kinds and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return convert(text)
            except ValueError:
                continue
    if {"object", "json"} & set(kinds) and ("string" not in kinds or text[:1] in "{["):
        return _json(place, text)
    return text


def _file(place: str, text: str) -> str | Path:
    """Return a URL as it is, else a file of this machine."""
    if _URL.match(text) or "://" in text:
        return text
    path = Path(text).expanduser()
    if path.is_dir():
        raise Refused(f"{place}: {text} is a directory, expected a file or a URL")
    if not path.is_file():
        raise Refused(f"{place}: there is no file {text}")
    return path


def _json(place: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(f"{place} is not JSON: {error}") from None


def read_pairs(pairs: Iterable[str]) -> dict[str, list[str]]:
    """Return the `key=value` of -i, by key. Raises Refused for what is no pair."""
    found: dict[str, list[str]] = {}
    for pair in pairs:
        key, sign, text = pair.partition("=")
        if not sign or not key:
            raise Refused(f"-i {pair} is not of the form key=value")
        found.setdefault(key, []).append(text)
    return found


def guess(place: str, texts: Sequence[str]) -> Any:
    """Return the value for a field that the catalog does not know: JSON, else text.

    `@file` is a file of this machine; several values are a list.
    """
    values = [
        _file(place, text[1:]) if text.startswith("@") else _json_or_text(text) for text in texts
    ]
    return values[0] if len(values) == 1 else values


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


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
    document = _json(shown, text)
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


def read_callback_url(text: str | None) -> str | None:
    """Return a URL that can be called back. Raises Refused for what is none."""
    if text is not None and not text.startswith(("https://", "http://")):
        raise Refused(
            f"--callback-url is {text!r}, expected a URL such as https://example.com/hook"
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
    close = get_close_matches(value.lower(), list(choices), n=1)
    return f" (did you mean {choices[close[0]]!r}?)" if close else ""
