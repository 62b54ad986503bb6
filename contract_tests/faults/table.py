"""The table: which check caught which fault, and what each alone catches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from .checks import CHECKS, Check
from .fault import AREAS, Area, Fault
from .kinds import KINDS
from .outcomes import Outcome, Outcomes

TABLE: Final = "TABLE.md"
"""Its name in the folder of the faults."""

_MARKS = {"caught": "x", "hang": "hang", "green": ""}


@frozen
class Table:
    """What came of every fault with every check of its area."""

    checks: Sequence[Check]
    rows: Mapping[Fault, Mapping[str, Outcome]]
    whole: bool = True
    """Whether every fault was tried: only then can a check be said to catch nothing of its own."""
    untried: Sequence[Fault] = ()
    """The faults without an outcome that counts: they or their code have changed."""

    def catchers(self, fault: Fault) -> list[str]:
        """Give the names of the checks that caught it."""
        return [name for name, outcome in self.rows[fault].items() if outcome.result != "green"]

    def missed(self) -> list[Fault]:
        """Give the faults that no check caught."""
        return [fault for fault in self.rows if not self.catchers(fault)]

    def hung(self) -> list[Fault]:
        """Give the faults that only the time limit showed: no test failed."""
        return [
            fault
            for fault, outcomes in self.rows.items()
            if {outcome.result for outcome in outcomes.values()} | {"green"} == {"hang", "green"}
        ]

    def caught_by(self, check: Check) -> list[Fault]:
        """Give the faults that this check caught."""
        return [fault for fault in self.rows if check.name in self.catchers(fault)]

    def only_by(self, check: Check) -> list[Fault]:
        """Give the faults that this check caught and no other did."""
        return [fault for fault in self.rows if self.catchers(fault) == [check.name]]

    def problems(self) -> list[str]:
        """Say why the run fails; nothing when all is well."""
        found = [f"{fault.label} is caught by no check: {fault.summary}" for fault in self.missed()]
        if self.whole:
            found += [
                f"the check {check.name!r} catches nothing that no other does: give it a reason "
                "to stay in checks.py, or "
                "delete it"
                for check in self.checks
                if not self.only_by(check) and check.stays is None
            ]
        return found

    def report(self) -> dict[str, Any]:
        """Give all of it for machines."""
        return {
            "faults": [
                {
                    "name": fault.name,
                    "area": fault.area,
                    "kind": fault.kind,
                    "summary": fault.summary,
                    "files": sorted(fault.files),
                    "caught_by": self.catchers(fault),
                    "first": {
                        name: one.first for name, one in self.rows[fault].items() if one.first
                    },
                    "hung": [
                        name for name, one in self.rows[fault].items() if one.result == "hang"
                    ],
                }
                for fault in self.rows
            ],
            "checks": [
                {
                    "name": check.name,
                    "areas": list(check.areas),
                    "sees": check.sees,
                    "caught": len(self.caught_by(check)),
                    "only": [fault.label for fault in self.only_by(check)],
                    "stays": check.stays,
                }
                for check in self.checks
            ],
            "problems": self.problems(),
        }

    def markdown(self) -> str:
        """Give all of it for people: the same text for the same outcomes."""
        parts = ["# Faults and the checks that catch them", "", *self._figures(), ""]
        parts += ["## Kinds", "", *self._kinds(), "", "## Places", "", *self._places(), ""]
        for area in AREAS:
            faults = [fault for fault in self.rows if fault.area == area]
            if faults:
                parts += [f"## {area.capitalize()} faults", "", *self._grid(area, faults), ""]
        parts += ["## Checks", "", *self._checks(), ""]
        if self.untried:
            parts += [
                "## Not tried since they changed",
                "",
                "Each of these faults, or the code that it changes, is another than when it was "
                "tried last. `make faults OPTIONS=--resume` tries them.",
                "",
                *(f"- {fault.label}" for fault in self.untried),
                "",
            ]
        parts += ["## What each fault is", ""]
        parts += [f"- **{fault.label}**: {fault.summary}" for fault in (*self.rows, *self.untried)]
        return "\n".join(parts) + "\n"

    def _figures(self) -> Iterable[str]:
        yield (
            "Written by `make faults`. Each fault is a file in this folder, made in a copy of "
            "the tree; every check of its "
            "area runs until its first failure. `x`: caught; `hang`: a test did not end, which "
            "counts as caught; empty: "
            "green. Tests that a fault cannot reach are not run, and of very many that it "
            "reaches only some, spread evenly; "
            "but a fault that nothing catches so is tried on all of them. A row is of the last "
            "run that tried its fault."
        )
        yield ""
        for area in AREAS:
            faults = [fault for fault in self.rows if fault.area == area]
            yield f"- {area} faults caught: {self._caught(faults)}"
            if left := sum(1 for fault in self.untried if fault.area == area):
                yield f"  - not tried since they or their code changed: {left}"
            yield from (
                f"  - caught by no check: {fault.name}"
                for fault in faults
                if not self.catchers(fault)
            )
            yield from (
                f"  - noticed only by the time limit: {fault.name}"
                for fault in self.hung()
                if fault in faults
            )

    def _caught(self, faults: Sequence[Fault]) -> str:
        """Say how many of these faults were caught."""
        return f"{sum(1 for fault in faults if self.catchers(fault))} of {len(faults)}"

    def _kinds(self) -> Iterable[str]:
        """Count the faults of each kind that were tried and caught, area by area."""
        yield _row(["kind", *AREAS, "what goes wrong"])
        yield _row(["---", *("--:" for _ in AREAS), "---"])
        for kind, meaning in KINDS.items():
            of_kind = [fault for fault in self.rows if fault.kind == kind]
            by_area = [[fault for fault in of_kind if fault.area == area] for area in AREAS]
            counts = [self._caught(faults) if faults else "" for faults in by_area]
            yield _row([kind, *counts, meaning])

    def _places(self) -> Iterable[str]:
        """Count them by the packages and modules that they change."""
        yield _row(["area", "place", "caught"])
        yield _row(["---", "---", "--:"])
        for area in AREAS:
            faults = [fault for fault in self.rows if fault.area == area]
            for place in sorted({place for fault in faults for place in fault.places}):
                here = [fault for fault in faults if place in fault.places]
                yield _row([area, place, self._caught(here)])

    def _grid(self, area: Area, faults: Sequence[Fault]) -> Iterable[str]:
        columns = [check for check in self.checks if area in check.areas]
        yield _row(["fault", *(check.name for check in columns)])
        yield _row(["---", *(":-:" for _ in columns)])
        for fault in faults:
            outcomes = self.rows[fault]
            marks = (
                _MARKS[outcomes[check.name].result] if check.name in outcomes else ""
                for check in columns
            )
            yield _row([fault.name, *marks])

    def _checks(self) -> Iterable[str]:
        yield _row(
            ["check", "caught", "alone", "what it looks at", "why it stays if it is never alone"]
        )
        yield _row(["---", "--:", "--:", "---", "---"])
        for check in self.checks:
            only = self.only_by(check)
            reason = "" if only else check.stays or ""
            yield _row(
                [check.name, str(len(self.caught_by(check))), str(len(only)), check.sees, reason]
            )


def stored_table(outcomes: Outcomes, faults: Sequence[Fault]) -> Table:
    """Make the table of the stored outcomes, with the faults that have none that counts."""
    rows = outcomes.rows(faults)
    untried = [fault for fault in faults if fault not in rows]
    return Table(CHECKS, rows, whole=not untried, untried=untried)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
