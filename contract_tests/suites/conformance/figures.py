"""A pytest plugin that counts the cases of a contract run by check and operation.

`python -m pytest -p contract_tests.suites.conformance.figures --contract-report reports` writes
`contract.json` and `contract.md` there. `make contract` does so.
"""

import json
import shlex
from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import pytest
from attrs import define, field, frozen

from ..profile import PROFILE, SEED, THOROUGH, is_thorough, seed

CALLS: Final = "calls"
"""The property under which a test records how often it called each operation: a dictionary."""
_FACTS: Final = "contract"
_MAX_REPLAYS: Final = 10


@define
class Figures:
    """Cases that passed and failed, by check and operation, and the smallest failing ones."""

    held: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    failed: Counter[tuple[str, str]] = field(factory=Counter[tuple[str, str]])
    calls: Counter[str] = field(factory=Counter[str])
    smallest: dict[tuple[str, str], tuple[int, str]] = field(
        factory=dict[tuple[str, str], tuple[int, str]]
    )

    def count(self, report: pytest.TestReport) -> None:
        """Count a finished test."""
        properties = dict(report.user_properties)
        facts = cast("dict[str, Any] | None", properties.get(_FACTS))
        if facts is None or not (report.when == "call" or report.failed):
            return
        place = (facts["check"], facts["operation"])
        self.calls.update(cast("Mapping[str, int]", properties.get(CALLS, {})))
        if report.failed:
            self.failed[place] += 1
            self.smallest[place] = min(
                (facts["size"], facts["replay"]), self.smallest.get(place, (10**9, ""))
            )
        elif report.passed:
            self.held[place] += 1

    def as_json(self) -> str:
        """Return the figures as JSON."""
        operations = sorted(
            {operation for _, operation in self._places if operation} | set(self.calls)
        )
        content = {
            "holds": not self.failed,
            "checks": {check: self._of(check) for check in self.checks},
            "operations": {
                operation: {
                    check: self._of(check, operation)
                    for check in self.checks
                    if (check, operation) in self._places
                }
                | ({CALLS: self.calls[operation]} if operation in self.calls else {})
                for operation in operations
            },
            "replays": self.replays,
        }
        return json.dumps(content, indent=2) + "\n"

    def as_markdown(self) -> str:
        """Return the figures as Markdown: a line per check, a row per operation."""
        lines = [
            "## Contract: "
            + ("holds" if not self.failed else f"{self.failed.total()} cases failed"),
            "",
        ]
        lines += [f"- {line}" for line in self.lines]
        columns = [
            name
            for name in self.checks
            if any(check == name and operation for check, operation in self._places)
        ]
        rows = sorted({operation for _, operation in self._places if operation} | set(self.calls))
        lines += [
            "",
            " | ".join(("| operation", *columns, "calls to the mock |")),
            "| --- " * (len(columns) + 2) + "|",
        ]
        for row in rows:
            cells = [self._cell((name, row)) for name in columns]
            lines.append(" | ".join((f"| `{row}`", *cells, f"{self.calls[row] or ''} |")))
        if self.replays:
            lines += [
                "",
                "To see the smallest failing case of each again:",
                "",
                "```sh",
                *self.replays,
                "```",
            ]
        return "\n".join(lines) + "\n"

    @property
    def checks(self) -> list[str]:
        """The names of the checks that ran."""
        return sorted({check for check, _ in self._places})

    @property
    def lines(self) -> list[str]:
        """A line per check: how many cases passed and failed."""
        return [
            f"{check}: {of['held']} held, {of['failed']} failed"
            for check in self.checks
            for of in [self._of(check)]
        ]

    @property
    def replays(self) -> list[str]:
        """The commands that repeat the smallest failing case of each check and operation."""
        return [line for _, line in sorted(self.smallest.values())]

    @property
    def _places(self) -> set[tuple[str, str]]:
        return {*self.held, *self.failed}

    def _of(self, check: str, operation: str | None = None) -> dict[str, int]:
        return {
            name: sum(
                n for (of, at), n in counted.items() if of == check and operation in (None, at)
            )
            for name, counted in (("held", self.held), ("failed", self.failed))
        }

    def _cell(self, place: tuple[str, str]) -> str:
        held, failed = self.held[place], self.failed[place]
        return f"{held}, **{failed} failed**" if failed else str(held or "")


_FIGURES: Final = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says where the report goes."""
    parser.addoption(
        "--contract-report",
        type=Path,
        required=True,
        help="the folder of contract.json and contract.md",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Start counting."""
    config.stash[_FIGURES] = figures = Figures()
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Counter(figures))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach check and operation to each report, and to a failure the command that repeats it."""
    report = yield
    replay = replay_line(item.nodeid)
    vector = _vector(item)
    check = item.path.stem.removeprefix("test_") if vector is not None else item.path.parent.name
    facts = {
        "check": check,
        "operation": "" if vector is None else vector["operation"],
        "size": 0 if vector is None else len(json.dumps(vector)),
        "replay": replay,
    }
    report.user_properties.append((_FACTS, facts))
    if report.failed:
        report.sections.append(("To see this again", replay))
    return report


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write the report, and print the commands for the smallest failing cases last."""
    figures = config.stash[_FIGURES]
    folder = cast("Path", config.getoption("--contract-report"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "contract.json").write_text(figures.as_json(), encoding="utf-8")
    (folder / "contract.md").write_text(figures.as_markdown(), encoding="utf-8")
    terminalreporter.section("contract")
    for line in figures.lines:
        terminalreporter.write_line(line)
    terminalreporter.write_line(f"By operation: {folder / 'contract.md'}")
    for line in figures.replays[:_MAX_REPLAYS]:
        terminalreporter.write_line(f"To see it again: {line}")


def _vector(item: pytest.Item) -> dict[str, Any] | None:
    """Return the vector that a test is about, None if it is about none."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    return cast("dict[str, Any] | None", item.callspec.params.get("vector"))


def replay_line(nodeid: str) -> str:
    """Return the command that runs one test again, with the profile and seed of this run."""
    chosen = [f"{PROFILE}={THOROUGH}", f"{SEED}={seed()}"] if is_thorough() else []
    return " ".join([*chosen, "python -m pytest", shlex.quote(nodeid)])


@frozen
class _Counter:
    """Counts the reports of all workers in the controlling process."""

    figures: Figures

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.figures.count(report)
