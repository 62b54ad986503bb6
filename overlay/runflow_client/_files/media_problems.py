"""Tell by the first bytes of a file, and its size, that a model cannot take it.

What a picture says about itself is followed as far as its first bytes go: one that is cut off later
than that is not noticed. What only begins like a picture is not judged.
"""

from collections.abc import Callable, Collection
from typing import Final

from .media_types import HEAD_BYTES, UNKNOWN, kind_problem, read_data_uri, sniff, type_in

_PNG_SIGNATURE: Final = 8
_FIRST_CHUNK: Final = b"\x00\x00\x00\rIHDR"
_GIF_HEADER: Final = 13
_RIFF_HEADER: Final = 12
_OPEN_END: Final = frozenset({0, 0xFFFFFFFF})
"""Sizes in a header that was written before the size was known."""
_START_OF_SCAN: Final = 0xDA
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers of JPEG that nothing belongs to."""
_HEADER_BOXES: Final = frozenset({b"ftyp", b"jP  ", b"JXL "})


def media_problem(head: bytes, size: int, media_type: str, kinds: Collection[str]) -> str | None:
    """Return why a file cannot be of these kinds; None if it may be, or if there are none.

    Args:
        head: its first bytes, all of them if it has no more.
        size: bytes of the file.
        media_type: what its content, or else its name, says that it is.
        kinds: the expected kinds, `image`, `video` or `audio`.
    """
    problem = kind_problem(head, media_type, kinds)
    if problem is not None or "image" not in kinds:
        return problem
    found = sniff(head)
    if found in _PICTURES and _PICTURES[found](head, size):
        return f"is {found}, but cut off: it has {size} bytes, and by its own header it has more"
    return None


def inline_problem(uri: str, kinds: Collection[str]) -> str | None:
    """Return why the file in a data URI cannot be of these kinds, as `media_problem` does; also why
    it cannot be read.
    """
    try:
        content = read_data_uri(uri)
    except ValueError as error:
        return f"is {error}"
    if not content:
        return "is a data URI of an empty file"
    return media_problem(content[:HEAD_BYTES], len(content), type_in(uri) or UNKNOWN, kinds)


def _png(head: bytes, size: int) -> bool:
    first = head[_PNG_SIGNATURE : _PNG_SIGNATURE + len(_FIRST_CHUNK)]
    if not _FIRST_CHUNK.startswith(first):
        return False
    at = _PNG_SIGNATURE
    while at + 8 <= len(head) and head[at + 4 : at + 8] != b"IEND":
        at += 12 + int.from_bytes(head[at : at + 4], "big")  # its length, name and checksum
    return at + 12 > size  # IEND has twelve bytes, too


def _jpeg(head: bytes, size: int) -> bool:
    at = 2
    while at + 4 <= len(head):
        if head[at] != 0xFF:
            return False
        marker = head[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            length = int.from_bytes(head[at + 2 : at + 4], "big")
            if length < 2:
                return False
            at += 2 + length
            if marker == _START_OF_SCAN:
                break
    return at >= size or at + 4 > size


def _gif(head: bytes, size: int) -> bool:
    if size <= _GIF_HEADER:
        return True
    flags = head[10]
    colors = 3 * 2 ** ((flags & 0x07) + 1) if flags & 0x80 else 0
    return _GIF_HEADER + colors >= size


def _webp(head: bytes, size: int) -> bool:
    told = int.from_bytes(head[4:8], "little")
    return size <= _RIFF_HEADER or (told not in _OPEN_END and told + 8 > size)


def _bmp(head: bytes, size: int) -> bool:
    return int.from_bytes(head[2:6], "little") > size


def _tiff(head: bytes, size: int) -> bool:
    begin, end = (8, 16) if 0x2B in head[2:4] else (4, 8)  # BigTIFF, or the usual one
    where = int.from_bytes(head[begin:end], "little" if head[:1] == b"I" else "big")
    return size <= end or where >= size


def _boxes(head: bytes, size: int) -> bool:
    """Walk through the boxes of the ISO base media file format."""
    if head[4:8] not in _HEADER_BOXES:  # a bare codestream
        return False
    at, has_content = 0, False
    while at + 8 <= len(head):
        length, name = int.from_bytes(head[at : at + 4], "big"), head[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(head[at + 8 : at + 16], "big")
        if length < 8 or not name.isascii():  # 0: it reaches to the end of the file
            return False
        has_content = has_content or name not in _HEADER_BOXES
        at += length
    return at > size or not has_content


_PICTURES: Final[dict[str, Callable[[bytes, int], bool]]] = {
    "image/png": _png,
    "image/jpeg": _jpeg,
    "image/gif": _gif,
    "image/webp": _webp,
    "image/bmp": _bmp,
    "image/tiff": _tiff,
    **dict.fromkeys(
        (
            "image/avif",
            "image/heic",
            "image/heic-sequence",
            "image/heif",
            "image/jp2",
            "image/jxl",
            "image/x-canon-cr3",
        ),
        _boxes,
    ),
}
