"""The patterns of the page on testing, each run as the test file of a user."""

import re
from pathlib import Path

from suites.mock.test_plugin import run_pytest

PAGE = Path(__file__).parents[3] / "docs" / "guides" / "testing.md"
PATTERNS = re.findall(
    r"^## (\d+\. [^\n]+)$.*?^```python\n(.*?)^```$",
    PAGE.read_text("utf-8"),
    re.DOTALL | re.MULTILINE,
)


def test_there_are_ten() -> None:
    assert [title.partition(".")[0] for title, _ in PATTERNS] == [str(n) for n in range(1, 11)]


def test_the_patterns_pass(tmp_path: Path) -> None:
    """Each is a file of its own, in one pytest."""
    files = {f"test_{title.partition('.')[0]}.py": code for title, code in PATTERNS}
    result = run_pytest(tmp_path, tests=files)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(files)} passed" in result.stdout
