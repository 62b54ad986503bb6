"""Safe file names for what the server names: no part of a path in them, and no two the same."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

MAX_LENGTH: Final = 120
"""Characters of a safe name."""

_MAX_SUFFIX: Final = 20
_UNSAFE: Final = r"[^A-Za-z0-9._-]"
# Windows takes these for devices, whatever their suffix.
_DEVICES: Final = r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?"
_SUFFIX: Final = r"\.(?=[A-Za-z0-9]*[A-Za-z])[A-Za-z0-9]{1,10}"


def name_in(url: str) -> str:
    """Return the last segment of a URL's path as the server wrote it; empty where there is none."""
    try:
        return PurePosixPath(unquote(urlsplit(url).path).replace("\\", "/")).name
    except ValueError:
        return ""


def shorten(name: str, length: int) -> str:
    """Cut the name to so many characters, before its suffix."""
    if len(name) <= length:
        return name
    suffix = PurePosixPath(name).suffix[:_MAX_SUFFIX]
    return name[: length - len(suffix)] + suffix


def safe_name(name: str, otherwise: str) -> str:
    """Keep only letters, digits, `.`, `-` and `_`, at most 120; `otherwise` if nothing is left, or
    only a suffix.
    """
    safe = re.sub(_UNSAFE, "", name)
    kept = shorten(safe.strip("."), MAX_LENGTH)
    is_unnamed = not kept or re.fullmatch(_SUFFIX, safe) is not None
    return otherwise if is_unnamed or re.fullmatch(_DEVICES, kept) else kept


def has_suffix(name: str) -> bool:
    """Whether the name says what the file is. `v1.5` does not: its `.5` is no suffix."""
    return re.fullmatch(_SUFFIX, PurePosixPath(name).suffix) is not None


def different_names(names: Iterable[str]) -> list[str]:
    """Return the name with a number if it came before, in upper or lower case: `a.png`, `a-2.png`.

    A name without a suffix gets one when the file is saved, so no other name has its stem.
    """
    given = list(names)
    taken: set[str] = set()
    stems = {_stem(name).lower() for name in given if has_suffix(name)}
    reserved: set[str] = set()
    """Stems of the names without a suffix."""
    numbers: dict[tuple[str, str], int] = {}
    found: list[str] = []
    for name in given:
        stem = _stem(name)
        suffix = name[len(stem) :]
        key = stem.lower(), suffix.lower()
        number, unique, base = numbers.get(key, 1), name, stem.lower()
        while unique.lower() in taken or base in reserved or (not suffix and base in stems):
            number += 1
            unique, base = f"{stem}-{number}{suffix}", f"{stem}-{number}".lower()
        numbers[key] = number
        taken.add(unique.lower())
        (stems if suffix else reserved).add(base)
        found.append(unique)
    return found


def _stem(name: str) -> str:
    return name[: -len(PurePosixPath(name).suffix)] if has_suffix(name) else name
