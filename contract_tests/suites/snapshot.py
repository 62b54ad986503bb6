"""A text that a test makes, compared with the one that was stored.

`RUNFLOW_WRITE_SNAPSHOTS=1 pytest PATH` stores it anew. What changes in the file then is reviewed as
code is.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

WRITE: Final = "RUNFLOW_WRITE_SNAPSHOTS"
MAX_LINES: Final = 40

_UNORDERED: Final = re.compile(
    r"set\(\{[^}\n]*, [^}\n]*\}"  # of a frozenset, whatever it holds
    r"|\{'[^':}\n]*', '[^}\n]*\}"
)
"""A set of several members: each process shows them in an order of its own."""


def check_snapshot(path: Path, text: str) -> None:
    """Compare the text with that in the file.

    Raise AssertionError with the first lines that differ, and the command that stores the text; and
    for a text that shows a set, which another process shows in another order.
    """
    unordered = _UNORDERED.search(text)
    assert unordered is None, f"{path.name} shows a set, sort it: {unordered[0]}"
    if os.environ.get(WRITE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    test = os.environ["PYTEST_CURRENT_TEST"].partition("::")[0]
    hint = f"if the change is meant: {WRITE}=1 pytest {test}"
    assert path.is_file(), f"{path.name} is missing\n{hint}"
    before, now = path.read_text(encoding="utf-8").splitlines(), text.splitlines()
    changed = list(difflib.unified_diff(before, now, "stored", "now", lineterm="", n=1))
    shown = "\n".join(line[:500] for line in changed[:MAX_LINES])
    assert before == now, f"{path.name}:\n{shown}\n{hint}"


def in_sections(rules: Mapping[str, Callable[[], Iterable[str]]]) -> list[str]:
    """Return the lines of each rule below its name."""
    return [
        line
        for name, rule in rules.items()
        for line in (f"{name}:", *(f"    {one}" for one in rule()))
    ]
