"""Running one check in a copy of the tree: caught, hung, or green."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from attrs import define, field, frozen

from faults.checks import Check
from faults.imports import SOURCE_ROOTS
from faults.plugin import HUNG
from faults.processes import Starter
from faults.reach import Record, Span

Result = Literal["caught", "hang", "green"]

LONGEST_TEST: Final = 60.0
"""Seconds. A test that takes longer with a fault in the tree hangs."""
LONGEST_CHECK: Final = 600.0
_NOTHING_RAN: Final = 5
"""pytest's exit status when no test was chosen."""

_OPTIONS: Final = (
    *("-x", "-q", "-p", "no:cacheprovider", "-p", "faults.plugin"),
    *("-p", "no:schemathesis", "-p", "no:xdist"),  # loaded for each run, used by none
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # of the libraries that starting.py loads first
)

_REGENERATE: Final = """
import sys
from regenerate.generate.build import corrected_document
from regenerate.generate.generator import generate
from regenerate.project.progress import Progress
from regenerate.project.paths import own_paths
own = own_paths()
corrected = corrected_document(own, own.document.read_bytes(), Progress("generate", out=sys.stderr))
generate(corrected.document, own.output, own.output.name, own.templates, type_checkers=())
"""


class NotGreen(Exception):
    """A check failed without a fault, or could not be run. The text holds the end of what it said."""


@frozen
class Outcome:
    """How a check ended, and what it said first."""

    result: Result
    first: str = ""
    """The first test that failed."""


@define
class Bench:
    """A copy of the tree in which one run at a time is made, and a folder for everything temporary."""

    tree: Path
    temporary: Path
    longest_test: float = LONGEST_TEST
    environment: dict[str, str] = field(init=False)
    _starter: Starter = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.temporary.mkdir(parents=True, exist_ok=True)
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("RUNFLOW_", "PYTEST_", "COVERAGE_"))
        }
        self.environment = {
            **kept,
            "PYTHONPATH": os.pathsep.join(str(self.tree / root) for root in SOURCE_ROOTS if root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "TMPDIR": str(self.temporary),
        }
        self._starter = Starter(self.tree, self.environment)

    def record(self, check: Check, places: Sequence[tuple[str, Span]]) -> Record:
        """Run the whole check on a tree whose functions say their numbers, of these places. Raises NotGreen."""
        path = self.temporary / "record.json"
        path.unlink(missing_ok=True)
        status, said = self._pytest(check, check.files, ["--fault-record", str(path), "--fault-seconds", "300"])
        if status != 0:
            raise NotGreen(f"{check.name} is not green without a fault (pytest ended with {status}):\n{said[-4000:]}")
        seen: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        ran: dict[tuple[str, Span], list[int]] = {}
        heard: dict[str, list[int]] = seen["tests"]
        for test, numbers in enumerate(heard.values()):
            for number in numbers:
                ran.setdefault(places[number], []).append(test)
        collecting: list[int] = seen["collecting"]
        at_collecting = {places[number] for number in collecting}
        return Record(tuple(heard), ran, frozenset(at_collecting))

    def run(self, check: Check, tests: Iterable[str]) -> Outcome:
        """Run these tests of the check, to the first that fails."""
        chosen = list(tests)
        if not chosen:
            return Outcome("green")
        path = self.temporary / "tests.json"
        path.write_text(json.dumps(chosen), encoding="utf-8")
        files = sorted({test.partition("::")[0] for test in chosen})
        status, said = self._pytest(
            check, files, ["--fault-tests", str(path), "--fault-seconds", str(self.longest_test)]
        )
        if status in (0, _NOTHING_RAN):
            if status:
                raise NotGreen(f"{check.name} ran none of {len(chosen)} tests: their ids are not the same in each run")
            return Outcome("green")
        found = re.search(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", said, re.MULTILINE)
        first = found[1] if found else ""
        return Outcome("hang" if status is None or HUNG in said else "caught", first)

    def generate(self) -> Outcome:
        """Make the client anew of the templates in the tree, without the type gates; caught if it is refused."""
        command = [sys.executable, "-c", _REGENERATE]
        done = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        return Outcome("green") if done.returncode == 0 else Outcome("caught", done.stderr.strip().rpartition("\n")[2])

    def warm(self, files: Iterable[str]) -> None:
        """Compile the tree and its tests, so that its copies need not."""
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
        environment = {name: value for name, value in self.environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
        subprocess.run(command, cwd=self.tree, env=environment, capture_output=True, check=False)

    def close(self) -> None:
        """Nothing more is run."""
        self._starter.close()

    def _pytest(self, check: Check, files: Iterable[str], options: list[str]) -> tuple[int | None, str]:
        """Run pytest; give its exit status (None if time was up) and what it said."""
        output = self.temporary / "output"
        arguments = [*_OPTIONS, "--basetemp", str(self.temporary / "pytest"), *check.options, *options, *files]
        status = self._starter.run(arguments, output, LONGEST_CHECK)
        return status, output.read_text(encoding="utf-8", errors="replace")
