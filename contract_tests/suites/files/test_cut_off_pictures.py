"""Pictures that are cut off: told by their first bytes and their size, before anything is sent."""

import base64
import io
import random
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from runflow_client import InvalidArgument
from runflow_client._files.media_problems import media_problem
from runflow_client._files.media_types import HEAD_BYTES
from runflow_mock import MockRunflow

from .conftest import INPUT
from .storage import PNG

MODEL = "google/nano-banana-pro/edit"


def picture(form: str, edge: int = 40, **options: Any) -> bytes:
    """A picture of noise, which no format makes small."""
    noise = random.Random(7).randbytes(edge * edge * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (edge, edge), noise).save(file, form, **options)
    return file.getvalue()


def tiff(order: Literal["little", "big"], *, is_big: bool, directory: int) -> bytes:
    """Return a TIFF, or a BigTIFF, of 100 bytes whose directory is at this place."""
    version, width = (43, 8) if is_big else (42, 4)
    head = (b"II" if order == "little" else b"MM") + version.to_bytes(2, order)
    head += b"".join(number.to_bytes(2, order) for number in (8, 0)) if is_big else b""
    return (head + directory.to_bytes(width, order)).ljust(100, b"\0")


ORDERS: tuple[Literal["little", "big"], ...] = ("little", "big")


def tiffs(*directories: int) -> dict[str, bytes]:
    """Return a TIFF of each kind with its directory at each of these places."""
    return {
        f"{order} endian TIFF{' of 64 bits' * is_big}, directory at {place}": tiff(
            order, is_big=is_big, directory=place
        )
        for order in ORDERS
        for is_big in (False, True)
        for place in directories
    }


WHOLE = {
    **tiffs(16, 99),
    **{form: picture(form) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")},
    **{form: picture(form) for form in ("AVIF", "JPEG2000")},
    **{f"small {form}": picture(form, 1) for form in ("PNG", "JPEG", "GIF", "WEBP", "AVIF")},
    "PNG with a long profile": picture("PNG", icc_profile=bytes(range(250)) * 40),
    "progressive JPEG": picture("JPEG", progressive=True),
    "JPEG with a long profile": picture("JPEG", icc_profile=bytes(3000)),
    "padded JPEG": b"\xff\xd8\xff" + picture("JPEG")[2:],
    "lossless WEBP": picture("WEBP", lossless=True),
    "codestream of JPEG2000": picture("JPEG2000", no_jp2=True),
}

CUT_OFF = {
    **tiffs(100, 101),
    "signature of PNG": PNG,
    "PNG in its first length": WHOLE["PNG"][:11],
    "PNG in its header": WHOLE["PNG"][:20],
    "PNG after its header": WHOLE["PNG"][:33],
    "PNG in its pixels": WHOLE["PNG"][:2000],
    "PNG without its end": WHOLE["PNG"][:-12],
    "signature of JPEG": b"\xff\xd8\xff",
    "JPEG after its first segment": WHOLE["JPEG"][:20],
    "JPEG in its tables": WHOLE["JPEG"][:100],
    "padded JPEG in its tables": WHOLE["padded JPEG"][:100],
    "JPEG before its scan": WHOLE["small JPEG"][: WHOLE["small JPEG"].index(b"\xff\xda")],
    "JPEG in a long profile": WHOLE["JPEG with a long profile"][:2000],
    "signature of GIF": b"GIF89a",
    "GIF after its header": WHOLE["GIF"][:13],
    "GIF in its colors": WHOLE["GIF"][:600],
    "signature of WEBP": WHOLE["WEBP"][:12],
    "WEBP in its pixels": WHOLE["WEBP"][:-2],
    "BMP after its header": WHOLE["BMP"][:54],
    "BMP in its pixels": WHOLE["BMP"][:-1],
    "signature of TIFF": WHOLE["TIFF"][:8],
    "brands of AVIF": WHOLE["AVIF"][: int.from_bytes(WHOLE["AVIF"][:4], "big")],
    "AVIF in its brands": WHOLE["AVIF"][:20],
    "brands of HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "signature of JPEG2000": WHOLE["JPEG2000"][:12],
    "brands of JPEG2000": WHOLE["JPEG2000"][:32],
    "signature of JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n",
}

UNDECIDED = {
    "PNG with something else": PNG + bytes(99),
    "JPEG with something else": b"\xff\xd8\xff\xe0" + bytes(99),
    "JPEG with something behind a segment": b"\xff\xd8\xff\xe0\0\4ab\0\xe1\xff\xff" + bytes(99),
    "WEBP of unknown size": b"RIFF\0\0\0\0WEBPVP8 ",
    "WEBP of another unknown size": b"RIFF\xff\xff\xff\xffWEBPVP8 ",
    "GIF with something else": b"GIF89a" + bytes(99),
    "PNG with bytes behind it": WHOLE["PNG"] + b"more",
    "AVIF with bytes behind it": WHOLE["AVIF"] + bytes(4),
}


def problem(content: bytes, *kinds: str) -> str | None:
    return media_problem(content[:HEAD_BYTES], len(content), "image/x", kinds)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_picture_is_taken(name: str) -> None:
    assert problem(WHOLE[name], "image") is None


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_only_begins_like_a_picture_is_not_judged(name: str) -> None:
    assert problem(UNDECIDED[name], "image") is None


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_picture_that_is_cut_off_is_refused(name: str) -> None:
    content = CUT_OFF[name]
    assert f"but cut off: it has {len(content)} bytes" in str(problem(content, "image"))
    assert problem(content) is None  # where the field takes any file


def box(name: bytes, size: int, *, is_long: bool = False) -> bytes:
    """Return a box of the ISO base media file format, of so many bytes."""
    told = (1 if is_long else size).to_bytes(4, "big") + name
    return (told + size.to_bytes(8, "big") * is_long).ljust(size, b"\0")


FTYP = b"\0\0\0\x10ftypavif\0\0\0\0"
GIF = b"GIF89a\1\0\1\0"
JPEG = b"\xff\xd8\xff\xe0\0\4ab"
CHUNKS = WHOLE["small PNG"]

SHORTEST = {
    "PNG": (CHUNKS, len(CHUNKS)),
    "PNG with bytes behind it": (CHUNKS + bytes(9), len(CHUNKS)),
    "GIF without colors": (GIF + b"\x07" + bytes(99), 14),
    "GIF of two colors": (GIF + b"\x80" + bytes(99), 20),
    "GIF of sixteen colors": (GIF + b"\x83" + bytes(99), 62),
    "JPEG": (JPEG + b"\xff\xda\0\4ab" + bytes(50), 18),
    "JPEG whose pixels begin with 255": (
        JPEG + b"\xff\xda\0\4ab\xff\0\xff\xff" + bytes(50),
        18,
    ),
    "JPEG with padding": (JPEG + b"\xff\xff\xda\0\4ab" + bytes(50), 19),
    "JPEG with a restart": (JPEG + b"\xff\xd7\xff\xda\0\4ab" + bytes(50), 20),
    "WEBP": (b"RIFF\x1c\0\0\0WEBPVP8 " + bytes(99), 36),
    "WEBP of an unknown size": (b"RIFF\0\0\0\0WEBPVP8 " + bytes(99), 13),
    "BMP": (b"BM\x28\0\0\0" + bytes(99), 40),
    "little endian TIFF": (b"II*\0\x14\0\0\0" + bytes(99), 21),
    "big endian TIFF of 64 bits": (b"MM\0+\0\x08\0\0" + b"\x14".rjust(8, b"\0") + bytes(99), 21),
    "AVIF": (FTYP + box(b"mdat", 30), 46),
    "AVIF with two boxes": (FTYP + box(b"free", 9) + box(b"mdat", 20), 45),
    "AVIF of 64 bits": (FTYP + box(b"mdat", 30, is_long=True), 46),
    "AVIF to the end of the file": (FTYP + box(b"mdat", 0) + bytes(20), 24),
}
"""A picture of each kind, and the least length at which it is no longer taken for cut off."""

UNSEEN = {"AVIF with two boxes": 33, "AVIF of 64 bits": 32}
"""Below these lengths a box is not seen whole, and what came before is not judged."""


@pytest.mark.parametrize("name", SHORTEST)
def test_each_byte_counts_up_to_what_a_header_promises(name: str) -> None:
    content, length = SHORTEST[name]
    lengths = range(UNSEEN.get(name, 12), len(content) + 1)
    taken = [n for n in lengths if problem(content[:n], "image") is None]
    assert taken == list(range(length, len(content) + 1))


@pytest.mark.parametrize("name", ["signature of PNG", "JPEG in its tables", "WEBP in its pixels"])
def test_nothing_is_sent_of_a_picture_that_is_cut_off(
    client: Any, mock: MockRunflow, tmp_path: Path, name: str
) -> None:
    content = CUT_OFF[name]
    path = tmp_path / "picture"
    path.write_bytes(content)
    inline = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    for given in (path, content, io.BytesIO(content), inline):
        asked = {**INPUT, "image_urls": [given]}
        with pytest.raises(InvalidArgument, match=r"image_urls.* is image/\w+, but cut off"):
            client.run(MODEL, asked)
    assert mock.requests == []
    assert client.run(MODEL, asked, strict=False).status == "succeeded"
    assert client.assets.upload(path).size_bytes == len(content)
