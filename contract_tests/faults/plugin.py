"""The pytest plugin inside each run: runs the chosen tests only, ends a test that hangs, notes what runs what."""

from __future__ import annotations

import faulthandler
import json
import os
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from faults.said import Hearing, said

OURS: Final = ("runflow_api", "runflow_client", "runflow_mock", "runflow_conformance", "faults")
HUNG: Final = "Timeout ("
"""What stands in the output of a run in which a test hung."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that running.py gives."""
    group = parser.getgroup("faults")
    group.addoption("--fault-tests", type=Path, help="run the tests that this JSON file lists, no others")
    group.addoption("--fault-record", type=Path, help="write here which test ran which function")
    group.addoption("--fault-seconds", type=float, default=60.0, help="end the run when one test takes longer")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to listen or to choose."""
    config.pluginmanager.register(Run(config), "faults-run")


class Run:
    """One run."""

    def __init__(self, config: pytest.Config) -> None:
        self._root = config.rootpath.resolve()
        self._seconds = float(config.getoption("--fault-seconds") or 0.0)
        self._stderr = os.dup(2)  # while tests run, pytest captures what is written to 2
        chosen: Path | None = config.getoption("--fault-tests")
        self._chosen: list[str] | None = None if chosen is None else json.loads(chosen.read_text(encoding="utf-8"))
        self._record: Path | None = config.getoption("--fault-record")
        self._collecting: list[int] = []
        self._tests: dict[str, list[int]] = {}
        self._shared: dict[str, set[int]] = {}
        self._hearing = None if self._record is None else Hearing(self._record.with_suffix(".said"))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what was not chosen, and keep the order of what was."""
        self._collecting = sorted(self._heard())
        if self._chosen is not None:
            places = {test: place for place, test in enumerate(self._chosen)}
            left_out = [item for item in items if item.nodeid not in places]
            items[:] = sorted((item for item in items if item.nodeid in places), key=lambda item: places[item.nodeid])
            config.hook.pytest_deselected(items=left_out)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Note what this test runs, and end it if it hangs."""
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._stderr)
        try:
            return (yield)
        finally:
            faulthandler.cancel_dump_traceback_later()
            shared = {number for name in _fixtures(item) for number in self._shared.get(name, ())}
            self._tests[item.nodeid] = sorted(self._heard() | shared)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
        """Note what a fixture runs that several tests share."""
        with said.heard() as found:
            result = yield
        if fixturedef.scope != "function":
            self._shared.setdefault(fixturedef.argname, set()).update(found)
        return result

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Refuse a run that imported other files than the copy's, and write down what was seen."""
        foreign = sorted(_foreign(self._root))
        if foreign:
            raise RuntimeError(f"imported from outside of {self._root}: {', '.join(foreign)}")
        if self._record is not None:
            seen = {"collecting": self._collecting, "tests": self._tests}
            self._record.write_text(json.dumps(seen), encoding="utf-8")

    def _heard(self) -> set[int]:
        return set() if self._hearing is None else self._hearing.take()


def _fixtures(item: pytest.Item) -> list[str]:
    return item.fixturenames if isinstance(item, pytest.Function) else []


def _foreign(root: Path) -> Generator[str, None, None]:
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] in OURS and file is not None and not Path(file).resolve().is_relative_to(root):
            yield f"{name} ({file})"
