"""Which pictures are drawn in which terminal, and what is said of the others."""

import io
import os
import re
from functools import partial
from types import SimpleNamespace
from typing import Any, Final

import pytest
from PIL import Image
from runflow_client.cli.shared.pictures import show_pictures
from runflow_client.cli.shared.sixel import sixel_picture
from runflow_client.cli.shared.terminal import Terminal

from .test_streams import streams

PNG: Final = b"\x89PNG\r\n\x1a\n...."
MIB: Final = 2**20
ITERM: Final = "\x1b]1337;File=inline=1;size=12:iVBORw0KGgouLi4u\x07\n"
KITTY: Final = "\x1b_Ga=T,f=100,m=0;iVBORw0KGgouLi4u\x1b\\\n"
DRAWN: Final = {
    ("iTerm.app", "xterm", ""): ITERM,
    ("WezTerm", "xterm", ""): ITERM,
    ("iTerm.app", "xterm-kitty", "1"): ITERM,
    ("", "xterm-kitty", ""): KITTY,
    ("", "xterm", "1"): KITTY,
    ("vscode", "xterm-kitty", ""): KITTY,
}
"""What is drawn, by TERM_PROGRAM, TERM and KITTY_WINDOW_ID."""


def outputs(*contents: tuple[str, bytes]) -> Any:
    """Return a run that made these, by type; each is read with a bound."""

    def read(content: bytes, max_bytes: int) -> bytes:
        assert max_bytes == 20 * MIB
        return content

    return SimpleNamespace(
        outputs=[
            SimpleNamespace(
                type=kind,
                name=f"{number}.{kind}",
                read=partial(read, content),
            )
            for number, (kind, content) in enumerate(contents)
        ]
    )


@pytest.mark.parametrize("names", DRAWN, ids=" ".join)
def test_each_terminal_has_its_protocol(names: tuple[str, str, str]) -> None:
    run = outputs(("image", PNG), ("video", PNG), ("image", PNG))
    program, term, window = names
    with streams(err=True, TERM_PROGRAM=program, TERM=term, KITTY_WINDOW_ID=window) as (out, err):
        if not window:
            del os.environ["KITTY_WINDOW_ID"]
        show_pictures(Terminal(), run)
    assert (out.text, err.text) == ("", 2 * DRAWN[names])


def test_a_picture_that_is_not_drawn_is_named() -> None:
    run = outputs(("image", b"GIF"), ("image", PNG))
    for is_terminal in (True, False):
        with streams(out=True, err=is_terminal, TERM_PROGRAM="", TERM="xterm-kitty") as (out, err):
            show_pictures(Terminal(), run)
        assert out.text == ""
        assert err.text == (
            f"0.image is not shown: this terminal shows PNG alone.\n{KITTY}"
            if is_terminal
            else "This terminal shows no pictures (iTerm2, WezTerm, kitty, or sixels do).\n"
        )


def orange(width: int, height: int) -> str:
    """Draw a picture of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), "orange").save(content, "PNG")
    return str(sixel_picture(content.getvalue()))


@pytest.mark.parametrize(
    ("size", "drawn"),
    [
        ((480, 480), (480, 480)),
        ((481, 240), (480, 240)),
        ((960, 480), (480, 240)),
        ((9, 7), (9, 7)),
    ],
)
def test_a_large_picture_is_made_smaller(size: tuple[int, int], drawn: tuple[int, int]) -> None:
    shown = orange(*size)
    assert shown.startswith(f'\x1bPq"1;1;{drawn[0]};{drawn[1]}#0;2;')
    assert shown.count("-") == (drawn[1] - 1) // 6


def test_a_character_is_counted_where_that_is_shorter() -> None:
    for width in range(1, 7):
        shown = orange(width, 1)
        line = f"!{width}@" if width > 3 else "@" * width
        assert shown.endswith(f"{line}\x1b\\")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_a_picture_of_any_mode_is_drawn_in_percent_of_each_colour(mode: str) -> None:
    content = io.BytesIO()
    Image.new("RGB", (2, 2), (162, 162, 162)).convert(mode).save(content, "PNG")
    shown = str(sixel_picture(content.getvalue()))
    level = 64 if mode not in {"1", "P"} else r"\d+"  # those have other colours
    assert re.search(rf"#\d+;2;{level};{level};{level}", shown)


def test_many_colours_become_64() -> None:
    content, image = io.BytesIO(), Image.new("RGB", (200, 1))
    for x in range(200):
        image.putpixel((x, 0), (x, 255 - x, x // 2))
    image.save(content, "PNG")
    shown = str(sixel_picture(content.getvalue()))
    assert len(set(re.findall(r"#(\d+)[^;\d]", shown))) == 64
