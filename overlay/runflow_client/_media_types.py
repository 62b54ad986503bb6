"""What a file is, told from its first bytes, and files that stand in a `data:` URI."""

import base64
import mimetypes
import string
from collections.abc import Iterable
from typing import Final
from urllib.parse import unquote_to_bytes

from ._errors import InvalidArgument

HEAD_BYTES: Final = 512
"""Bytes from the beginning that tell."""


UNKNOWN: Final = "application/octet-stream"


MEDIA_KINDS: Final = frozenset({"image", "video", "audio"})


_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
)


_KINDS_IN_CONTAINERS: Final = frozenset({"video", "audio"})


_CONTAINERS: Final = {"video/mp4": "mp4", "video/webm": "webm", "audio/ogg": "ogg"}
"""What holds sound alone as well as pictures that move, which the beginning does not tell."""


_RIFF_FORMS: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}


_BRANDS: Final = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"M4A ": "audio/mp4",
    b"M4B ": "audio/mp4",
    b"qt  ": "video/quicktime",
}


_MARKUP: Final = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<head", "text/html"),
    (b"<body", "text/html"),
    (b"<?xml", "application/xml"),
    (b"<error", "application/xml"),
)


_SUFFIXES: Final = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/avif": ".avif",
    "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/mp4": ".m4a",
    "audio/ogg": ".ogg",
    "audio/flac": ".flac",
    "video/webm": ".webm",
}


# Python's own table has them in no version, or in other words.
_BY_SUFFIX: Final = {suffix: media_type for media_type, suffix in _SUFFIXES.items()}


def sniff(head: bytes) -> str | None:
    """The media type that a file beginning like this has; None if the beginning does not tell."""
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head.startswith(b"RIFF"):
        return _RIFF_FORMS.get(head[8:12])
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12], "video/mp4")
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[2] & 0xF0 != 0xF0:
        # An MPEG audio frame without tags: layer III, or none, which is AAC's.
        return {0x02: "audio/mpeg", 0x00: "audio/aac"}.get(head[1] & 0x06)
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if b"<svg" in text and text.startswith((b"<svg", b"<?xml", b"<!--", b"<!DOCTYPE svg")):
        return "image/svg+xml"
    lower = text[:20].lower()
    return next(
        (media_type for beginning, media_type in _MARKUP if lower.startswith(beginning)), None
    )


def type_of(head: bytes, name: str) -> str:
    """The media type of a file with this beginning and name: the content decides, the name is asked
    where it is silent.
    """
    found, named = sniff(head), type_by_name(name)
    if found in _CONTAINERS and named in {
        f"{kind}/{_CONTAINERS[found]}" for kind in _KINDS_IN_CONTAINERS
    }:
        return named
    return found or named or UNKNOWN


def type_by_name(name: str) -> str | None:
    """The media type that the ending of a file name stands for, None if it stands for none."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    return _BY_SUFFIX.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0]


def suffix_of(media_type: str) -> str:
    """The ending of a file name for this media type, `.bin` where there is none."""
    return _SUFFIXES.get(media_type) or mimetypes.guess_extension(media_type) or ".bin"


def plain_type(header: str | None) -> str | None:
    """The media type of a Content-Type header without its parameters, in lower case; None where it
    says nothing.
    """
    plain = (header or "").partition(";")[0].strip().lower()
    return None if plain in {"", UNKNOWN, "binary/octet-stream"} else plain


def kind_of(media_type: str | None) -> str | None:
    """`image`, `video` or `audio`; None for any other media type."""
    kind = (media_type or "").partition("/")[0]
    return kind if kind in MEDIA_KINDS else None


def content_problem(head: bytes, said: str | None, expected: Iterable[str | None]) -> str | None:
    """Why a file that begins like this is not what it should be, as a sentence; None if it may well
    be.

    `said` is the Content-Type that came with it, `expected` the kinds (`image`, `video`, `audio`)
    that it can be.
    """
    kinds = {kind for kind in (*expected, kind_of(said)) if kind in MEDIA_KINDS}
    found = sniff(head)
    if not head:
        return "it is empty"
    if not kinds:
        return None
    wanted = " or ".join(sorted(kinds))
    if found is None:
        is_text = said is not None and (
            said.startswith("text/") or said in {"application/json", "application/xml"}
        )
        return f"it is {said}, not {wanted}" if is_text else None
    possible = _KINDS_IN_CONTAINERS if found in _CONTAINERS else {kind_of(found)}
    return f"it is {found}, not {wanted}" if kinds.isdisjoint(possible) else None


def is_data_uri(text: str) -> bool:
    """Whether the text is a data URI."""
    return text[:5].lower() == "data:"


def read_data_uri(uri: str) -> bytes:
    """What the data URI holds. Raises InvalidArgument for one that cannot be read."""
    header, comma, data = uri[5:].partition(",")
    if not comma:
        raise InvalidArgument("the output is a data URI without data")
    try:
        content = unquote_to_bytes(data)
        if not header.lower().endswith(";base64"):
            return content
        # browsers forgive white space and padding
        packed = content.translate(None, string.whitespace.encode())
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except ValueError as error:
        raise InvalidArgument(f"the output is a data URI that cannot be read: {error}") from None


def write_data_uri(content: bytes, media_type: str) -> str:
    """The content as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def type_in(uri: str) -> str | None:
    """The media type that the data URI says it holds, None if it does not say."""
    said = uri[5:].partition(",")[0].partition(";")[0].strip().lower()
    return said if said and said.isascii() else None
