"""The trial: copies of the tree, every check green without a fault, then fault after fault."""

from __future__ import annotations

import difflib
import queue
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from attrs import define, field

from faults.checks import GENERATION, Check
from faults.imports import Importers
from faults.patches import Fault, touched_lines
from faults.reach import Numbers, Record
from faults.running import LONGEST_TEST, Bench, NotGreen, Outcome

TEMPLATES: Final = "regenerate/generate/templates/"
GENERATED: Final = "generated"

MOST_TESTS: Final = 30
"""Tests of one check that are run for one fault, as long as any check notices it; else all are, reached or not."""

_LEFT_OUT: Final = shutil.ignore_patterns(
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
    ".tmp*",
)

T = TypeVar("T")
A = TypeVar("A")

Told = Callable[[str], None]
Keep = Callable[[Fault, Mapping[str, Outcome]], None]


def copy_tree(source: Path, target: Path) -> None:
    """Copy the tree without version control, environments and caches."""
    shutil.copytree(source, target, ignore=_LEFT_OUT, symlinks=True)


@define
class Trial:
    """Tries faults on copies of a tree in `room`, `jobs` at a time, telling each step to `tell`, what came of it to `keep`."""

    source: Path
    room: Path
    checks: Sequence[Check]
    jobs: int = 2
    select: bool = True
    """Whether only tests are run in which the fault can show."""
    until_caught: bool = False
    """Whether a fault is done with when one check caught it, the shortest runs first: quick, but no table."""
    longest_test: float = LONGEST_TEST
    """Seconds after which a test hangs."""
    tell: Told = print
    keep: Keep | None = None
    _sound: Path = field(init=False)
    _importers: Importers = field(init=False)
    _benches: queue.Queue[Bench] = field(init=False, factory=queue.Queue[Bench])
    _numbers: Numbers = field(init=False, factory=Numbers)
    _records: dict[str, Record] = field(init=False, factory=dict[str, Record])
    _telling: threading.Lock = field(init=False, factory=threading.Lock)

    def __attrs_post_init__(self) -> None:
        self._sound = self.room / "sound"
        copy_tree(self.source, self._sound)  # the tree may change meanwhile; the trial's does not
        self._importers = Importers(self._sound)
        Bench(self._sound, self.room / "t").warm(sorted({file for check in self.checks for file in check.files}))

    def prove_green(self) -> None:
        """Run every check without a fault. Raises NotGreen for one that is not green, or imports another tree."""
        with self._open_benches("r"):
            if GENERATION in self.checks:
                refused = self._benches.queue[0].generate()
                if refused.result != "green":
                    raise NotGreen(f"no client can be generated without a fault: {refused.first}")
            for bench in self._benches.queue:
                self._numbers = Numbers()  # the same in each copy
                self._numbers.give(bench.tree)
            self._each([check for check in self.checks if check.files], self._prove)

    def run(self, faults: Sequence[Fault]) -> dict[Fault, Mapping[str, Outcome]]:
        """Try each fault with every check of its kind. Raises UnusableFault for a patch that cannot be tried."""
        with self._open_benches("f"):
            return dict(zip(faults, self._each(faults, self._try), strict=True))

    def _prove(self, check: Check) -> None:
        with self._bench() as bench:
            began = time.monotonic()
            record = self._records[check.name] = bench.record(check, self._numbers.places)
        seconds = time.monotonic() - began
        self._say(f"green without a fault: {check.name} ({len(record.tests)} tests, {seconds:.0f} s)")

    def _try(self, fault: Fault) -> dict[str, Outcome]:
        with self._bench() as bench:
            began = time.monotonic()
            try:
                fault.apply(bench.tree)
                names = {name for name in fault.touched if not name.startswith(TEMPLATES)}
                found: dict[str, Outcome] = {}
                if names != set(fault.touched):
                    found[GENERATION.name] = bench.generate()
                    names |= _generated(self._sound) | _generated(bench.tree)
                if all(outcome.result == "green" for outcome in found.values()):
                    found |= self._outcomes(bench, fault, _difference(self._sound, bench.tree, names))
            finally:
                self._restore(bench.tree, fault)
        if self.keep is not None:
            self.keep(fault, found)
        caught = [name for name, outcome in found.items() if outcome.result != "green"]
        seconds = time.monotonic() - began
        self._say(f"{fault.kind}/{fault.name} ({seconds:.0f} s): {', '.join(caught) or 'CAUGHT BY NO CHECK'}")
        return found

    def _outcomes(self, bench: Bench, fault: Fault, touched: Mapping[str, Sequence[int]]) -> dict[str, Outcome]:
        """What each check says: of the tests that can show the fault, some; all tests there are if it went unnoticed."""
        chosen = [
            (check, self._tests(check, touched)) for check in self.checks if check.files and check.concerns(fault)
        ]
        found = self._run(bench, [(check, _some(tests)) for check, tests in chosen])
        if all(outcome.result == "green" for outcome in found.values()):
            found = self._run(bench, [(check, self._records[check.name].tests) for check, _ in chosen])
        return found

    def _run(self, bench: Bench, chosen: list[tuple[Check, Sequence[str]]]) -> dict[str, Outcome]:
        if self.until_caught:
            chosen.sort(key=lambda one: len(one[1]))
        found: dict[str, Outcome] = {}
        for check, tests in chosen:
            found[check.name] = bench.run(check, tests)
            if self.until_caught and found[check.name].result != "green":
                break
        return found

    def _tests(self, check: Check, touched: Mapping[str, Sequence[int]]) -> Sequence[str]:
        record = self._records[check.name]
        # A check of the templates themselves makes clients of other documents in processes of its own.
        if not self.select or check.rooms == (TEMPLATES,):
            return record.tests
        return record.tests_of(self._importers, touched)

    def _restore(self, tree: Path, fault: Fault) -> None:
        """Put the sound files back, with their old times: compiled files of the fault are not taken for theirs."""
        if any(name.startswith(TEMPLATES) for name in fault.touched):
            shutil.rmtree(tree / GENERATED)
            shutil.copytree(self._sound / GENERATED, tree / GENERATED)
        for name in fault.touched:
            if (self._sound / name).is_file():
                shutil.copy2(self._sound / name, tree / name)
            else:
                (tree / name).unlink(missing_ok=True)

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
    def _open_benches(self, name: str) -> Generator[None, None, None]:
        """One copy of the sound tree for each job."""
        benches = [
            Bench(self.room / f"{name}{job}", self.room / f"t{job}", self.longest_test) for job in range(self.jobs)
        ]
        for bench in benches:
            shutil.copytree(self._sound, bench.tree, symlinks=True)
            self._benches.put(bench)
        try:
            yield
        finally:
            for bench in benches:
                bench.close()
                self._benches.get()
                shutil.rmtree(bench.tree)

    @contextmanager
    def _bench(self) -> Generator[Bench, None, None]:
        bench = self._benches.get()
        try:
            yield bench
        finally:
            self._benches.put(bench)

    def _say(self, line: str) -> None:
        with self._telling:
            self.tell(line)


def _some(tests: Sequence[str]) -> Sequence[str]:
    """At most MOST_TESTS of them, evenly spread."""
    step = max(1.0, len(tests) / MOST_TESTS)
    return [tests[int(number * step)] for number in range(min(len(tests), MOST_TESTS))]


def _generated(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in (root / GENERATED).rglob("*.py")}


def _difference(sound: Path, tree: Path, names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """The lines in which these files differ: a patch may apply at other lines than it names."""
    diff = "".join(line for name in sorted(names) for line in _file_difference(name, sound / name, tree / name))
    return touched_lines(diff)


def _file_difference(name: str, before: Path, after: Path) -> Iterator[str]:
    old, new = (path.read_text(encoding="utf-8").splitlines(True) if path.is_file() else [] for path in (before, after))
    if old != new:
        yield from difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", n=0)
