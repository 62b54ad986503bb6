"""Print the lowest versions that pyproject.toml allows of what the client needs, for
`make test-lowest`.
"""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


def lowest_versions() -> list[str]:
    """Return `name==version` for each dependency of the client."""
    dependencies = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [re.sub(r">=([^,]+).*", r"==\1", dependency) for dependency in dependencies]


if __name__ == "__main__":
    print("\n".join(lowest_versions()))
