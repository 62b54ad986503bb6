"""CHANGES.md: the next entry is written here, the ones that were released are left alone."""

import re
from typing import Final

from ..document.json_tree import DocumentError

HEAD: Final = """# Changes

What changed for programs that use the client, newest first. `make regenerate` writes what a new
document brings; what changes by hand is added by hand. "Next" becomes a version with the release.
"""
_NEXT: Final = re.compile(r"^## Next: (\d+\.\d+\.\d+)[^\n]*\n", re.MULTILINE)
_ENTRY: Final = re.compile(r"^## ", re.MULTILINE)
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+", re.ASCII)


def next_version(version: str, weight: int) -> str:
    """Return the version after a change.

    The third number goes up for weight 0, the second for 1, the first for 2; before 1.0.0 the
    second for 2, too.

    Raises:
        DocumentError: the version is not three numbers.
    """
    if _VERSION.fullmatch(version) is None:
        raise DocumentError(
            f"{version!r} is not a version of three numbers: what comes after it is not known"
        )
    numbers = [int(part) for part in version.split(".")]
    place = max(2 - weight, 0 if numbers[0] else 1)
    return ".".join(str(number) for number in [*numbers[:place], numbers[place] + 1, 0, 0][:3])


def with_next(text: str, section: str, proposed: str) -> str:
    """Return the changelog with one more section in its next entry.

    The entry proposes the higher of both versions. An empty `text` begins a changelog.
    """
    text = text or HEAD
    found = _NEXT.search(text)
    if found is not None:
        highest = max(
            found.group(1), proposed, key=lambda version: [int(part) for part in version.split(".")]
        )
        return (
            f"{text[: found.start()]}## Next: "
            f"{highest}\n\n{section.strip()}\n\n{text[found.end() :].lstrip()}"
        )
    first = _ENTRY.search(text)
    head, rest = (text[: first.start()], text[first.start() :]) if first else (text, "")
    entry = f"## Next: {proposed}\n\n{section.strip()}\n"
    return "\n\n".join(part.strip() for part in (head, entry, rest) if part.strip()) + "\n"
