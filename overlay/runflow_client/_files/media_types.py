"""Find out what a file is by its first bytes; read and write `data:` URIs."""

import base64
import mimetypes
import re
import string
from collections.abc import Iterable, Set
from typing import Final
from unicodedata import category
from urllib.parse import unquote_to_bytes

HEAD_BYTES: Final = 512
"""First bytes of a file that are enough to find out what it is."""

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
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"\xff\x4f\xff\x51", "image/jp2"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"),
    (b"\xff\x0a", "image/jxl"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x00\x00\x01\xba", "video/mpeg"),
    (b"0&\xb2u\x8ef\xcf\x11", "video/x-ms-wmv"),
    (b"ID3", "audio/mpeg"),
    (b"fLaC", "audio/flac"),
    (b"#!AMR", "audio/amr"),
    (b"#!", "text/x-shellscript"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ", "application/vnd.microsoft.portable-executable"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf'\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
)

_KINDS_IN_CONTAINERS: Final = frozenset({"video", "audio"})

_CONTAINERS: Final = {
    "video/mp4": "mp4",
    "video/webm": "webm",
    "video/x-matroska": "x-matroska",
    "video/3gpp": "3gpp",
    "video/3gpp2": "3gpp2",
    "audio/ogg": "ogg",
}
"""Formats that hold sound alone as well as films; the first bytes do not show which."""

_RIFF: Final = frozenset({b"RIFF", b"RIFX", b"RF64", b"BW64"})

_RIFF_FORMS: Final = {b"WEBP": "image/webp", b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}

_EBML: Final = {b"matroska": "video/x-matroska", b"webm": "video/webm"}

_BRANDS: Final = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic-sequence"),
    **dict.fromkeys((b"jp2 ", b"jpx ", b"jpm "), "image/jp2"),
    b"mjp2": "video/mj2",
    b"jxl ": "image/jxl",
    b"crx ": "image/x-canon-cr3",
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "), "audio/mp4"),
    b"qt  ": "video/quicktime",
    **dict.fromkeys((b"isom", b"avc1", b"mp41", b"mp42", b"mp71", b"mmp4"), "video/mp4"),
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP", b"f4v ", b"F4V ", b"MSNV"), "video/mp4"),
    **dict.fromkeys((b"dash", b"msdh", b"msix", b"cmfc", b"piff", b"XAVC"), "video/mp4"),
    **{b"iso" + digit: "video/mp4" for digit in (b"%x" % number for number in range(2, 16))},
    **{b"3g" + rest: "video/3gpp" for rest in (b"p4", b"p5", b"p6", b"p7", b"p8", b"p9")},
    **{b"3g" + rest: "video/3gpp" for rest in (b"e6", b"e7", b"g6", b"s6", b"s7", b"e9", b"g9")},
    **dict.fromkeys((b"3g2a", b"3g2b", b"3g2c"), "video/3gpp2"),
    **dict.fromkeys((b"mif1", b"mif2", b"msf1"), "image/heif"),
}
"""Brands of the ISO base media file format (ISO/IEC 14496-12, registered at mp4ra.org)."""

_GENERAL_BRANDS: Final = frozenset({b"mif1", b"mif2", b"msf1"})
"""Brands that say only that it is HEIF: a compatible brand says with which codec."""

_FILM_BOXES: Final = frozenset({b"moov", b"mdat", b"wide", b"pnot"})
"""First boxes of a QuickTime film that names no brand."""

_XML_BEGINNING: Final = rb"(?s)(?:\s|<\?.*?(?:\?>|\Z)|<!--.*?(?:-->|\Z))*"
"""What may stand before the root of a document of XML or HTML, also where the head is cut in it."""

_SVG: Final = "image/svg+xml"

_MARKUP: Final = (
    (b"<svg", _SVG),
    (b"<!doctype svg", _SVG),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<head", "text/html"),
    (b"<body", "text/html"),
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
    "audio/aac": ".aac",
    "audio/aiff": ".aiff",
    "audio/amr": ".amr",
    "audio/x-matroska": ".mka",
    "video/mp4": ".mp4",
    "video/quicktime": ".mov",
    "video/3gpp": ".3gp",
    "video/3gpp2": ".3g2",
    "video/mp2t": ".ts",
    "video/ogg": ".ogv",
    "video/x-flv": ".flv",
    "video/x-ms-wmv": ".wmv",
    "video/webm": ".webm",
    "video/x-matroska": ".mkv",
    "video/mj2": ".mj2",
    "image/jp2": ".jp2",
    "image/jxl": ".jxl",
    "image/heic-sequence": ".heics",
    "image/heif": ".heif",
    "image/x-canon-cr3": ".cr3",
    "application/gzip": ".gz",
}


# The tables of Python and of the machine lack these, or have other names for them.
_BY_SUFFIX: Final = {
    **{suffix: media_type for media_type, suffix in _SUFFIXES.items()},
    ".aif": "audio/aiff",
    ".avifs": "image/avif",
    ".hif": "image/heif",
    ".m2ts": "video/mp2t",
    ".m4b": "audio/mp4",
    ".m4v": "video/mp4",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".j2k": "image/jp2",
    ".jpx": "image/jp2",
    ".jpf": "image/jp2",
}


def sniff(head: bytes) -> str | None:
    """Find the media type by the first bytes; None if they do not show it."""
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if head[:4] in _RIFF:
        return _RIFF_FORMS.get(head[8:12])
    if head.startswith(b"OggS"):
        return "video/ogg" if b"\x80theora" in head else "audio/ogg"
    if head.startswith(b"FORM") and head[8:12] in {b"AIFF", b"AIFC"}:
        return "audio/aiff"
    if head.startswith(b"\x1aE\xdf\xa3"):
        return next((_EBML[kind] for kind in _EBML if kind in head[:64]), None)
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return "image/bmp"
    if head[4:8] == b"ftyp":
        return _type_by_brands(head)
    if head[4:8] in _FILM_BOXES:
        return "video/quicktime"
    if head[:1] == b"G" and head[188:189] == b"G":
        return "video/mp2t"
    if len(head) >= 4 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[2] & 0xF0 != 0xF0:
        # An MPEG audio frame without tags: layer III, or no layer at all, which is AAC.
        return {0x02: "audio/mpeg", 0x00: "audio/aac"}.get(head[1] & 0x06)
    return _type_of_markup(head.removeprefix(b"\xef\xbb\xbf"))


def _type_of_markup(head: bytes) -> str | None:
    """Find the type by the root of a document; None where the head ends before the root."""
    before = re.match(_XML_BEGINNING, head)
    root = head[0 if before is None else before.end() :].lower()
    found = next((media_type for begin, media_type in _MARKUP if root.startswith(begin)), None)
    is_xml = head.lstrip().startswith(b"<?xml") and root.startswith(b"<")
    return found or ("application/xml" if is_xml else None)


def _type_by_brands(head: bytes) -> str | None:
    """Find the type by the brands of a `ftyp` box: the major one, else the compatible ones.

    A still picture, a film and a sound can share every compatible brand but one, so the order
    counts. A box stays undecided if all its brands are unknown, or if the major one is and the
    others are of several kinds.
    """
    size = int.from_bytes(head[:4], "big")
    end = min(len(head), size) if size >= 16 else len(head) if size == 0 else 16
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]
    listed = [brand for brand in brands if brand in _BRANDS]
    if brands[0] not in _BRANDS and len({kind_of(_BRANDS[brand]) for brand in listed}) > 1:
        return None
    exact = [brand for brand in listed if brand not in _GENERAL_BRANDS]
    if brands[0] in _GENERAL_BRANDS:  # a picture, so the brands of films say nothing about it
        exact = [brand for brand in exact if kind_of(_BRANDS[brand]) == "image"]
    found = next(iter([*exact, *listed]), None)
    return None if found is None else _BRANDS[found]


def is_text(head: bytes) -> bool:
    """Whether the first bytes are plain text (UTF-8 without control characters)."""
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.end < len(head) or error.start < len(head) - 3:  # else cut within a character
            return False
        text = head[: error.start].decode()
    return bool(text) and all(sign in "\t\r\n\f" or category(sign) != "Cc" for sign in text)


def type_of(head: bytes, name: str) -> str:
    """Find the media type of a file: the content decides, and where it is undecided, the name."""
    found, named = sniff(head), type_by_name(name)
    if found in _CONTAINERS and named in {
        f"{kind}/{_CONTAINERS[found]}" for kind in _KINDS_IN_CONTAINERS
    }:
        return named
    return found or named or UNKNOWN


def type_by_name(name: str) -> str | None:
    """Find the media type of the suffix of a file name; None for an unknown suffix."""
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    return _BY_SUFFIX.get(suffix) or mimetypes.guess_type(f"x{suffix}")[0]


_SUFFIXES_OF_OTHER_NAMES: Final = {
    "application/xml": ".xml",
    "audio/midi": ".mid",
    "audio/mp3": ".mp3",
    "audio/x-m4a": ".m4a",
    "image/jpg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/x-icon": ".ico",
    "image/x-png": ".png",
}
"""Of names that servers use beside the usual one, and of a type to which Python gives `.xsl`."""


def suffix_of(media_type: str) -> str:
    """Return the suffix of file names for this media type, `.bin` for an unknown one."""
    known = _SUFFIXES.get(media_type) or _SUFFIXES_OF_OTHER_NAMES.get(media_type)
    return known or mimetypes.guess_extension(media_type) or ".bin"


def plain_type(header: str | None) -> str | None:
    """Return the media type of a Content-Type header without parameters, in lower case.

    None for a missing header and for the types that only say "bytes".
    """
    plain = (header or "").partition(";")[0].strip().lower()
    return None if plain in {"", UNKNOWN, "binary/octet-stream"} else plain


def kind_of(media_type: str | None) -> str | None:
    """Return `image`, `video` or `audio`; None for any other media type."""
    kind = (media_type or "").partition("/")[0]
    return kind if kind in MEDIA_KINDS else None


def content_problem(
    head: bytes, content_type: str | None, kinds: Iterable[str | None]
) -> str | None:
    """Return why a downloaded file is not what it should be; None if it may well be.

    Args:
        head: its first bytes.
        content_type: the Content-Type that came with it; its kind is expected as well.
        kinds: the expected kinds, `image`, `video` or `audio`.
    """
    expected = {kind for kind in (*kinds, kind_of(content_type)) if kind in MEDIA_KINDS}
    if not head:
        return "it is empty"
    found = sniff(head)
    if found is None and content_type is not None and _is_text_type(content_type):
        found = content_type
    problem = _mismatch(found, expected)
    return None if problem is None else f"it {problem}"


def kind_problem(head: bytes, media_type: str, kinds: Iterable[str]) -> str | None:
    """Return why a local file cannot be of these kinds; None if it may be, or if there are none.

    Args:
        head: its first bytes.
        media_type: what its content, or else its name, says that it is.
        kinds: the expected kinds, `image`, `video` or `audio`.
    """
    # An SVG may begin with a comment so long that its root is not among the first bytes.
    is_only_text = media_type != _SVG and is_text(head)
    found = sniff(head) or ("text/plain" if is_only_text else plain_type(media_type))
    return _mismatch(found, set(kinds))


def _mismatch(found: str | None, kinds: Set[str]) -> str | None:
    if found is None or not kinds:
        return None
    possible = _KINDS_IN_CONTAINERS if found in _CONTAINERS else {kind_of(found)}
    wanted = " or ".join(sorted(kinds))
    return f"is {found}, not {wanted}" if kinds.isdisjoint(possible) else None


def _is_text_type(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type in {"application/json", "application/xml"}


def is_data_uri(text: str) -> bool:
    """Whether the text is a data URI."""
    return text[:5].lower() == "data:"


def read_data_uri(uri: str) -> bytes:
    """Decode the data URI. Raises ValueError that says why one cannot be read."""
    header, comma, data = uri[5:].partition(",")
    if not comma:
        raise ValueError("a data URI without data")
    try:
        content = unquote_to_bytes(data)
        if not header.lower().endswith(";base64"):
            return content
        # browsers forgive white space and padding
        packed = content.translate(None, string.whitespace.encode())
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except ValueError as error:
        raise ValueError(f"a data URI that cannot be read: {error}") from None


def write_data_uri(content: bytes, media_type: str) -> str:
    """Encode the content as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def type_in(uri: str) -> str | None:
    """Return the media type that the data URI names, None if it names none."""
    declared = uri[5:].partition(",")[0].partition(";")[0].strip().lower()
    return declared if declared and declared.isascii() else None
