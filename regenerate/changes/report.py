"""Old against new, for people: what changed, whether it breaks a program, and which version that makes."""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import attrs

from ..document.json_tree import JSONObject, JSONValue
from .change import Change, Weight, heaviest
from .changelog import raised
from .overlay_needs import Lack, Need, lacks
from .python import python_changes
from .redocly import Opinion, second_opinion
from .wire import wire_changes

_HEADINGS: Final = (
    (Weight.BREAKING, "Breaking"),
    (Weight.ADDITION, "New"),
    (Weight.OTHER, "Other changes"),
)
MOST_LINES: Final = 60
"""Lines under one heading. The report beside it has them all."""

SecondOpinion = Callable[[JSONObject, JSONObject, Path], Opinion]


@attrs.frozen
class Version:
    """A client as it is compared: its corrected document, None where that is not kept, and its generated package."""

    document: JSONObject | None = attrs.field(repr=False)
    package: Path


@attrs.frozen
class ChangeReport:
    """What changed from one version of the client to the next, and what the overlay will miss in it."""

    wire: tuple[Change, ...]
    python: tuple[Change, ...]
    opinion: Opinion
    lacks: tuple[Lack, ...]
    remarks: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[Change, ...]:
        """Every change of every level."""
        return (*self.wire, *self.python, *(self.opinion.changes or ()))

    @property
    def weight(self) -> Weight:
        """What the heaviest change means for a program."""
        return heaviest(self.all)

    @property
    def is_breaking(self) -> bool:
        """Whether a program may have to follow."""
        return self.weight is Weight.BREAKING

    def proposed(self, version: str) -> str:
        """The version that should come after this one: major for breaking, minor for additions, else patch."""
        return raised(version, self.weight)

    def count(self, weight: Weight) -> int:
        """How many changes have this weight. What redocly alone found counts, what it repeats does not."""
        own = sum(1 for change in (*self.wire, *self.python) if change.weight is weight)
        return own or sum(1 for change in self.opinion.changes or () if change.weight is weight)

    def as_json(self) -> JSONObject:
        """The whole report, for machines."""
        found: JSONValue = None if self.opinion.changes is None else _json(self.opinion.changes)
        overlay: list[JSONValue] = [{"feature": lack.feature, "lacks": lack.what} for lack in self.lacks]
        return {
            "weight": self.weight.name.lower(),
            "wire": _json(self.wire),
            "python": _json(self.python),
            "redocly": {"said": self.opinion.said, "changes": found},
            "overlay": overlay,
            "remarks": [*self.remarks],
        }

    def text(self) -> str:
        """The report for people, as the body of a changelog's section."""
        parts = [f"- **{lack.feature}** of the overlay is hit: {lack.what}" for lack in self.lacks]
        lines = ["#### The overlay", "", *parts, ""] if parts else []
        # Of a second opinion only what weighs most is of use beside the first: the report beside this has all of it.
        second = tuple(change for change in self.opinion.changes or () if change.weight is Weight.BREAKING)
        for weight, heading in _HEADINGS:
            for level, changes in (("wire", self.wire), ("Python", self.python), ("redocly", second)):
                chosen = [change for change in changes if change.weight is weight]
                if chosen:
                    lines += [f"#### {heading}, {level}", "", *_listed(chosen), ""]
        lines += [f"{remark}." for remark in (*self.remarks, self.opinion.said)]
        return "\n".join(lines)


def compare(
    old: Version, new: Version, needs: Iterable[Need] = (), second: SecondOpinion = second_opinion
) -> ChangeReport:
    """What changed between two versions of the client. The new one must have its document."""
    assert new.document is not None, "a new version is made of a document"
    remarks: list[str] = []
    wire: list[Change] = []
    opinion = Opinion((), "The document says what it said")
    if old.document is None:
        remarks.append("The old corrected document is not there any more: compared on the Python level only")
        opinion = Opinion(None, "redocly was not asked")
    elif old.document != new.document:
        wire = wire_changes(old.document, new.document)
        with tempfile.TemporaryDirectory(prefix="regenerate-") as work:
            opinion = second(old.document, new.document, Path(work))
    return ChangeReport(
        wire=tuple(wire),
        python=tuple(python_changes(old.package, new.package)),
        opinion=opinion,
        lacks=lacks(new.document, tuple(needs)),
        remarks=tuple(remarks),
    )


def _listed(changes: list[Change]) -> list[str]:
    lines = [f"- `{change.where}`: {change.what}" for change in changes[:MOST_LINES]]
    left = len(changes) - MOST_LINES
    return [*lines, f"- … and {left} more"] if left > 0 else lines


def _json(changes: Iterable[Change]) -> list[JSONValue]:
    return [{"weight": change.weight.name.lower(), "where": change.where, "what": change.what} for change in changes]
