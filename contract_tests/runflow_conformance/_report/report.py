"""The result of a conformance run, and the baseline of differences that are accepted."""

import json
from pathlib import Path
from typing import Any

from attrs import field, frozen

from .._findings import Finding, distinct

CONFORMS, VIOLATES, COULD_NOT_RUN = 0, 1, 2
Identity = tuple[str, str, str]


@frozen(kw_only=True)
class Difference:
    """One difference: its first finding, its count, and whether it is in the baseline.

    `observed` has each value that its findings have in `observed`.
    """

    finding: Finding
    count: int
    in_baseline: bool
    observed: tuple[str | float, ...] = ()


@frozen(kw_only=True)
class Report:
    """The result of a run.

    `calls` and `seconds` are by operation, `laws` are the names of the laws that were tried,
    `notes` say what was left out and why.
    """

    base_url: str
    document_sha256: str
    seed: int
    profile: str
    operations: tuple[str, ...]
    calls: dict[str, int] = field(hash=False)
    seconds: dict[str, float] = field(hash=False)
    differences: tuple[Difference, ...]
    notes: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()

    @property
    def new(self) -> tuple[Difference, ...]:
        """The differences that are not in the baseline."""
        return tuple(difference for difference in self.differences if not difference.in_baseline)

    @property
    def rows(self) -> tuple[tuple[Difference, ...], ...]:
        """The new differences, those of one rule of a shared schema together: one row a cause."""
        rows: dict[tuple[str, ...], list[Difference]] = {}
        for difference in self.new:
            finding = difference.finding
            is_shared = finding.pointer.startswith("/components/")
            cause = (finding.rule, finding.pointer, finding.what) if is_shared else finding.identity
            rows.setdefault(cause, []).append(difference)
        return tuple(tuple(row) for row in rows.values())

    @property
    def exit_code(self) -> int:
        """CONFORMS or VIOLATES."""
        return VIOLATES if self.new else CONFORMS


def group_findings(
    findings: list[Finding], baseline: frozenset[Identity]
) -> tuple[Difference, ...]:
    """Return each difference once, marked if it is in the baseline."""
    observed: dict[Identity, dict[str | float, None]] = {}
    for one in findings:
        if one.observed is not None:
            observed.setdefault(one.identity, {})[one.observed] = None
    return tuple(
        Difference(
            finding=finding,
            count=count,
            in_baseline=finding.identity in baseline,
            observed=tuple(observed.get(finding.identity, ())),
        )
        for finding, count in distinct(findings)
    )


def read_baseline(path: Path) -> frozenset[Identity]:
    """Return the identities of the differences in a baseline file.

    Raise OSError if the file cannot be read, ValueError if it is not a baseline.
    """
    try:
        entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["differences"]
        return frozenset(
            (str(entry["operation"]), str(entry["rule"]), str(entry["pointer"]))
            for entry in entries
        )
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise ValueError(f"{path.name} is not a baseline: {problem}") from None


def write_baseline(path: Path, differences: tuple[Difference, ...]) -> None:
    """Write the differences as a baseline, in the order given."""
    entries = [
        dict(
            zip(("operation", "rule", "pointer"), difference.finding.identity, strict=True),
            what=difference.finding.what,
        )
        for difference in differences
    ]
    path.write_text(json.dumps({"differences": entries}, indent=2) + "\n", encoding="utf-8")
