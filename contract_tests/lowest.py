"""Print the lowest versions that pyproject.toml allows, for `make test-lowest`."""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


EXTRAS = ("cli", "mock", "inbox")
"""Extras whose lowest versions are tried with the client's own."""


def lowest_versions() -> list[str]:
    """Return `name==version` for each dependency of the client and of the extras."""
    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    dependencies = [*project["dependencies"], *(one for extra in EXTRAS for one in extras[extra])]
    return [re.sub(r">=([^,]+).*", r"==\1", dependency) for dependency in dependencies]


if __name__ == "__main__":
    print("\n".join(lowest_versions()))
