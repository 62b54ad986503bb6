"""A text that a test makes, compared with the one that was stored.

`RUNFLOW_WRITE_SNAPSHOTS=1 pytest PATH` stores it anew. What changes in the file then is reviewed as
code is.
"""

import difflib
import os
from pathlib import Path
from typing import Final

WRITE: Final = "RUNFLOW_WRITE_SNAPSHOTS"
MAX_LINES: Final = 40


def check_snapshot(path: Path, text: str) -> None:
    """Compare the text with that in the file.

    Raise AssertionError with the first lines that differ.
    """
    if os.environ.get(WRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    before = path.read_text(encoding="utf-8").splitlines()
    changed = difflib.unified_diff(before, text.splitlines(), "stored", "now", lineterm="", n=1)
    shown = list(changed)
    assert not shown, f"{path.name}:\n" + "\n".join(line[:500] for line in shown[:MAX_LINES])
