"""The pictures of outputs: their colours, and the lines of text that are drawn on them."""

import hashlib
import io

import pytest
from PIL import Image
from runflow_mock.simulation.drawing import MEDIA_TYPES, draw, picture_of

SIZES = [(200, 100), (64, 64), (16, 16), (120, 200), (640, 90), (154, 100), (155, 400)]


def lines_of(picture: Image.Image) -> list[int]:
    """Return the numbers of the places below each other in which something white is drawn."""
    width, height = picture.size
    letter = max(min(width, height) // 22, 8)
    lines = picture.convert("L")
    drawn: list[int] = []
    for number, top in enumerate(letter + n * letter * 14 // 10 for n in range(height)):
        if top >= height:
            break
        strip = lines.crop((0, top, width, min(top + letter * 14 // 10, height)))
        if strip.point([255 if shade > 180 else 0 for shade in range(256)]).getbbox() is not None:
            drawn.append(number)
    return drawn


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(("words", "length"), [(0, 1), (1, 7), (200, 7), (16, 1), (30, 1)])
def test_the_title_and_as_much_of_the_text_as_fits_are_drawn(
    size: tuple[int, int], words: int, length: int
) -> None:
    title, text = "MMM", " ".join(["M" * length] * words)
    picture = picture_of(title, text, size)
    letter = max(min(size) // 22, 8)
    room = max((size[1] - 2 * letter) * 10 // (letter * 14), 1)
    drawn = lines_of(picture)
    if size == (16, 16):  # there is room for a few points of the title alone
        assert drawn in ([], [0])
        return
    columns = max((size[0] - 2 * letter) * 100 // (letter * 56), 8)
    lines = -(-words // ((columns + 1) // (length + 1)))
    assert drawn == [0, *range(2, min(lines + 2, room))]


def test_colours_are_those_of_the_text_from_top_to_bottom() -> None:
    digest = hashlib.sha256(b"title\na text").digest()
    picture, height = picture_of("title", "a text", (40, 50)), 50
    for y in range(height):
        wanted = tuple(
            digest[index] // 2 + (digest[index + 3] // 2 - digest[index] // 2) * y // height
            for index in range(3)
        )
        assert picture.getpixel((0, y)) == picture.getpixel((39, y)) == wanted
    assert picture.tobytes() != picture_of("title 2", "a text", (40, 50)).tobytes()


@pytest.mark.parametrize("kind", MEDIA_TYPES)
def test_bytes_are_those_of_the_picture_in_its_format(kind: str) -> None:
    content = draw("title", "a text", (40, 30), kind)
    assert content == draw("title", "a text", (40, 30), kind)
    with Image.open(io.BytesIO(content)) as picture:
        assert (picture.format, picture.size) == (kind.upper(), (40, 30))
        assert Image.MIME[kind.upper()] == MEDIA_TYPES[kind]
        drawn = picture_of("title", "a text", (40, 30))
        differences = [
            abs(one - other)
            for one, other in zip(picture.convert("RGB").tobytes(), drawn.tobytes(), strict=True)
        ]
        assert sum(differences) / len(differences) < (1 if kind == "png" else 12)
