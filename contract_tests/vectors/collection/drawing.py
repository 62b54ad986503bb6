"""Draws cases of a document with schemathesis: positive mode, the same for one seed.

schemathesis draws inside pytest only (its documented way for this), so a pytest session of its own
does it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from attrs import frozen

SESSION = Path(__file__).with_name("drawing_session.py")


@frozen
class Drawn:
    """One case: operation, phase, arguments, and the request that schemathesis makes of them."""

    label: str
    phase: str
    arguments: dict[str, Any]
    method: str
    target: str
    headers: dict[str, str]


def draw(
    description: dict[str, Any], *, seed: int, examples: int, deterministic: bool = True
) -> list[Drawn]:
    """Return the cases of every operation, `examples` of them fuzzed per operation.

    Raise RuntimeError with what pytest said if the drawing failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "drawn.jsonl"
        output.touch()
        asked = Path(folder) / "asked.json"
        settings = {"seed": seed, "examples": examples, "deterministic": deterministic}
        asked.write_text(
            json.dumps({"description": description, "output": str(output), **settings}),
            encoding="utf-8",
        )
        (Path(folder) / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        plugins = [
            word
            for name in ("cacheprovider", "runflow_mock", "xdist")
            for word in ("-p", f"no:{name}")
        ]
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-c",
            str(Path(folder) / "pytest.ini"),
            *plugins,
            str(SESSION),
        ]
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST_", "CI"))
        }
        environment = {**inherited, "RUNFLOW_DRAWING": str(asked), "PYTHONHASHSEED": "0"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise RuntimeError(
                f"schemathesis could not draw the cases:\n{done.stdout[-4000:]}"
                f"{done.stderr[-2000:]}"
            )
        lines = output.read_text(encoding="ascii").splitlines()
    return sorted((Drawn(**json.loads(line)) for line in lines), key=lambda drawn: drawn.label)
