"""The example of every framework, as its reader would run it: a callback comes twice and is handled once."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from .deliveries import RUN_ID, encode, signed

RECEIVERS = Path(__file__).parents[3] / "examples" / "receivers"
SECRET = "whsec_of_the_example"
RUNNING = re.compile(r"[Rr]unning on (http://127\.0\.0\.1:\d+)")


def lines_until(lines: Iterator[str], pattern: re.Pattern[str]) -> re.Match[str]:
    """Read lines until one has the pattern."""
    seen: list[str] = []
    for line in lines:
        seen.append(line)
        if found := pattern.search(line):
            return found
    raise AssertionError(f"the example ended and had said: {''.join(seen)}")


@pytest.mark.parametrize("example", sorted(RECEIVERS.glob("with_*.py")), ids=lambda path: path.stem)
def test_an_example_receives_a_callback_twice_and_handles_it_once(example: Path, tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "PORT": "0",
        "RUNFLOW_CALLBACK_SECRET": f"whsec_next {SECRET}",
        "RUNFLOW_INBOX": str(tmp_path / "inbox.sqlite3"),
        "PYTHONWARNINGS": "error",
    }
    with subprocess.Popen(
        [sys.executable, str(example)],
        env=environment,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            lines = iter(process.stdout)
            url = lines_until(lines, RUNNING)[1] + "/runflow/callbacks"
            first, other = encode(), encode(run_id="another", event="run.failed")
            with httpx.Client(trust_env=False) as http:
                answers = [
                    http.post(url, content=body, headers=signed(body, SECRET)).text for body in (first, first, other)
                ]
                assert answers == ["stored", "known already", "stored"]
                assert http.post(url, content=first, headers=signed(first, "wrong")).status_code == 401
            # The refusal is logged from another thread and may stand right behind these words, on the same line.
            handled = re.compile(r"handled: (run [0-9a-f-]{36} succeeded after \d+ ms|run\.failed of another)")
            said = [lines_until(lines, handled)[0] for _ in range(2)]
        finally:
            process.terminate()
        rest = "".join(lines)
    assert sorted(said) == [
        f"handled: run {RUN_ID} succeeded after 102345 ms",
        "handled: run.failed of another",
    ]
    assert "handled" not in rest


def test_every_framework_has_its_example() -> None:
    assert {path.stem for path in RECEIVERS.glob("*.py")} == {
        "with_django",
        "with_fastapi",
        "with_flask",
        "with_starlette",
    }
