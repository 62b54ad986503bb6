"""What a check found: one difference between the document and what passed, and the error that carries such findings."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Finding:
    """One difference.

    `operation` is method and path template (`GET /v1/runs/{id}`), `rule` the kind of difference (`schema:enum`,
    `undocumented_status`, ...), `where` the pointer in the message (`answer 200, body /items/0/status_code`), `pointer` the
    JSON pointer into the document that says otherwise (empty where it says nothing), `what` the difference in words,
    free of secrets. `observed` is what was seen there, where a correction could be made of it.
    """

    operation: str
    rule: str
    where: str
    pointer: str
    what: str
    observed: Any = field(default=None, repr=False, eq=False)
    replay: str = field(default="", eq=False)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two findings the same difference: operation, rule, and the pointer in the document or the message."""
        return self.operation, self.rule, self.pointer or self.where

    def __str__(self) -> str:
        at = f" (document: {self.pointer})" if self.pointer else ""
        return f"{self.operation}: {self.where}: {self.what} [{self.rule}]{at}"


class ConformanceError(AssertionError):
    """An interaction is not what the document says. `findings` has every difference of that interaction."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


def distinct(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Return each difference once, the first of its kind, with how often it was seen; in the order of their identities."""
    seen: dict[tuple[str, str, str], tuple[Finding, int]] = {}
    for finding in findings:
        first, count = seen.get(finding.identity, (finding, 0))
        seen[finding.identity] = (first, count + 1)
    return [seen[identity] for identity in sorted(seen)]
