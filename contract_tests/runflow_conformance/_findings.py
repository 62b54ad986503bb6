"""One difference between the document and an interaction, and the error that carries them."""

from collections.abc import Iterable, Sequence
from typing import Any

from attrs import field, frozen


@frozen(kw_only=True)
class Finding:
    """Describe one difference.

    `operation`: method and path template, such as `GET /v1/runs/{id}`.
    `rule`: the kind of difference, such as `schema:enum` or `undocumented_status`.
    `where`: the part of the message, such as `response 200, body /items/0/status_code`.
    `pointer`: JSON pointer to the rule in the document; empty if the document has no such rule.
    `what`: the difference in words. It holds no secret.
    `observed`: what a correction of the document needs: a status, the name of a type, property,
        header or content type, a word of an enum, or a limit. It is never another value of a body.
    `replay`: a shell command that sends the request again.
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
        """Operation, rule, and pointer (or `where`): equal for findings of the same difference."""
        return self.operation, self.rule, self.pointer or self.where

    def __str__(self) -> str:
        at = f" (document: {self.pointer})" if self.pointer else ""
        return f"{self.operation}: {self.where}: {self.what} [{self.rule}]{at}"


class ConformanceError(AssertionError):
    """An interaction breaks the document. `findings` holds every difference of that interaction."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = tuple(findings)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.findings,)


def distinct(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Return the first finding of each difference with its count, sorted by identity."""
    seen: dict[tuple[str, str, str], tuple[Finding, int]] = {}
    for finding in findings:
        first, count = seen.get(finding.identity, (finding, 0))
        seen[finding.identity] = (first, count + 1)
    return [seen[identity] for identity in sorted(seen)]
