"""Pictures in the terminal, where it can show them: iTerm2's and kitty's protocols, and sixels."""

import os
import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Final

from ... import Run
from .sixel import shows_sixels, sixel_picture
from .terminal import Terminal

_MAX_BYTES: Final = 20 * 1024 * 1024
_KITTY_CHUNK: Final = 4096
_PNG: Final = b"\x89PNG\r\n\x1a\n"


def show_pictures(terminal: Terminal, run: Run) -> None:
    """Draw the pictures that the run made; say so where the terminal cannot."""
    draw = _protocol() if sys.stderr.isatty() else None
    if draw is None:
        terminal.note("This terminal shows no pictures (iTerm2, WezTerm, kitty, or sixels do).")
        return
    for artifact in run.outputs:
        if artifact.type == "image":
            drawn = draw(artifact.read(max_bytes=_MAX_BYTES))
            if drawn is None:
                terminal.note(f"{artifact.name} is not shown: {_LIMITS[draw]}.")
            else:
                print(drawn, file=sys.stderr, flush=True)


def _protocol() -> Callable[[bytes], str | None] | None:
    program = os.environ.get("TERM_PROGRAM", "")
    if program in {"iTerm.app", "WezTerm"}:
        return iterm_picture
    if "kitty" in os.environ.get("TERM", "") or "KITTY_WINDOW_ID" in os.environ:
        return kitty_picture
    return sixel_picture if shows_sixels() else None


def iterm_picture(content: bytes) -> str | None:
    """Return the control sequence with which iTerm2 shows a picture of any type."""
    return f"\x1b]1337;File=inline=1;size={len(content)}:{b64encode(content).decode()}\x07"


def kitty_picture(content: bytes) -> str | None:
    """Return the control sequence with which kitty shows a PNG; None for another type."""
    if not content.startswith(_PNG):
        return None
    encoded = b64encode(content).decode()
    chunks = [
        encoded[start : start + _KITTY_CHUNK] for start in range(0, len(encoded), _KITTY_CHUNK)
    ]
    last = len(chunks) - 1
    return "".join(
        f"\x1b_G{'a=T,f=100,' if number == 0 else ''}m={int(number < last)};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    )


_LIMITS: Final[dict[Callable[[bytes], str | None], str]] = {
    iterm_picture: "",
    kitty_picture: "this terminal shows PNG alone",
    sixel_picture: 'it takes Pillow to draw it: pip install "runflow-client[pictures]"',
}
"""Why a picture cannot be drawn, by what draws it."""
