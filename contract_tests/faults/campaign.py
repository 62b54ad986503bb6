"""A campaign: every check green without a fault, then fault after fault in copies of the tree."""

from __future__ import annotations

import hashlib
import queue
import shutil
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, TypeVar

from attrs import define, field

from .checks import GENERATION, TEMPLATES, Check
from .fault import Fault
from .impact import Affected, Record, Sources
from .outcomes import Outcome
from .plugin import TESTS
from .running import Limits, NotGreen, Workspace

GENERATED: Final = "generated"
RECORDS: Final = "build/faults"
"""Where it is kept what the tests ran, until a file of the tree changes."""

MAX_TESTS: Final = 30
"""Tests of one check that are run for one fault, as long as any check notices it; else all are."""

_LEFT_OUT: Final = shutil.ignore_patterns(
    *(
        ".git",
        ".venv*",
        "__pycache__",
        "*.pyc",
        ".*_cache",
        ".hypothesis",
        "reports",
        "build",
        "dist",
        "node_modules",
    ),
    ".tmp*",
)
_NOT_READ: Final = (
    "contract_tests/faults/client",
    "contract_tests/faults/pipeline",
    "contract_tests/faults/server",
    "contract_tests/faults/outcomes.json",
)

T = TypeVar("T")
A = TypeVar("A")


@define
class Campaign:
    """Tries faults on copies of a tree in `folder`, `jobs` at a time."""

    source: Path
    folder: Path
    checks: Sequence[Check]
    jobs: int = 2
    every_test: bool = False
    """Whether tests are run that the fault cannot reach."""
    limits: Limits = field(factory=Limits)
    print_line: Callable[[str], None] = print
    store: Callable[[Fault, Mapping[str, Outcome]], None] = lambda fault, outcomes: None
    _sound: Path = field(init=False)
    _sources: Sources = field(init=False)
    _records: dict[str, Record] = field(init=False, factory=dict[str, Record])
    _workspaces: queue.Queue[Workspace] = field(init=False, factory=queue.Queue[Workspace])
    _printing: threading.Lock = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._sound = self.folder / "sound"
        # The tree may change meanwhile; this copy does not.
        shutil.copytree(self.source, self._sound, ignore=_LEFT_OUT, symlinks=True)
        self._sources = Sources(self._sound)

    def run(self, faults: Sequence[Fault]) -> dict[Fault, Mapping[str, Outcome]]:
        """Try each fault with every check of its area.

        Raises NotGreen, and UnusableFault for a fault that cannot be made.
        """
        with self._open_workspaces():
            self._each([check for check in self.checks if check.files], self._record)
            self._prove_green()
            return dict(zip(faults, self._each(faults, self._try), strict=True))

    def _record(self, check: Check) -> None:
        """Run the whole check, unless it is known what it runs."""
        key = hashlib.sha256(
            f"{check.files} {check.options} {self._tree_hash}".encode()
        ).hexdigest()[:16]
        folder = self.source / RECORDS / f"{check.name.replace(' ', '_').replace(',', '')}-{key}"
        began = time.monotonic()
        if not (folder / TESTS).is_file():
            for old in folder.parent.glob(f"{folder.name.rpartition('-')[0]}-*"):
                shutil.rmtree(old)
            with self._workspace() as workspace:
                workspace.record(check, folder)
        self._records[check.name] = Record.read(folder)
        seconds = time.monotonic() - began
        self._say(
            f"green without a fault: {check.name} ({len(self._records[check.name].tests)} tests, "
            f"{seconds:.0f} s)"
        )

    def _prove_green(self) -> None:
        """Run one test of each check as with a fault, and generate the client. Raises NotGreen."""
        with self._workspace() as workspace:
            found = workspace.run(
                {name: list(record.tests)[:1] for name, record in self._records.items()}
            )
            if GENERATION in self.checks:
                found[GENERATION.name] = workspace.generate()
        for name, outcome in found.items():
            if outcome.result != "green":
                raise NotGreen(f"{name} is not green without a fault: {outcome.first}")

    def _try(self, fault: Fault) -> dict[str, Outcome]:
        with self._workspace() as workspace:
            began = time.monotonic()
            try:
                changed = workspace.make(fault)
                found: dict[str, Outcome] = {}
                if any(file.startswith(TEMPLATES) for file in fault.files):
                    found[GENERATION.name] = workspace.generate()
                    changed = self._regenerated(workspace.tree)
                if all(outcome.result == "green" for outcome in found.values()):
                    found |= self._outcomes(workspace, fault, self._sources.affected(changed))
            finally:
                self._restore(workspace.tree, fault)
        self.store(fault, found)
        caught = [
            name + " (hang)" * (one.result == "hang")
            for name, one in found.items()
            if one.result != "green"
        ]
        self._say(
            f"{fault.label} ({time.monotonic() - began:.0f} s): "
            f"{', '.join(caught) or 'CAUGHT BY NO CHECK'}"
        )
        return found

    def _outcomes(
        self, workspace: Workspace, fault: Fault, affected: Affected | None
    ) -> dict[str, Outcome]:
        """Run some of the tests that can show the fault; if it went unnoticed, all of those, then
        all there are.
        """
        records = {check.name: self._records[check.name] for check in self._checks(fault)}
        # A check of the templates themselves makes clients of other documents, in processes.
        whole = {
            check.name
            for check in self._checks(fault)
            if self.every_test or check.rooms == (TEMPLATES,)
        }
        chosen = {
            name: record.affected(None if name in whole else affected, self._sound)
            for name, record in records.items()
        }
        found = dict.fromkeys(records, Outcome("green"))
        for tests in (
            {name: _spread(tests) for name, tests in chosen.items()},
            chosen,
            {name: list(record.tests) for name, record in records.items()},
        ):
            found |= workspace.run(tests)
            if any(outcome.result != "green" for outcome in found.values()):
                break
        return found

    def _checks(self, fault: Fault) -> list[Check]:
        return [check for check in self.checks if check.files and check.concerns(fault)]

    def _regenerated(self, tree: Path) -> dict[str, str]:
        """Give the text of each generated module that is not as it was."""
        found: dict[str, str] = {}
        for path in (tree / GENERATED).rglob("*.py"):
            file, text = path.relative_to(tree).as_posix(), path.read_text(encoding="utf-8")
            if (
                not (self._sound / file).is_file()
                or (self._sound / file).read_text(encoding="utf-8") != text
            ):
                found[file] = text
        return found

    def _restore(self, tree: Path, fault: Fault) -> None:
        """Put the sound files back, with their old times."""
        for file in fault.files:
            shutil.copy2(self._sound / file, tree / file)
        if any(file.startswith(TEMPLATES) for file in fault.files):
            shutil.rmtree(tree / GENERATED)
            shutil.copytree(self._sound / GENERATED, tree / GENERATED)

    @cached_property
    def _tree_hash(self) -> str:
        digest = hashlib.sha256()
        for path in sorted(path for path in self._sound.rglob("*") if path.is_file()):
            file = path.relative_to(self._sound).as_posix()
            if not file.startswith(_NOT_READ) and path.suffix not in (".md", ".pyc"):
                digest.update(f"{file}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\0".encode())
        return digest.hexdigest()

    def _each(self, things: Sequence[A], do: Callable[[A], T]) -> list[T]:
        """Do it with each, as many at a time as there are copies; the first error ends it."""
        with ThreadPoolExecutor(self.jobs) as pool:
            futures = [pool.submit(do, thing) for thing in things]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    @contextmanager
    def _open_workspaces(self) -> Generator[None, None, None]:
        """Make one copy of the sound tree for each job."""
        for job in range(self.jobs):
            tree = self.folder / f"tree{job}"
            shutil.copytree(self._sound, tree, symlinks=True)
            self._workspaces.put(Workspace(tree, self.folder / f"temporary{job}", self.limits))
        try:
            yield
        finally:
            for _ in range(self.jobs):
                shutil.rmtree(self._workspaces.get().tree)

    @contextmanager
    def _workspace(self) -> Generator[Workspace, None, None]:
        workspace = self._workspaces.get()
        try:
            yield workspace
        finally:
            self._workspaces.put(workspace)

    def _say(self, line: str) -> None:
        with self._printing:
            self.print_line(line)


def _spread(tests: Sequence[str]) -> Sequence[str]:
    """Give at most MAX_TESTS of them, evenly spread."""
    step = max(1.0, len(tests) / MAX_TESTS)
    return [tests[int(number * step)] for number in range(min(len(tests), MAX_TESTS))]
