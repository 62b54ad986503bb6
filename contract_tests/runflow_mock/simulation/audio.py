"""Small, valid MP3 files: silence of a given length, with the text as the title."""

import struct

# MPEG-1 layer III, 32 kbit/s, 44.1 kHz, mono: 1152 samples in 104 bytes. Side information of zeros
# is silence.
FRAME = b"\xff\xfb\x10\xc4" + bytes(100)
SAMPLES_PER_FRAME = 1152
SAMPLES_PER_SECOND = 44_100
MAX_TITLE_BYTES = 1000


def silence(title: str, seconds: int) -> bytes:
    """Return the bytes of an MP3 of that many seconds with an ID3 title."""
    text = b"\x03" + title.encode(errors="replace")[:MAX_TITLE_BYTES]
    frame = b"TIT2" + _synchsafe(len(text)) + b"\x00\x00" + text
    tag = b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame
    return tag + FRAME * -(-max(seconds, 1) * SAMPLES_PER_SECOND // SAMPLES_PER_FRAME)


def _synchsafe(size: int) -> bytes:
    return struct.pack(">4B", *(size >> shift & 0x7F for shift in (21, 14, 7, 0)))
