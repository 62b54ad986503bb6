"""Print the changelog's entry of a tag: `python release/notes.py v1.2.3`.

`publish.yml` calls it before it builds. It refuses a tag that is not the version, and a version
without an entry.
"""

import re
import sys
from pathlib import Path

import runflow_client


def notes_of(tag: str, version: str, changes: str) -> str:
    """Return the entry of the version below its heading.

    Raises:
        ValueError: the tag is not that of the version, or the entry is missing or empty.
    """
    if tag != f"v{version}":
        raise ValueError(f"the tag is {tag}, and __version__ is {version}")
    heading = rf"^## {re.escape(version)}(?: [^\n]*)?$\n"
    found = re.search(heading + r"(.*?)(?=^## |\Z)", changes, re.MULTILINE | re.DOTALL)
    if found is None:
        first = re.search(r"^## ([^\n]+)", changes, re.MULTILINE)
        remedy = "write it" if first is None else f"rename its first one, {first[1]!r}"
        raise ValueError(f"CHANGES.md has no entry for {version}: {remedy}")
    if not found[1].strip():
        raise ValueError(f"the entry for {version} in CHANGES.md is empty")
    return found[1].strip() + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python release/notes.py TAG")
    try:
        changes = (Path(__file__).parents[1] / "CHANGES.md").read_text(encoding="utf-8")
        print(notes_of(sys.argv[1], runflow_client.__version__, changes))
    except ValueError as refusal:
        sys.exit(str(refusal))
