"""Pictures as sixels, and the question whether the terminal shows them."""

import io
import os
import re
import select
import time
from contextlib import suppress
from typing import Final

_MAX_SIDE: Final = 480
"""Pixels. A picture is made smaller: a terminal draws large ones slowly."""
_COLOURS: Final = 64
_ROWS: Final = 6
"""Pixels above each other in one character."""
_EMPTY: Final = ord("?")
_ASK: Final = b"\x1b[c"
_ANSWER: Final = re.compile(rb"\x1b\[\?([\d;]*)c")
_SIXEL: Final = b"4"
"""The attribute of terminals that show sixels (DEC VT340: primary device attributes)."""
_PATIENCE: Final = 0.5
"""Seconds in which a terminal answers."""


def shows_sixels() -> bool:
    """Ask the terminal whether it shows sixels; False where there is none or no answer comes."""
    try:
        import termios
        import tty

        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except (ImportError, OSError):
        return False
    try:
        before = termios.tcgetattr(terminal)
        try:
            tty.setcbreak(terminal)
            os.write(terminal, _ASK)
            answer = _ANSWER.search(_read_answer(terminal))
        finally:
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    except (termios.error, OSError):
        return False
    finally:
        with suppress(OSError):
            os.close(terminal)
    return answer is not None and _SIXEL in answer[1].split(b";")[1:]


def _read_answer(terminal: int) -> bytes:
    answer, until = b"", time.monotonic() + _PATIENCE
    while (left := until - time.monotonic()) > 0:
        if not select.select([terminal], [], [], left)[0]:
            break
        answer += os.read(terminal, 64)
        if _ANSWER.search(answer):
            break
    return answer


def sixel_picture(content: bytes) -> str | None:
    """Return the picture as sixels; None where Pillow is missing or cannot decode it."""
    try:
        from PIL import Image

        image = Image.open(io.BytesIO(content)).convert("RGB")
    except Exception:  # no Pillow, an unknown format, a picture cut short, ...
        return None
    image.thumbnail((_MAX_SIDE, _MAX_SIDE))
    reduced = image.quantize(_COLOURS)
    width, height = reduced.size
    palette, pixels = reduced.getpalette() or [], reduced.tobytes()
    colours = [
        f"#{number};2;" + ";".join(str(round(part / 2.55)) for part in palette[at : at + 3])
        for number, at in enumerate(range(0, len(palette), 3))
    ]
    bands = [
        _band([pixels[y * width : (y + 1) * width] for y in range(top, min(top + _ROWS, height))])
        for top in range(0, height, _ROWS)
    ]
    return f'\x1bPq"1;1;{width};{height}{"".join(colours)}{"-".join(bands)}\x1b\\'


def _band(rows: list[bytes]) -> str:
    """Return rows of colour numbers as one line of characters for each colour."""
    lines: dict[int, bytearray] = {}
    for bit, row in enumerate(rows):
        for x, colour in enumerate(row):
            line = lines.get(colour)
            if line is None:
                line = lines[colour] = bytearray([_EMPTY]) * len(row)
            line[x] += 1 << bit
    return "$".join(f"#{colour}{_shortened(line)}" for colour, line in sorted(lines.items()))


def _shortened(line: bytearray) -> str:
    """Write a character that is repeated four times or more as `!count`."""
    return re.sub(r"(.)\1{3,}", lambda found: f"!{len(found[0])}{found[1]}", line.decode("ascii"))
