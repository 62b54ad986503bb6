"""Small rooms: every module says its subject in its first line and stays small; the front door
lists every target.
"""

import ast
import re
import subprocess
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[3]
HANDWRITTEN = (
    "overlay",
    "contract_tests",
    "regenerate",
    "examples",
    "benchmarks",
    "docs",
    "release",
)
MAX_LINES = 400
MAX_TEST_LINES = 600
"""Lines of at most 100 columns. Past about 300, look for the second subject."""

MODULES = [path for root in HANDWRITTEN for path in sorted((HOUSE / root).rglob("*.py"))]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(HOUSE)))
def test_a_module_says_its_subject_and_is_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "the first line of a module says its subject"
    assert text.count("\n") <= (
        MAX_TEST_LINES if "tests" in path.parts[-3:] or "suites" in path.parts else MAX_LINES
    )


def test_make_alone_lists_every_target() -> None:
    makefile = (HOUSE / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony is not None
    listed = subprocess.run(
        ["make", "-s"], cwd=HOUSE, check=True, capture_output=True, text=True
    ).stdout
    shown = {line.split()[1] for line in listed.splitlines()}
    assert shown == set(phony.group(1).split())
