"""The outcome of a conformance run: what was asked, what was found, what of it is new, and what that means."""

import json
from pathlib import Path
from typing import Any

from attrs import frozen

from .._findings import Finding, distinct

CONFORMS, VIOLATES, COULD_NOT_RUN = 0, 1, 2
Identity = tuple[str, str, str]


@frozen(kw_only=True)
class Difference:
    """One difference, the first finding of it, how often it was seen, and whether the baseline knows it."""

    finding: Finding
    count: int
    in_baseline: bool


@frozen(kw_only=True)
class Report:
    """What a run says. `laws` were tried; `notes` are to be known and no violation: what was left out, and why."""

    base_url: str
    document_sha256: str
    seed: int
    profile: str
    operations: tuple[str, ...]
    calls: dict[str, int]
    seconds: dict[str, float]
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[Difference, ...]:
        """The differences that the baseline does not know."""
        return tuple(difference for difference in self.differences if not difference.in_baseline)

    @property
    def exit_code(self) -> int:
        """CONFORMS or VIOLATES."""
        return VIOLATES if self.new else CONFORMS


def group_findings(
    findings: list[Finding], baseline: frozenset[Identity]
) -> tuple[Difference, ...]:
    """Return each difference once, with what the baseline says of it."""
    return tuple(
        Difference(finding=finding, count=count, in_baseline=finding.identity in baseline)
        for finding, count in distinct(findings)
    )


def read_baseline(path: Path) -> frozenset[Identity]:
    """Return the identities of the known differences. Raise ValueError for a file that is no baseline, OSError for none."""
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["differences"]
        return frozenset(
            (str(entry["operation"]), str(entry["rule"]), str(entry["pointer"]))
            for entry in entries
        )
    except (ValueError, KeyError, TypeError) as problem:
        raise ValueError(f"{path.name} is not a baseline: {problem}") from None


def write_baseline(path: Path, differences: tuple[Difference, ...]) -> None:
    """Write these differences as the known ones, in the order of their identities."""
    entries = [
        dict(
            zip(("operation", "rule", "pointer"), difference.finding.identity, strict=True),
            what=difference.finding.what,
        )
        for difference in differences
    ]
    path.write_text(json.dumps({"differences": entries}, indent=2) + "\n", encoding="utf-8")
