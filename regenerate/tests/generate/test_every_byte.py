"""The client of the trap document has the bytes of before: no template changes unseen."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from suites.snapshot import check_snapshot

from ..every_word import SNAPSHOTS
from ..traps import Traps


def listed(package: Path) -> Iterator[str]:
    """Yield each file of a package with the beginning of its hash and its lines."""
    for path in sorted(package.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:12]
            name = path.relative_to(package).as_posix()
            yield f"{digest} {name}, {len(content.splitlines())} lines"


def test_the_client_has_the_bytes_of_before(traps: Traps) -> None:
    check_snapshot(SNAPSHOTS / "made.txt", "\n".join(listed(traps.path)) + "\n")
