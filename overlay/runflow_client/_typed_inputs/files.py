"""What may stand where a model takes a file: a URL, or a local file that is yet to be uploaded."""

import io
import os
import re
from array import array
from collections.abc import Collection, Mapping
from inspect import iscoroutinefunction
from typing import BinaryIO, Final, TypeAlias, cast

from .._errors import InvalidArgument
from .._files.media_problems import inline_problem
from .._files.media_types import is_data_uri
from .._redaction import MAX_READ, clip, redact, redact_url, show_value
from .._validation import refuse_value, with_article
from .pictures import (
    PillowImage,
    PixelArray,
    array_problem,
    is_array,
    is_pillow_image,
    show_array,
)

FileInput: TypeAlias = (
    str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO | PillowImage | PixelArray
)
"""A URL, or a local file: its path, its bytes, something open for reading bytes, an image of Pillow
or an array of numpy.
"""

_SCHEMES: Final = ("https", "http", "data", "runflow")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_WITH_HOST: Final = re.compile(r"[A-Za-z]+://[^/?#\s]", re.ASCII)
_MAX_SHOWN_ITEMS: Final = 4


def is_local_file(value: object) -> bool:
    """Whether the value is a local file: a path object, bytes, something open for reading bytes,
    an image of Pillow, or an array of numpy that is a picture.
    """
    if isinstance(value, bytes | bytearray | memoryview | os.PathLike) or is_pillow_image(value):
        return True
    if is_array(value):
        return array_problem(value) is None
    return (
        not isinstance(value, type)
        and callable(getattr(value, "read", None))
        and _foreign_file_problem(value) is None
    )


def keep_local_file(value: object, place: str) -> object:
    """Let a local file stay in an input, as the `replace` of check_json.

    Raises InvalidArgument for anything else, with the way to pass it where it is a file of another
    library.
    """
    if is_local_file(value):
        return value
    problem = _foreign_file_problem(value)
    if problem is not None:
        raise InvalidArgument(f"{place} {problem}")
    return refuse_value(value, place)


def _foreign_file_problem(value: object) -> str | None:
    """Return how to pass a file held in a way this client does not read; None for others."""
    library = type(value).__module__.partition(".")[0]
    if library == "runflow_client":
        return (
            f"is {with_article(type(value).__name__)}: pass the `url` of an output, or the `ref` "
            "of an asset"
        )
    if isinstance(value, io.TextIOBase):
        return "is a file opened as text: open it with mode 'rb'"
    if iscoroutinefunction(getattr(value, "read", None)):
        return (
            f"is {with_article(type(value).__name__)}, which is read asynchronously: pass its "
            "path, or the bytes of `await file.read()`"
        )
    if is_array(value):
        return array_problem(value)
    if library in {"torch", "tensorflow", "tensorflow_core", "jax", "jaxlib"}:
        return (
            f"is a {library} {type(value).__name__}: pass a numpy array of uint8 with the shape "
            "(height, width, 3), an image of Pillow, or the bytes of a PNG"
        )
    if isinstance(value, array):
        return "is an array: pass the bytes of its `tobytes()`"
    if callable(getattr(value, "read_bytes", None)):
        return f"is {with_article(type(value).__name__)}: pass the bytes of its `read_bytes()`"
    is_iterator = hasattr(value, "__next__") or hasattr(value, "__anext__")
    if is_iterator and not hasattr(value, "read"):
        return (
            f"is {with_article(type(value).__name__)}: pass the list of what it gives, or the "
            "pieces of a file as one bytes"
        )
    if library in {"httpx", "requests", "aiohttp"} and hasattr(value, "headers"):
        return f"is an answer of {library}: pass its URL, or the bytes of its content"
    return None


def file_problem(value: object, kinds: Collection[str] = ()) -> str | None:
    """Say what keeps the value from being a file or a URL that Runflow reads, as the end of a
    sentence; None if nothing does. A file in a data URI must be of one of the kinds (`image`, ...)
    if there are any.
    """
    if is_local_file(value):
        return None
    foreign = _foreign_file_problem(value)
    if foreign is not None:
        return foreign
    if not isinstance(value, str):
        return (
            f"is {show(value)}, expected a URL, a pathlib.Path, bytes, an open binary file, or an "
            "image of Pillow"
        )
    scheme = _SCHEME.match(value)
    if scheme is None:
        return (
            f"is {show(value)}, which is not a URL: if it is a local file, wrap it in pathlib.Path"
        )
    if scheme[1].lower() not in _SCHEMES:
        return (
            f"is {show(value)}, expected a URL that begins with "
            f"{', '.join(f'{name}:' for name in _SCHEMES)}"
        )
    if is_data_uri(value):
        return inline_problem(value, kinds)
    if _WITH_HOST.match(value) is None:
        return f"is {show(value)}, a URL that names nothing after its {scheme[0]}//"
    return None


def show(value: object, depth: int = 3) -> str:
    """Shorten the value for an error or a repr, without query strings and contents of files.

    `depth` says how many levels of lists and mappings are shown.
    """
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if isinstance(value, memoryview):
        return f"<{value.nbytes} bytes>"
    if is_array(value):
        return f"<{show_array(value)}>"
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
        return show_value(value)
    return repr(clip(_redacted(value[:MAX_READ])))


def _redacted(text: str) -> str:
    return redact(redact_url(text) if text.startswith(("https://", "http://")) else text)


def _shortened(members: list[str]) -> str:
    more = len(members) - _MAX_SHOWN_ITEMS
    return ", ".join([*members[:_MAX_SHOWN_ITEMS], *([f"and {more} more"] if more > 0 else [])])
