"""What programs see with a client and a mock server: `generate/bent_program.py` is run.

And a stand-in for a program that a whole command would install.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from ..changes.redocly import cache_folder

PROGRAM: Final = Path(__file__).parent / "generate" / "bent_program.py"
EXPECTED: Final[dict[str, Any]] = {
    "again": True,
    "asset": ["a.png", True],
    "attached": "succeeded",
    "batch": ["succeeded", 2, 2],
    "billed": 4,
    "evaluation": True,
    "failed": "failed",
    "items": 2,
    "listed": ["succeeded", "succeeded"],
    "model": True,
    "run": ["succeeded", "order-1", True, True],
    "saved": True,
}


def seen_in(project: Path, saved: Path, *document: Path) -> dict[str, Any]:
    """Return what the program saw with overlay, client and mock server of that folder.

    The server serves the document of the folder, or the one that is given.
    """
    folders = (project / folder for folder in ("overlay", "generated", "contract_tests"))
    found = subprocess.run(
        [sys.executable, str(PROGRAM), str(saved), *map(str, document)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders))},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    seen: dict[str, Any] = json.loads(found.stdout)
    assert all("seedance/2.0/fast" in path for path in seen.pop("creates") if "seedance" in path)
    return seen


@pytest.fixture(scope="module")
def quiet_redocly(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let a program that finds nothing stand in for redocly, which npm would install."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        program = cache_folder() / "node_modules" / ".bin" / "redocly"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!{sys.executable}\nprint('{{\"changes\": []}}')\n", encoding="utf-8")
        program.chmod(0o755)
        yield
