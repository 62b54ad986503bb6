"""Real pictures with model, resolution and prompt written on them.

The same input gives the same bytes.
"""

import hashlib
import io
import textwrap
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}


@lru_cache(maxsize=32)
def draw(title: str, text: str, size: tuple[int, int], image_format: str) -> bytes:
    """Return the bytes of a picture of that size (width, height) in `png`, `jpeg` or `webp`."""
    picture = picture_of(title, text, size)
    output = io.BytesIO()
    if image_format == "png":
        picture.save(output, "PNG", compress_level=1)
    elif image_format == "jpeg":
        picture.save(output, "JPEG", quality=85)
    else:
        picture.save(output, "WEBP", quality=80, method=0)
    return output.getvalue()


def picture_of(title: str, text: str, size: tuple[int, int]) -> Image.Image:
    """Return the picture: two colours made from the text, the title, and the text below it."""
    digest = hashlib.sha256(f"{title}\n{text}".encode()).digest()
    top, bottom = tuple(byte // 2 for byte in digest[:3]), tuple(byte // 2 for byte in digest[3:6])
    coloured = Image.new("RGB", size)
    canvas = ImageDraw.Draw(coloured)
    width, height = size
    for row in range(height):
        shade = tuple(
            start + (end - start) * row // height for start, end in zip(top, bottom, strict=True)
        )
        canvas.line((0, row, width, row), fill=shade)
    letter = max(min(width, height) // 22, 8)
    margin = letter
    columns = max((width - 2 * margin) * 100 // (letter * 56), 8)
    lines = [*textwrap.wrap(title, columns), "", *textwrap.wrap(text, columns)]
    rows = max((height - 2 * margin) * 10 // (letter * 14), 1)
    font = ImageFont.load_default(letter)
    for row, line in enumerate(lines[:rows]):
        canvas.text(
            (margin, margin + row * letter * 14 // 10), line, fill=(255, 255, 255), font=font
        )
    return coloured
