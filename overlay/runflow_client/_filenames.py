"""Names for files of ours that the server chose: nothing of a path in them, and no two the same."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import unquote, urlsplit

MAX_LENGTH: Final = 120

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]")
# Windows takes these for devices, whatever their ending.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def name_in(url: str) -> str:
    """The last segment of a URL's path as the server wrote it; empty where there is none."""
    try:
        return PurePosixPath(unquote(urlsplit(url).path).replace("\\", "/")).name
    except ValueError:
        return ""


def safe_name(name: str, otherwise: str) -> str:
    """The name without anything but letters, digits, `.`, `-` and `_`, at most 120 characters;
    `otherwise` if nothing is left.
    """
    kept = _UNSAFE.sub("", name).strip(".")
    if len(kept) > MAX_LENGTH:
        suffix = PurePosixPath(kept).suffix[:20]
        kept = kept[: MAX_LENGTH - len(suffix)] + suffix
    if not kept or _DEVICES.fullmatch(kept):
        return otherwise
    return kept


def different_names(names: Iterable[str]) -> list[str]:
    """The names, those that came before (in whatever case) with a number: `a.png`, `a-2.png`."""
    taken: set[str] = set()
    found: list[str] = []
    for name in names:
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        number, unique = 1, name
        while unique.lower() in taken:
            number += 1
            unique = f"{stem}-{number}{suffix}"
        taken.add(unique.lower())
        found.append(unique)
    return found
