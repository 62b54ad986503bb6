"""Compare two clients for people: what changed, what breaks, which version that makes."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from attrs import field, frozen

from ..document.json_tree import JSONObject, JSONValue
from .change import Change, Weight, heaviest
from .changelog import next_version
from .overlay_needs import Missing, Need, find_missing
from .python import python_changes
from .redocly import RedoclyDiff, redocly_diff
from .wire import wire_changes

_HEADINGS: Final = (
    (Weight.BREAKING, "Breaking"),
    (Weight.ADDITION, "New"),
    (Weight.OTHER, "Other changes"),
)
MAX_LINES: Final = 60
"""Lines under one heading. The report beside it has them all."""

DocumentDiff = Callable[[JSONObject, JSONObject, Path], RedoclyDiff]


@frozen
class ClientVersion:
    """A client as it is compared.

    It has its corrected document, None where that is not kept, and its generated package.
    """

    document: JSONObject | None = field(repr=False)
    package: Path


@frozen
class ChangeReport:
    """What changed between two versions, and what the overlay misses in the new one."""

    wire: tuple[Change, ...]
    python: tuple[Change, ...]
    redocly: RedoclyDiff
    missing: tuple[Missing, ...]
    remarks: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Change, ...]:
        """Every change of every level."""
        return (*self.wire, *self.python, *(self.redocly.changes or ()))

    @property
    def weight(self) -> Weight:
        """What the heaviest change means for a program.

        A feature of the overlay that is hit weighs as much as anything can.
        """
        return Weight.BREAKING if self.missing else heaviest(self.all)

    @property
    def is_breaking(self) -> bool:
        """Whether a program may have to follow."""
        return self.weight is Weight.BREAKING

    def proposed(self, version: str) -> str:
        """Return the version that should come after this one.

        It is major for breaking changes, minor for additions, else patch.
        """
        return next_version(version, self.weight)

    def count(self, weight: Weight) -> int:
        """Return how many changes have this weight.

        What redocly alone found counts; what it repeats does not.
        """
        own = sum(1 for change in (*self.wire, *self.python) if change.weight is weight)
        return own or sum(1 for change in self.redocly.changes or () if change.weight is weight)

    def as_json(self) -> JSONObject:
        """Return the whole report, for machines."""
        found: JSONValue = None if self.redocly.changes is None else _json(self.redocly.changes)
        overlay: list[JSONValue] = [
            {"feature": one.feature, "missing": one.what, "mend": [*one.mend]}
            for one in self.missing
        ]
        return {
            "weight": self.weight.name.lower(),
            "wire": _json(self.wire),
            "python": _json(self.python),
            "redocly": {"message": self.redocly.message, "changes": found},
            "overlay": overlay,
            "remarks": [*self.remarks],
        }

    def text(self) -> str:
        """Return the report for people, as the body of a changelog's section."""
        parts = [_hit(one) for one in self.missing]
        lines = ["#### The overlay", "", *parts, ""] if parts else []
        # Redocly's breaking changes alone are listed here: as_json has them all.
        found = tuple(
            change for change in self.redocly.changes or () if change.weight is Weight.BREAKING
        )
        for weight, heading in _HEADINGS:
            for level, changes in (
                ("wire", self.wire),
                ("Python", self.python),
                ("redocly", found),
            ):
                chosen = [change for change in changes if change.weight is weight]
                if chosen:
                    lines += [f"#### {heading}, {level}", "", *_listed(chosen), ""]
        lines += [f"{remark}." for remark in (*self.remarks, self.redocly.message)]
        return "\n".join(lines)


def compare(
    old: ClientVersion,
    new: ClientVersion,
    needs: Iterable[Need] = (),
    diff: DocumentDiff = redocly_diff,
) -> ChangeReport:
    """Return what changed between two versions of the client.

    The new one must have its document.
    """
    assert new.document is not None, "a new version is made of a document"
    remarks: list[str] = []
    wire: list[Change] = []
    redocly = RedoclyDiff((), "The document did not change")
    if old.document is None:
        remarks.append(
            "The old corrected document is not there any more: compared on the Python level only"
        )
        redocly = RedoclyDiff(None, "redocly was not asked")
    elif old.document != new.document:
        wire = wire_changes(old.document, new.document)
        with tempfile.TemporaryDirectory(prefix="regenerate-") as work:
            redocly = diff(old.document, new.document, Path(work))
    return ChangeReport(
        wire=tuple(wire),
        python=tuple(python_changes(old.package, new.package)),
        redocly=redocly,
        missing=find_missing(new.document, tuple(needs), old.document),
        remarks=tuple(remarks),
    )


def _hit(one: Missing) -> str:
    where = f". Mend it in {', '.join(f'`{place}`' for place in one.mend)}" if one.mend else ""
    return f"- **{one.feature}** of the overlay is hit: {one.what}{where}"


def _listed(changes: list[Change]) -> list[str]:
    # A value of the document may hold line breaks, and a line of its own would say something else.
    lines = [
        " ".join(f"- `{change.where}`: {change.what}".split()) for change in changes[:MAX_LINES]
    ]
    left = len(changes) - MAX_LINES
    return [*lines, f"- … and {left} more"] if left > 0 else lines


def _json(changes: Iterable[Change]) -> list[JSONValue]:
    return [
        {"weight": change.weight.name.lower(), "where": change.where, "what": change.what}
        for change in changes
    ]
