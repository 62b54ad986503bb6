"""Take the screenshots of the docs: the real command in a terminal, drawn as SVG by rich, and
the picture that the mock server makes.

`make screenshots` runs it and writes docs/screenshots/.
"""

import os
import re
import sys
import tempfile
from io import StringIO
from pathlib import Path
from typing import Final

import pexpect
from rich.console import Console
from rich.text import Text
from runflow_mock import AcceleratedClock, MockRunflow

FOLDER: Final = Path(__file__).parents[3] / "docs" / "screenshots"
COLUMNS: Final = 90
MODEL: Final = "google/nano-banana-pro"
ASKED: Final = f'run {MODEL} --prompt "A cathedral" --resolution 2K -o cathedral.png'
MOMENTS: Final = {
    "a-model": (f"run {MODEL} --help", None),
    "progress": (ASKED, "2/3"),
    "the-result": (ASKED, None),
    "refused": (f'run {MODEL} --prompt "A cathedral" --resolution 2k', None),
}
"""By file name: the arguments, and what ends the picture before the command has ended."""

_MOVES: Final = re.compile(r"(\x1b\[2K|\x1b\[\d*A|\r|\n)")
_CURSOR: Final = re.compile(r"\x1b\[\?25[lh]")
_MAX_LINES: Final = 40


def seen(output: str) -> str:
    """Return what a terminal shows in the end: lines that are erased or drawn anew are gone."""
    lines, row = [""], 0
    for part in _MOVES.split(_CURSOR.sub("", output)):
        if part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif part.endswith("A") and part.startswith("\x1b["):
            row = max(0, row - 1)
        elif part != "\r":
            lines[row] += part
    return "\n".join(lines[:_MAX_LINES]).rstrip()


def take(name: str, environment: dict[str, str]) -> str:
    """Return the SVG of one moment."""
    arguments, until = MOMENTS[name]
    with tempfile.TemporaryDirectory() as folder:
        child = pexpect.spawn(
            f"{sys.executable} -m runflow_client.cli {arguments}",
            env=environment,
            cwd=folder,
            dimensions=(50, COLUMNS),
            encoding="utf-8",
            timeout=60,
        )
        child.expect(pexpect.EOF if until is None else re.escape(until))
        shown = seen(str(child.before) + (until or ""))
        child.close(force=True)
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    console.print(f"$ runflow {arguments}", style="bold", highlight=False, markup=False)
    console.print(Text.from_ansi(shown))
    return console.export_svg(title="runflow", unique_id=name)


def main() -> None:
    """Write the picture of each moment."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with MockRunflow(clock=AcceleratedClock(3)) as mock:
        environment = {
            **os.environ,
            "RUNFLOW_BASE_URL": mock.base_url,
            "RUNFLOW_API_KEY": mock.api_key,
            "TERM": "xterm-256color",
        }
        for name in MOMENTS:
            path = FOLDER / f"{name}.svg"
            path.write_text(take(name, environment), encoding="utf-8")
            print(path.relative_to(Path.cwd()))
        with mock.client() as client:
            made = client.run(MODEL, {"prompt": "A cathedral", "resolution": "2K"}).outputs[0]
            made.image().resize((512, 512)).save(FOLDER / "cathedral.png", optimize=True)


if __name__ == "__main__":
    main()
