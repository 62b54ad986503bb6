"""The pytest plugin inside each run: records what each test runs, or runs the chosen tests.

A run with a fault collects its tests once. Then a child is forked for each check: no check can
disturb another, and one that hangs is ended from outside.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import asdict
from coverage import Coverage

from .outcomes import Outcome

OURS: Final = ("runflow_api", "runflow_client", "runflow_mock", "runflow_conformance", "faults")
COVERAGE: Final = "coverage"
TESTS: Final = "tests.json"
SETTINGS: Final = "settings.ini"
"""The files in the folder of a record. The plugin writes them, running.py coverage's settings."""

CONTEXT: Final = "FAULTS_CONTEXT"
"""The environment variable that tells processes which test started them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that running.py gives."""
    group = parser.getgroup("faults")
    group.addoption(
        "--fault-record",
        type=Path,
        help="write coverage into this folder, with a context for each test",
    )
    group.addoption(
        "--fault-plan",
        type=Path,
        help="run the tests of this JSON file, and write there what came of it",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to record, or to follow the plan."""
    record: Path | None = config.getoption("--fault-record")
    plan: Path | None = config.getoption("--fault-plan")
    if record is not None:
        config.pluginmanager.register(
            Recording(record, config.rootpath.resolve()), "faults-recording"
        )
    if plan is not None:
        config.pluginmanager.register(Planned(plan), "faults-planned")


class Recording:
    """Records which lines each test runs, in the processes that it starts, too."""

    def __init__(self, folder: Path, root: Path) -> None:
        self._folder = folder
        self._root = root
        self._tests: dict[str, float] = {}
        self._fixtures: dict[str, list[str]] = {}
        self._shared: set[str] = set()
        self._contexts = [""]
        settings = str(folder / SETTINGS)
        self._coverage = Coverage(config_file=settings)
        # The settings are those of the processes that tests start; here there is one file.
        self._coverage.set_option("run:parallel", False)
        self._coverage.start()
        os.environ["COVERAGE_PROCESS_START"] = settings

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Record under the name of the test."""
        self._enter(item.nodeid)
        began = time.monotonic()
        try:
            return (yield)
        finally:
            self._tests[item.nodeid] = round(time.monotonic() - began, 3)
            names = item.fixturenames if isinstance(item, pytest.Function) else []
            self._fixtures[item.nodeid] = [name for name in names if name in self._shared]
            self._leave()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Record what several tests share under the name of the fixture."""
        if fixturedef.scope == "function":
            return (yield)
        self._shared.add(fixturedef.argname)
        self._enter(fixturedef.argname)
        try:
            return (yield)
        finally:
            self._leave()

    def pytest_sessionfinish(self) -> None:
        """Refuse a run that imported other files than the tree's; write what was recorded."""
        foreign = sorted(_foreign(self._root))
        if foreign:
            raise RuntimeError(f"imported from outside of {self._root}: {', '.join(foreign)}")
        self._coverage.stop()
        self._coverage.save()
        del os.environ["COVERAGE_PROCESS_START"]
        if list(self._folder.glob(f"{COVERAGE}.*")):
            self._coverage.combine([str(self._folder)])
            self._coverage.save()
        content = {"tests": self._tests, "fixtures": self._fixtures}
        (self._folder / TESTS).write_text(json.dumps(content), encoding="utf-8")

    def _enter(self, context: str) -> None:
        self._contexts.append(context)
        self._switch()

    def _leave(self) -> None:
        self._contexts.pop()
        self._switch()

    def _switch(self) -> None:
        os.environ[CONTEXT] = self._contexts[-1]
        self._coverage.switch_context(self._contexts[-1])


class Planned:
    """Runs the chosen tests of each check up to the first that fails."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._broken: list[str] = []
        self._failed = False
        self._current = path.with_suffix(".current")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that cannot be imported."""
        if report.failed:
            self._broken.append(report.nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a failure."""
        self._failed = self._failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run each check, and write down how it ended."""
        items = {item.nodeid: item for item in session.items}
        ends = time.monotonic() + float(self._plan["seconds"])
        outcomes: dict[str, Any] = {}
        gc.freeze()
        for name, tests in self._plan["checks"].items():
            broken = [one for one in self._broken if any(test.startswith(one) for test in tests)]
            chosen = [items[test] for test in tests if test in items]
            if broken:
                outcome = Outcome("caught", broken[0])
            elif not chosen:
                raise RuntimeError(
                    f"{name} has none of its {len(tests)} tests: their ids are not the same in "
                    "each run"
                )
            else:
                outcome = self._apart(
                    chosen, min(ends, time.monotonic() + float(self._plan["check_seconds"]))
                )
            outcomes[name] = asdict(outcome)
        self._path.with_suffix(".outcomes").write_text(json.dumps(outcomes), encoding="utf-8")
        return True

    def _apart(self, items: Sequence[pytest.Item], ends: float) -> Outcome:
        """Run the tests in a child, and end it with all that it started."""
        self._current.write_text(items[0].nodeid, encoding="utf-8")
        child = os.fork()
        if not child:
            status = 1
            try:
                os.setsid()
                status = self._run(items)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(status)
        ended = self._wait(child, ends)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child, signal.SIGKILL)
        if ended is None:
            os.waitpid(child, 0)
        current = self._current.read_text(encoding="utf-8")
        return (
            Outcome("green")
            if ended == 0
            else Outcome("hang" if ended is None else "caught", current)
        )

    def _run(self, items: Sequence[pytest.Item]) -> int:
        for item, following in zip(items, [*items[1:], None], strict=True):
            self._current.write_text(item.nodeid, encoding="utf-8")
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return 1
        return 0

    def _wait(self, child: int, ends: float) -> int | None:
        """Wait for the child's exit status; None if a test, or all of them, took too long."""
        test, began = "", time.monotonic()
        while True:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            now, current = time.monotonic(), self._current.read_text(encoding="utf-8")
            if current != test:
                test, began = current, now
            if now > ends or now > began + float(self._plan["test_seconds"]):
                return None
            time.sleep(0.01)


def _foreign(root: Path) -> Iterator[str]:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if (
            name.partition(".")[0] in OURS
            and file is not None
            and not Path(file).resolve().is_relative_to(root)
        ):
            yield f"{name} ({file})"
