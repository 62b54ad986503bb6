"""What may stand where a model takes a file: a URL, or a path, bytes or an open binary file that is
yet to be uploaded.
"""

import io
import os
import re
from collections.abc import Mapping
from typing import BinaryIO, Final, TypeAlias, cast

from .._redaction import redact, redact_url

FileInput: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

_SCHEMES: Final = ("https", "http", "data", "runflow")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_MAX_SHOWN_CHARACTERS: Final = 80
# A data URI may have many millions of characters.
_MAX_READ: Final = 4000
_MAX_SHOWN_ITEMS: Final = 4


def is_local_file(value: object) -> bool:
    """Whether the value is a file of this machine: a path object, bytes, or something opened for
    reading bytes.
    """
    if isinstance(value, bytes | bytearray | os.PathLike):
        return True
    return not isinstance(value, io.TextIOBase) and callable(getattr(value, "read", None))


def file_problem(value: object) -> str | None:
    """What keeps the value from being a file or a URL that Runflow reads, as the end of a sentence;
    None if nothing.
    """
    if is_local_file(value):
        return None
    if isinstance(value, io.TextIOBase):
        return "is a file opened as text: open it with mode 'rb'"
    if not isinstance(value, str):
        return f"is {show(value)}, expected a URL, a pathlib.Path, bytes or an open binary file"
    scheme = _SCHEME.match(value)
    if scheme is None:
        return (
            f"is {show(value)}, which is not a URL: if it is a file of this machine, wrap it "
            "in pathlib.Path"
        )
    if scheme[1].lower() not in _SCHEMES:
        return (
            f"is {show(value)}, expected a URL that begins with "
            f"{', '.join(f'{name}:' for name in _SCHEMES)}"
        )
    return None


def show(value: object, depth: int = 3) -> str:
    """The value for an error or a repr: short, without the query strings of URLs, never the content
    of a file.

    `depth` says how many levels of lists and mappings are shown.
    """
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping | list | tuple) and depth == 0:
        return "..."
    if isinstance(value, Mapping):
        pairs = cast("Mapping[object, object]", value).items()
        shown = [f"{show(key, 0)}: {show(member, depth - 1)}" for key, member in pairs]
        return f"{{{_shortened(shown)}}}"
    if isinstance(value, list | tuple):
        return (
            f"[{_shortened([show(member, depth - 1) for member in cast('list[object]', value)])}]"
        )
    if not isinstance(value, str):
        return _clipped(redact(repr(value)))
    return repr(_clipped(_redacted(value[:_MAX_READ])))


def _redacted(text: str) -> str:
    if text.startswith(("https://", "http://")):
        try:
            return redact_url(text)
        except ValueError:
            pass
    return redact(text)


def _shortened(members: list[str]) -> str:
    more = len(members) - _MAX_SHOWN_ITEMS
    return ", ".join([*members[:_MAX_SHOWN_ITEMS], *([f"and {more} more"] if more > 0 else [])])


def _clipped(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN_CHARACTERS else f"{text[:_MAX_SHOWN_CHARACTERS]}..."
