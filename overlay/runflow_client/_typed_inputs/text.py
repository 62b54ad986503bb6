"""From text, as a command line or a table holds it, to the value of an input field."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, cast

from .._errors import InvalidArgument
from .._redaction import show_value

_FILES: Final = {"image", "video", "audio", "file"}
_LISTS: Final = {"image_list", "array"}
_URL: Final = re.compile(r"(https?|data|runflow):", re.IGNORECASE)
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_HERE: Final = Path()


def read_field(place: str, kinds: Sequence[str], texts: Sequence[str], folder: Path = _HERE) -> Any:
    """Return the value of a field of the catalog's types, from what was given for it.

    A file's path starts at `folder`. Raises InvalidArgument, beginning with `place`, for a file
    that cannot be read and for text that is not the JSON that the field needs. What else is wrong
    is told by the typed input.
    """
    if _LISTS & set(kinds):
        return _list(place, kinds, texts, folder)
    if len(texts) > 1:
        raise InvalidArgument(f"{place} is given {len(texts)} times and takes one value")
    return _single(place, kinds, texts[0], folder)


def guess(place: str, texts: Sequence[str], folder: Path = _HERE) -> Any:
    """Return the value for a field that the catalog does not know: JSON, else text.

    `@file` is a file of this machine; several values are a list.
    """
    values = [
        read_file(place, text[1:], folder) if text.startswith("@") else _json_or_text(text)
        for text in texts
    ]
    return values[0] if len(values) == 1 else values


def read_files(place: str, kinds: Sequence[str], value: Any, folder: Path = _HERE) -> Any:
    """Return the value with each text that names a file of this machine as its path."""
    if _FILES & set(kinds) and isinstance(value, str):
        return read_file(place, value, folder)
    if "image_list" in kinds and isinstance(value, list | tuple):
        members = cast("Sequence[Any]", value)
        return [read_files(place, ("image",), member, folder) for member in members]
    return value


def read_file(place: str, text: str, folder: Path = _HERE) -> str | Path:
    """Return a URL as it is, else a file of this machine."""
    if _URL.match(text) or "://" in text:
        return text
    if not text:
        raise InvalidArgument(f"{place}: the name is empty, expected a file or a URL")
    try:
        path = folder / Path(text).expanduser()
        is_folder, is_file = path.is_dir(), path.is_file()
    except (OSError, RuntimeError) as error:  # too long, not allowed, a user without a home, ...
        reason = getattr(error, "strerror", None) or error
        raise InvalidArgument(f"{place}: {show_value(text)} is no file: {reason}") from None
    if is_folder:
        raise InvalidArgument(f"{place}: {text} is a directory, expected a file or a URL")
    if not is_file:
        raise InvalidArgument(f"{place}: there is no file {text}")
    return path


def read_json(place: str, text: str) -> Any:
    """Return what the JSON text says."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidArgument(f"{place} is not JSON: {error}") from None


def _list(place: str, kinds: Sequence[str], texts: Sequence[str], folder: Path) -> list[Any]:
    if len(texts) == 1 and texts[0].lstrip().startswith("["):
        return list(read_files(place, kinds, read_json(place, texts[0]), folder))
    if "image_list" in kinds:
        return [read_file(place, text, folder) for text in texts]
    return list(texts)


def _single(place: str, kinds: Sequence[str], text: str, folder: Path) -> Any:
    if _FILES & set(kinds):
        return read_file(place, text, folder)
    if "boolean" in kinds and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    for kind, convert in (("integer", int), ("number", float)):
        if kind in kinds:
            try:
                return convert(text)
            except ValueError:
                continue
    if {"object", "json"} & set(kinds) and ("string" not in kinds or text.startswith(("{", "["))):
        return read_json(place, text)
    return text


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
