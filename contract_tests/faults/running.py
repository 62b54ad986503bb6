"""Running pytest in a copy of the tree: recording a check, or trying its tests on a fault."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from attrs import define, field, frozen

from .checks import Check
from .fault import Fault
from .impact import MEASURED, Record
from .outcomes import Outcome
from .plugin import CONTEXT, COVERAGE, SETTINGS

_PYTHON_PATH: Final = ("generated", "overlay", "contract_tests")
_OPTIONS: Final = (
    *("-q", "-p", "no:cacheprovider", "-p", "faults.plugin"),
    # Loaded for each run, which takes a second and a half; used by none.
    *("-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:anyio"),
)
_SETTINGS: Final = """\
[run]
core = ctrace
data_file = {path}
parallel = true
relative_files = true
context = ${{{context}-}}
disable_warnings = no-data-collected, module-not-measured, module-not-imported, no-sysmon
source_dirs = {folders}
[paths]
tree =
    .
    {tree}
"""
_GENERATE: Final = """
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
    """A check failed without a fault, or could not be run. The text ends with its output."""


@frozen
class Limits:
    """Seconds after which a run with a fault hangs, and a recording is given up."""

    test: float = 60.0
    check: float = 300.0
    fault: float = 1800.0
    generation: float = 300.0
    record: float = 1800.0


@define
class Workspace:
    """A copy of the tree in which one run at a time is made, and a temporary folder."""

    tree: Path
    temporary: Path
    limits: Limits = field(factory=Limits)
    environment: dict[str, str] = field(init=False)
    _times: count[int] = field(init=False, factory=count)

    def __attrs_post_init__(self) -> None:
        self.temporary.mkdir(parents=True, exist_ok=True)
        private = ("RUNFLOW_", "PYTEST_", "COVERAGE_")
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(private)},
            "PYTHONPATH": os.pathsep.join(str(self.tree / root) for root in _PYTHON_PATH),
            "TMPDIR": str(self.temporary),
        }

    def make(self, fault: Fault) -> dict[str, str]:
        """Make the fault; give the new text of each file. Raises UnusableFault."""
        changed = fault.apply(self.tree)
        for file in changed:
            time = next(self._times)  # one that no other text has: compiled files go by it
            os.utime(self.tree / file, (time, time))
        return changed

    def record(self, check: Check, folder: Path) -> Record:
        """Run the whole check and write what it ran into this folder. Raises NotGreen."""
        folder.mkdir(parents=True, exist_ok=True)
        # Whole paths, because a test may start a process in another folder.
        measured = [self.tree / root for root in MEASURED if (self.tree / root).is_dir()]
        settings = _SETTINGS.format(
            path=folder / COVERAGE,
            context=CONTEXT,
            folders=", ".join(map(str, measured)),
            tree=self.tree,
        )
        (folder / SETTINGS).write_text(settings, encoding="utf-8")
        arguments = ["-x", *check.options, f"--fault-record={folder}", *check.files]
        status, output = self._pytest(arguments, self.limits.record)
        if status != 0:
            shutil.rmtree(folder)  # it may name the tests up to the failure, as if they were all
            raise NotGreen(
                f"{check.name} is not green without a fault (pytest ended with "
                f"{status}):\n{output[-4000:]}"
            )
        return Record.read(folder)

    def run(self, tests: Mapping[str, Sequence[str]]) -> dict[str, Outcome]:
        """Run these tests of each check, up to the first that fails. Raises NotGreen."""
        tests = {name: list(chosen) for name, chosen in tests.items() if chosen}
        if not tests:
            return {}
        plan = self.temporary / "plan.json"
        plan.with_suffix(".outcomes").unlink(missing_ok=True)
        limits = {
            "seconds": self.limits.fault,
            "check_seconds": self.limits.check,
            "test_seconds": self.limits.test,
        }
        plan.write_text(json.dumps({"checks": tests, **limits}), encoding="utf-8")
        files = sorted({test.partition("::")[0] for chosen in tests.values() for test in chosen})
        status, output = self._pytest(
            [f"--fault-plan={plan}", *files], self.limits.fault + self.limits.check
        )
        if "their ids are not the same in each run" in output:
            raise NotGreen(output[-4000:])
        if plan.with_suffix(".outcomes").is_file():
            found: dict[str, Any] = json.loads(
                plan.with_suffix(".outcomes").read_text(encoding="utf-8")
            )
            return {
                name: Outcome(outcome["result"], outcome["first"])
                for name, outcome in found.items()
            }
        # pytest itself could not start, or did not come to an end
        last = output.strip().rpartition("\n")[2]
        return dict.fromkeys(tests, Outcome("hang" if status is None else "caught", last))

    def generate(self) -> Outcome:
        """Generate the client from the templates in the tree, without the type gates."""
        status, output = self._process([sys.executable, "-c", _GENERATE], self.limits.generation)
        last = output.strip().rpartition("\n")[2]
        return (
            Outcome("green")
            if status == 0
            else Outcome("hang" if status is None else "caught", last)
        )

    def _pytest(self, arguments: Sequence[str], seconds: float) -> tuple[int | None, str]:
        # With "=", or pytest takes the values for paths of tests, and looks there for its settings.
        options = [*_OPTIONS, f"--basetemp={self.temporary / 'pytest'}"]
        return self._process([sys.executable, "-m", "pytest", *options, *arguments], seconds)

    def _process(self, command: Sequence[str], seconds: float) -> tuple[int | None, str]:
        """Run a process and end all that it leaves.

        Give its exit status, None if it took longer than so many seconds, and its output.
        """
        output = self.temporary / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self.tree,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            status: int | None = None
            try:
                with suppress(subprocess.TimeoutExpired):
                    status = process.wait(seconds)
            finally:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        return status, output.read_text(encoding="utf-8", errors="replace")
