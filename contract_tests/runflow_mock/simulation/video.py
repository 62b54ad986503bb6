"""Small, valid MP4 files: one picture as uncompressed H.264 blocks, repeated for as long as the film lasts."""

import struct
from functools import lru_cache

from PIL import Image

from .drawing import picture_of

BLOCK = 16  # pixels of a macroblock's side
WIDTH, HEIGHT = 160, 96
FRAMES_PER_SECOND = 2
TIMESCALE = 1000


@lru_cache(maxsize=16)
def film(title: str, text: str, seconds: int) -> bytes:
    """Return the bytes of an MP4 (H.264, no sound) of that many seconds that shows title and text."""
    count = max(seconds, 1) * FRAMES_PER_SECOND
    frames = [_nal(0x65, _picture_slice(picture_of(title, text, (WIDTH, HEIGHT))))]
    frames += [_nal(0x41, _repeat_slice(number % 16)) for number in range(1, count)]
    samples = [struct.pack(">I", len(frame)) + frame for frame in frames]
    head = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2avc1mp41")
    # The offset of the first sample stands in the index, which comes before the samples.
    start = len(head) + len(_index(samples, 0)) + 8
    return head + _index(samples, start) + _box(b"mdat", *samples)


class _Bits:
    """A row of bits that grows, with the codes that H.264 writes numbers in."""

    def __init__(self) -> None:
        self._bits: list[int] = []

    def fixed(self, value: int, count: int) -> "_Bits":
        self._bits += [value >> position & 1 for position in range(count - 1, -1, -1)]
        return self

    def golomb(self, value: int) -> "_Bits":
        """Append an unsigned Exp-Golomb code."""
        length = (value + 1).bit_length()
        return self.fixed(0, length - 1).fixed(value + 1, length)

    def align(self) -> "_Bits":
        return self.fixed(0, -len(self._bits) % 8)

    def append(self, content: bytes) -> "_Bits":
        for byte in content:
            self.fixed(byte, 8)
        return self

    def end(self) -> bytes:
        """Append the stop bit and return everything as bytes."""
        self.fixed(1, 1).align()
        text = "".join(map(str, self._bits))
        return int(text, 2).to_bytes(len(text) // 8, "big")


def _sequence_parameters() -> bytes:
    bits = _Bits().fixed(66, 8).fixed(0xC0, 8).fixed(10, 8)  # baseline profile, level 1.0
    bits.golomb(0).golomb(0).golomb(2).golomb(1).fixed(
        0, 1
    )  # 16 frame numbers, output in the order of decoding
    bits.golomb(WIDTH // BLOCK - 1).golomb(HEIGHT // BLOCK - 1)
    return bits.fixed(1, 1).fixed(1, 1).fixed(0, 1).fixed(0, 1).end()


def _picture_parameters() -> bytes:
    bits = _Bits().golomb(0).golomb(0).fixed(0, 1).fixed(0, 1).golomb(0).golomb(0).golomb(0)
    return bits.fixed(0, 1).fixed(0, 2).golomb(0).golomb(0).golomb(0).fixed(0, 3).end()


def _picture_slice(picture: Image.Image) -> bytes:
    """Return a slice in which every block stands as it is, sample by sample (I_PCM)."""
    luma, blue, red = picture.convert("YCbCr").split()
    planes = [(luma, BLOCK), (blue.reduce(2), BLOCK // 2), (red.reduce(2), BLOCK // 2)]
    bits = _Bits().golomb(0).golomb(7).golomb(0).fixed(0, 4).golomb(0).fixed(0, 2).golomb(0)
    for row in range(HEIGHT // BLOCK):
        for column in range(WIDTH // BLOCK):
            bits.golomb(25).align()  # I_PCM
            for plane, side in planes:
                place = (column * side, row * side, (column + 1) * side, (row + 1) * side)
                bits.append(plane.crop(place).tobytes())
    return bits.end()


def _repeat_slice(number: int) -> bytes:
    """Return a slice that skips every block: the picture before stays."""
    bits = (
        _Bits()
        .golomb(0)
        .golomb(5)
        .golomb(0)
        .fixed(number, 4)
        .fixed(0, 1)
        .fixed(0, 1)
        .fixed(0, 1)
        .golomb(0)
    )
    return bits.golomb(WIDTH // BLOCK * (HEIGHT // BLOCK)).end()


def _nal(header: int, payload: bytes) -> bytes:
    """Return a NAL unit; a 3 is put where the payload would look like the beginning of another unit."""
    out, zeros = bytearray([header]), 0
    for byte in payload:
        if zeros == 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _box(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def _full_box(kind: bytes, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def _index(samples: list[bytes], start: int) -> bytes:
    duration = len(samples) * TIMESCALE // FRAMES_PER_SECOND
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    parameters = [_nal(0x67, _sequence_parameters()), _nal(0x68, _picture_parameters())]
    avcc = (
        bytes([1, 66, 0xC0, 10, 0xFF, 0xE1]) + struct.pack(">H", len(parameters[0])) + parameters[0]
    )
    avcc += bytes([1]) + struct.pack(">H", len(parameters[1])) + parameters[1]
    sizes = struct.pack(">HH", WIDTH, HEIGHT)
    entry = _box(
        b"avc1",
        *(
            bytes(6),
            b"\x00\x01",
            bytes(16),
            sizes,
            struct.pack(">III", 0x480000, 0x480000, 0),
            b"\x00\x01",
        ),
        *(bytes(32), b"\x00\x18\xff\xff", _box(b"avcC", avcc)),
    )
    table = _box(
        b"stbl",
        _full_box(b"stsd", struct.pack(">I", 1), entry),
        _full_box(b"stts", struct.pack(">III", 1, len(samples), TIMESCALE // FRAMES_PER_SECOND)),
        _full_box(b"stss", struct.pack(">II", 1, 1)),
        _full_box(b"stsc", struct.pack(">IIII", 1, 1, len(samples), 1)),
        _full_box(
            b"stsz",
            struct.pack(">II", 0, len(samples)),
            *(struct.pack(">I", len(sample)) for sample in samples),
        ),
        _full_box(b"stco", struct.pack(">II", 1, start)),
    )
    information = _box(
        b"minf",
        _full_box(b"vmhd", bytes(8), flags=1),
        _box(b"dinf", _full_box(b"dref", struct.pack(">I", 1), _full_box(b"url ", flags=1))),
        table,
    )
    media = _box(
        b"mdia",
        _full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, TIMESCALE, duration, 0x55C4, 0)),
        _full_box(b"hdlr", bytes(4), b"vide", bytes(12), b"VideoHandler\x00"),
        information,
    )
    track = _box(
        b"trak",
        _full_box(
            b"tkhd", struct.pack(">IIIII", 0, 0, 1, 0, duration), bytes(16), matrix,
            struct.pack(">II", WIDTH << 16, HEIGHT << 16), flags=3,
        ),
        media,
    )  # fmt: skip
    movie = _full_box(
        b"mvhd", struct.pack(">IIIIIH", 0, 0, TIMESCALE, duration, 0x10000, 0x100), bytes(10), matrix, bytes(24),
        struct.pack(">I", 2),
    )  # fmt: skip
    return _box(b"moov", movie, track)
