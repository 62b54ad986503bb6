"""Trying mutants: a pytest plugin that collects the tests once and tries each mutant in a fork.

mutmut makes the mutants, all of them beside each other in the code, and notes which test reaches
which function; `MUTANT_UNDER_TEST` says which one runs. Its own runner collects the tests anew for
each mutant, which takes ten times as long as the tests.

The plan, JSON at the path in RUNFLOW_MUTATION_PLAN:

    tests     the names of the tests that each mutant must stand, in their order
    seconds   how long each test takes
    workers   how many mutants are tried at a time
    limit     seconds that a mutant has beyond three times those of its tests

What became of each is added to `outcomes.jsonl` beside the plan as soon as it is known. The run
fails where a test that noticed a mutant fails without one, too.
"""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, frozen

PLAN: Final = "RUNFLOW_MUTATION_PLAN"
OUTCOMES: Final = "outcomes.jsonl"
SURVIVED: Final = 0
KILLED: Final = 1
TIMEOUT: Final = 24
_PAUSE: Final = 0.005
_STOOD: Final = 42
"""What a fork ends with whose tests passed. Code may end its process with 0, too."""


SECONDS: Final = 5.0
"""Seconds of tests that a mutant must stand."""


def planned(mutants: Sequence[str], stats: Mapping[str, Any]) -> dict[str, list[str]]:
    """The tests for each mutant, from what mutmut noted: of those that reach its function the ones
    that reach the fewest others, then the quickest from each module in turns. Both get half of
    SECONDS, and one test runs at least.
    """
    seconds: dict[str, float] = stats["duration_by_test"]
    reaching: dict[str, list[str]] = stats["tests_by_mangled_function_name"]
    reached = Counter(name for names in reaching.values() for name in names)
    found: dict[str, list[str]] = {}
    for mutant in mutants:
        names = reaching.get(mutant.replace("__init__.", "").partition("__mutmut_")[0], [])
        quickest = sorted(names, key=lambda name: (seconds[name], name))
        modules: dict[str, list[str]] = {}
        for name in quickest:
            modules.setdefault(name.partition("::")[0], []).append(name)
        turns = [name for turn in zip_longest(*modules.values()) for name in turn if name]
        special = _within(SECONDS / 2, sorted(quickest, key=lambda name: reached[name]), seconds)
        found[mutant] = _by_module(special + _within(SECONDS / 2, turns, seconds))
    return found


def _by_module(names: Sequence[str]) -> list[str]:
    """Each test once, those of a module behind each other: they share what is set up for it."""
    modules: dict[str, dict[str, None]] = {}
    for name in names:
        modules.setdefault(name.partition("::")[0], {})[name] = None
    return [name for some in modules.values() for name in some]


def _within(limit: float, names: list[str], seconds: Mapping[str, float]) -> list[str]:
    """The first tests that take no more than this together, and at least one."""
    spent = accumulate(seconds[name] for name in names)
    return [
        name
        for at, (name, total) in enumerate(zip(names, spent, strict=True))
        if total <= limit or at == 0
    ]


@frozen
class Trial:
    """One fork: the mutant ("" is the code as it is), its process, and where it says what fails."""

    mutant: str
    process: int
    said: int
    ends: float


@define(eq=False)  # pytest keeps its plugins in sets
class Trials:
    """Tries the mutants of a plan instead of running the tests."""

    plan: dict[str, Any]
    outcomes: Path
    _said: int | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the first tests on the code as it is, then each mutant, then on the code as it is the
        tests that noticed one or did not end.
        """
        items = {item.nodeid: item for item in session.items}
        tests: dict[str, list[str]] = self.plan["tests"]
        strangers = sorted({name for names in tests.values() for name in names} - set(items))
        if strangers:
            raise pytest.UsageError(
                f"tests are not found by their names; give them ids: {', '.join(strangers)}"
            )
        self._stand([*tests.values()][:1], items)
        noticed, late = set[str](), list[list[str]]()
        with self.outcomes.open("a", encoding="utf-8") as file:
            for mutant, code, test in self._tried(tests.items(), items):
                noticed.add(test)
                late += [tests[mutant]] if code == TIMEOUT else []
                file.write(json.dumps({"mutant": mutant, "code": code, "test": test}) + "\n")
                file.flush()
        self._stand([[test] for test in sorted(noticed - {""})] + late, items)
        return True

    def _stand(self, some: list[list[str]], items: dict[str, pytest.Item]) -> None:
        """Raise UsageError where tests do not pass on the code as it is."""
        red = [
            test for _, code, test in self._tried([("", tests) for tests in some], items) if code
        ]
        if red:
            raise pytest.UsageError(f"fails without a change, too: {', '.join(red) or 'the run'}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """In a fork: say which test failed, and end."""
        if report.failed and self._said is not None:
            os.write(self._said, report.nodeid.encode())
            os._exit(KILLED)

    def _tried(self, wanted: Any, items: dict[str, pytest.Item]) -> Iterator[tuple[str, int, str]]:
        """Each mutant with how its fork ended and the test that failed, as they end."""
        waiting, running = list(wanted), list[Trial]()
        while waiting or running:
            while waiting and len(running) < self.plan["workers"]:
                mutant, tests = waiting.pop(0)
                running.append(self._start(mutant, [items[name] for name in tests]))
            for trial in list(running):
                code = _ended(trial)
                if code is not None:
                    running.remove(trial)
                    with os.fdopen(trial.said, "rb") as said:
                        yield trial.mutant, code, said.read().decode()
            time.sleep(_PAUSE)

    def _start(self, mutant: str, tests: Sequence[pytest.Item]) -> Trial:
        """Run the tests in a fork in which the mutant is on."""
        reads, writes = os.pipe()
        process = os.fork()
        if process == 0:
            os.setsid()
            os.close(reads)
            self._said = writes
            os.environ["MUTANT_UNDER_TEST"] = mutant
            code = KILLED
            with suppress(BaseException):
                for test, following in zip(tests, [*tests[1:], None], strict=True):
                    test.config.hook.pytest_runtest_protocol(item=test, nextitem=following)
                code = _STOOD
            os._exit(code)
        os.close(writes)
        seconds = sum(self.plan["seconds"][test.nodeid] for test in tests)
        return Trial(mutant, process, reads, time.monotonic() + 3 * seconds + self.plan["limit"])


def _ended(trial: Trial) -> int | None:
    """How the fork ended; None while it runs. One that is over its time is killed, and so is what
    it started.
    """
    process, status = os.waitpid(trial.process, os.WNOHANG)
    late = not process and time.monotonic() > trial.ends
    if not process and not late:
        return None
    with suppress(ProcessLookupError):
        os.killpg(trial.process, signal.SIGKILL)
    if late:
        os.waitpid(trial.process, 0)
        return TIMEOUT
    return SURVIVED if os.waitstatus_to_exitcode(status) == _STOOD else KILLED


def pytest_configure(config: pytest.Config) -> None:
    """Register the plugin of a run that has a plan."""
    path = Path(os.environ[PLAN])
    plan = json.loads(path.read_text(encoding="utf-8"))
    config.pluginmanager.register(Trials(plan, path.with_name(OUTCOMES)), "mutation_trials")
