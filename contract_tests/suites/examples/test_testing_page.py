"""The patterns of the page on testing, each run as the test file of a user."""

import re
from pathlib import Path

import pytest

from suites.mock.test_plugin import run_pytest

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "testing.md"
PATTERNS = re.findall(
    r"^## (\d+\. [^\n]+)$.*?^```python\n(.*?)^```$",
    PAGE.read_text("utf-8"),
    re.DOTALL | re.MULTILINE,
)


def test_there_are_ten() -> None:
    assert [title.partition(".")[0] for title, _ in PATTERNS] == [str(n) for n in range(1, 11)]


@pytest.mark.parametrize("code", [code for _, code in PATTERNS], ids=[one for one, _ in PATTERNS])
def test_the_pattern_passes(code: str, tmp_path: Path) -> None:
    result = run_pytest(tmp_path, tests=code)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "1 passed" in result.stdout
