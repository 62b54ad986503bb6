"""What a file is: by its first bytes, and where they leave it undecided by its name."""

import io
import os
import zipfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from runflow_client import InvalidArgument
from runflow_client._files.media_types import (
    content_problem,
    is_text,
    kind_problem,
    sniff,
    suffix_of,
    type_by_name,
    type_of,
)
from runflow_mock import MockRunflow

from .storage import PNG


def boxed(major: bytes, *compatible: bytes, size: int | None = None) -> bytes:
    """The beginning of a file with a `ftyp` box of these brands."""
    body = b"ftyp" + major + bytes(4) + b"".join(compatible)
    return (len(body) + 4 if size is None else size).to_bytes(4, "big") + body + b"\0\0\0\x08free"


HEADS: list[tuple[bytes, str | None]] = [
    (boxed(b"heic", b"mif1", b"heic"), "image/heic"),
    (boxed(b"heix", b"mif1"), "image/heic"),
    (boxed(b"hevc", b"msf1", b"hevc"), "image/heic-sequence"),
    (boxed(b"mif1", b"mif1", b"heic"), "image/heic"),
    (boxed(b"mif1", b"miaf", b"avif"), "image/avif"),
    (boxed(b"mif1", b"miaf"), "image/heif"),
    (boxed(b"msf1", b"iso8", b"avis"), "image/avif"),
    (boxed(b"mif1", b"isom", b"mp42"), "image/heif"),
    (boxed(b"avif", b"mif1", b"miaf", b"MA1B"), "image/avif"),
    (boxed(b"avis", b"msf1", b"isom"), "image/avif"),
    (boxed(b"XYZ1", b"mif1", b"heic"), "image/heic"),
    (boxed(b"XYZ1", b"miaf", b"avif"), "image/avif"),
    (boxed(b"XYZ1", b"isom", b"mp42"), "video/mp4"),
    (boxed(b"XYZ1", b"XYZ2"), None),
    (boxed(b"XYZ1"), None),
    (boxed(b"XYZ1", b"isav", b"ifmp"), None),  # no brand, though `avif` stands across two
    (boxed(b"jp2 ", b"jp2 "), "image/jp2"),
    (boxed(b"jpx ", b"jp2 "), "image/jp2"),
    (boxed(b"mjp2", b"mjp2"), "video/mj2"),
    (boxed(b"crx ", b"crx ", b"isom"), "image/x-canon-cr3"),
    (boxed(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    (boxed(b"iso6", b"mp41"), "video/mp4"),
    (boxed(b"M4V ", b"M4A ", b"mp42"), "video/mp4"),
    (boxed(b"qt  ", b"qt  "), "video/quicktime"),
    (boxed(b"3gp5", b"3gp5", b"isom"), "video/3gpp"),
    (boxed(b"3g2a", b"3g2a"), "video/3gpp2"),
    (boxed(b"mif2", b"mif1", b"heic"), "image/heic"),
    (boxed(b"XYZ1", b"isom", b"mif1", b"heic"), None),
    (boxed(b"XYZ1", b"M4A ", b"isom"), None),
    (boxed(b"M4A ", b"mp42", b"isom"), "audio/mp4"),
    (boxed(b"F4A ", b"isom"), "audio/mp4"),
    # A box of no size reaches to the end; brands behind the end of a box are not its own.
    (boxed(b"XYZ1", b"avif", size=0), "image/avif"),
    (boxed(b"XYZ1", b"avif", size=16), None),
    (boxed(b"XYZ1", b"avif", size=4), None),
    (boxed(b"XYZ1", b"avif", size=2**31), "image/avif"),
    (b"\0\0\0\x0cjP  \r\n\x87\n" + boxed(b"jp2 "), "image/jp2"),
    (b"\xff\x4f\xff\x51" + bytes(40), "image/jp2"),
    (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(40), "image/jxl"),
    (b"\0\0\0\x08moov" + bytes(40), "video/quicktime"),
    (b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "video/x-matroska"),
    (b"\x1aE\xdf\xa3\x93B\x82\x84webm", "video/webm"),
    (b"\x1aE\xdf\xa3\x93B\x82\x84newer", None),
    (b"RIFF\1\0\0\0WAVEfmt ", "audio/wav"),
    (b"RF64\xff\xff\xff\xffWAVEds64", "audio/wav"),
    (b"RIFF\1\0\0\0AVI LIST", "video/x-msvideo"),
    (b"RIFF\1\0\0\0WEBPVP8L", "image/webp"),
    (b"RIFF\1\0\0\0ACONLIST", None),
    (b"OggS" + bytes(24) + b"\x80theora", "video/ogg"),
    (b"OggS" + bytes(24) + b"\1vorbis", "audio/ogg"),
    (b"OggS" + bytes(24) + b"OpusHead", "audio/ogg"),
    (b"MM\0+" + bytes(40), "image/tiff"),
    (b"\xff\xf1\x50\x80", "audio/aac"),
    (b"\xff\xfb\x90\x00", "audio/mpeg"),
    (b"ID3\4", "audio/mpeg"),
    (b"<?xml version='1.0'?>\n<!-- " + b"A licence. " * 60, None),
    (b"<?xml version='1.0'?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC", "image/svg+xml"),
    (b"\xef\xbb\xbf <!-- a --><svg:svg>", "image/svg+xml"),
    (b"<!-- <svg> --><html>", "text/html"),
    (b"<?xml version='1.0'?><feed><svg>", "application/xml"),
    (b"G" + bytes(187) + b"G" + bytes(187), "video/mp2t"),
    (b"II*\0" + bytes(40), "image/tiff"),
    (b"BM\1\2\3\4" + bytes(8), "image/bmp"),
    (b"BMW is no picture", None),
    (b"FORM\0\0\0\0AIFF", "audio/aiff"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!/bin/sh\n", "text/x-shellscript"),
    (b"\x7fELF\2", "application/x-executable"),
    (b"MZ\x90\0", "application/vnd.microsoft.portable-executable"),
    (b"\x1f\x8b\x08\0", "application/gzip"),
    (b"", None),
]
FOUND = {media_type for _, media_type in HEADS if media_type is not None}
NEVER_SAVED = {
    "application/x-executable",
    "application/vnd.microsoft.portable-executable",
    "text/x-shellscript",
    "text/html",
    "application/xml",
}


@pytest.mark.parametrize(("head", "media_type"), HEADS)
def test_the_first_bytes_show_what_a_file_is(head: bytes, media_type: str | None) -> None:
    assert sniff(head) == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.heic", "image/heic"),
        ("a.HEIF", "image/heif"),
        ("a.avif", "image/avif"),
        ("a.jp2", "image/jp2"),
        ("a.jpx", "image/jp2"),
        ("a.mp4", "video/mp4"),
        ("a.unheard", "application/octet-stream"),
    ],
)
def test_where_the_content_is_undecided_the_name_decides(name: str, media_type: str) -> None:
    assert type_of(boxed(b"XYZ1", b"XYZ2"), name) == media_type
    assert type_of(PNG, name) == "image/png"


@pytest.mark.parametrize(
    ("content_type", "kinds", "problem"),
    [
        ("image/heic", ["image"], None),
        ("video/mp4", ["video"], None),
        (None, ["image"], None),
        ("text/html", ["image"], "it is text/html, not image"),
    ],
)
def test_where_the_content_is_undecided_the_content_type_decides(
    content_type: str | None, kinds: list[str], problem: str | None
) -> None:
    assert content_problem(boxed(b"XYZ1"), content_type, kinds) == problem
    film = boxed(b"XYZ1", b"isom")
    assert content_problem(film, None, ["image"]) == "it is video/mp4, not image"
    assert content_problem(boxed(b"mif1", b"avif"), None, ["image"]) is None


@pytest.mark.parametrize("media_type", sorted(FOUND - NEVER_SAVED))
def test_a_type_that_the_content_shows_has_a_suffix_that_stands_for_it(media_type: str) -> None:
    """On every machine, whatever its own table of types says."""
    assert type_by_name(f"x{suffix_of(media_type)}") == media_type


def test_the_name_decides_between_sound_and_film_where_the_content_does_not() -> None:
    film, sound = boxed(b"3gp5", b"isom"), b"OggS" + bytes(24) + b"\1vorbis"
    assert type_of(film, "a.3gp") == type_of(film, "") == "video/3gpp"
    assert type_of(boxed(b"isom"), "a.m4a") == "audio/mp4"
    assert type_of(b"\x1aE\xdf\xa3\x93B\x82\x88matroska", "a.mka") == "audio/x-matroska"
    assert type_of(sound, "a.opus") == "audio/ogg"


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"echo hello\n", True),
        ("größer".encode(), True),
        ("größer".encode()[:3], True),
        (b"a\0b", False),
        (b"\x89PNG", False),
        (b"\xff\xfe", False),
        (b"\1\2\3", False),
        (b"", False),
    ],
)
def test_text_and_bytes_are_distinguished(head: bytes, answer: bool) -> None:
    assert is_text(head) is answer


@pytest.mark.parametrize(
    ("head", "media_type", "kinds", "problem"),
    [
        (b"#!/bin/sh", "text/x-sh", ["image"], "is text/x-shellscript, not image"),
        (b"echo", "application/octet-stream", ["image"], "is text/plain, not image"),
        (b"\1\2", "application/pdf", ["image"], "is application/pdf, not image"),
        (b"\1\2", "image/x-own", ["image"], None),
        (b"\1\2", "application/octet-stream", ["image"], None),
        (PNG, "image/png", ["video", "audio"], "is image/png, not audio or video"),
        (boxed(b"isom"), "audio/mp4", ["audio"], None),
        (boxed(b"isom"), "video/mp4", ["image"], "is video/mp4, not image"),
        (b"<svg xmlns='x'></svg>", "image/svg+xml", ["image"], None),
        (b"<!-- " + b"A licence. " * 60, "image/svg+xml", ["image"], None),
        (b"#!/bin/sh", "text/x-sh", [], None),
    ],
)
def test_a_file_that_is_certainly_of_another_kind_is_named(
    head: bytes, media_type: str, kinds: list[str], problem: str | None
) -> None:
    assert kind_problem(head, media_type, kinds) == problem


class AsyncFile:
    """As those of anyio, aiofiles and web frameworks are."""

    async def read(self, size: int = -1) -> bytes:
        """Never called."""
        raise AssertionError


class Reading:
    """Its read() takes no size, as that of an answer does."""

    def read(self) -> bytes:
        """All of it."""
        return PNG


def of_library(library: str, name: str, **members: Any) -> object:
    """Something that another library made."""
    return type(name, (), {"__module__": f"{library}.inner", **members})()


ARCHIVE = zipfile.ZipFile(io.BytesIO(), "w")
ARCHIVE.writestr("a.png", PNG)
FOREIGN: list[tuple[object, str]] = [
    (AsyncFile(), r"is an AsyncFile, which is read asynchronously: .*await file\.read\(\)"),
    (of_library("torch", "Tensor"), "is a torch Tensor: pass a numpy array of uint8"),
    (np.zeros((2, 2, 3)), "is a numpy array of float64 .*expected one of uint8"),
    (np.zeros((2, 2, 5), np.uint8), r"is a numpy array of uint8 with the shape \(2, 2, 5\)"),
    (np.zeros(4, np.uint8), r"is a numpy array of uint8 with the shape \(4,\)"),
    (np.zeros((0, 2), np.uint8), r"is a numpy array of uint8 with the shape \(0, 2\)"),
    (
        of_library("httpx", "Response", read=lambda self: b"", headers={}),
        "is an answer of httpx: pass its URL, or the bytes of its content",
    ),
    (io.StringIO("text"), "is a file opened as text: open it with mode 'rb'"),
    (array("B", PNG), r"is an array: pass the bytes of its `tobytes\(\)`"),
    (zipfile.Path(ARCHIVE, "a.png"), r"is a Path: pass the bytes of its `read_bytes\(\)`"),
    ((piece for piece in [PNG]), "is a generator: pass the list of what it gives, or the pieces"),
    (iter([PNG]), "is a list_iterator: pass the list of what it gives, or the pieces"),
]


@pytest.mark.parametrize(("file", "way"), FOREIGN)
def test_files_that_this_client_cannot_read_are_refused_with_the_way_to_give_them(
    client: Any, mock: MockRunflow, file: object, way: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"^the file {way}"):
        client.assets.upload(file)
    edit = "google/nano-banana-pro/edit"
    with pytest.raises(InvalidArgument, match=way):
        client.submit(edit, {"prompt": "x", "image_urls": [file]})
    with pytest.raises(InvalidArgument, match=rf"input\.image_urls\[0\] {way}"):
        client.submit(edit, {"prompt": "x", "image_urls": [file]}, strict=False)
    with pytest.raises(InvalidArgument, match=rf"input\.odd {way}"):
        client.submit("acme/unknown", {"odd": file})
    assert mock.requests == []


@pytest.mark.parametrize("file", [Reading(), Reading, Path])
def test_what_only_resembles_a_file_is_refused(
    client: Any, mock: MockRunflow, file: object
) -> None:
    with pytest.raises(InvalidArgument):
        client.assets.upload(file)
    assert mock.requests == []


@pytest.mark.parametrize(
    "hold", [bytes, bytearray, memoryview, lambda data: memoryview(data * 2)[: len(data)]]
)
def test_bytes_are_taken_however_they_are_held(client: Any, hold: Any) -> None:
    picture = PNG + bytes(100)
    asset = client.assets.upload(hold(picture))
    assert (asset.mime_type, asset.size_bytes) == ("image/png", len(picture))
    edit = "google/nano-banana-pro/edit"
    assert client.run(edit, {"prompt": "x", "image_urls": [hold(picture)]}).status == "succeeded"


class PathOfBytes:
    """As `os.scandir(b".")` gives them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> bytes:
        return bytes(self._path)


class Later:
    """An awaitable that is no coroutine, as a future is."""

    def __await__(self) -> Iterator[None]:
        yield None


class Wrapped:
    """Its read() is no coroutine function, and gives something to await all the same."""

    def __init__(self, read: Callable[[int], object]) -> None:
        self.read = read


@pytest.mark.parametrize("read", [lambda size: AsyncFile().read(size), lambda size: Later()])
def test_a_file_whose_read_gives_something_to_await_is_refused_with_the_way(
    client: Any, mock: MockRunflow, read: Callable[[int], object]
) -> None:
    with pytest.raises(InvalidArgument, match=r"is read asynchronously: .*await file\.read\(\)"):
        client.assets.upload(Wrapped(read))
    assert mock.requests == []


def test_a_path_is_taken_whoever_made_it(client: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(100))
    (entry,) = os.scandir(tmp_path)
    for named in (path, entry, PathOfBytes(path), anyio.Path(path)):
        assert client.assets.upload(named).name == "a.png"
