"""Find what the generator would drop, break or misread, with the place and the remedy."""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..correct.corrected import correct
from ..document.json_tree import (
    DocumentError,
    JSONObject,
    at_pointer,
    copy_document,
    local_pointer,
    parse_document,
    refuse_deep_nesting,
    text_at,
    walk,
)
from ..project.paths import CORRECTIONS, DOCUMENT
from ._bodies import BODY_RULES
from ._names import NAME_RULES
from ._operations import OPERATION_RULES
from ._schemas import SCHEMA_RULES
from ._tools import TOOL_RULES
from .findings import Finding, Rule

RULES: Final[Mapping[str, Rule]] = (
    TOOL_RULES | NAME_RULES | OPERATION_RULES | BODY_RULES | SCHEMA_RULES
)

OUR_NAMES: Final = ("same-module", "file-name", "same-class", "client-name")
"""The rules about names that the naming table may have given."""


def lint(document: Mapping[str, object]) -> list[Finding]:
    """Return every finding, by place: an empty list for a document that can be generated from.

    Made for corrected documents; a published one may have findings that the correction takes away.
    Nothing is fetched or written, and the document is not touched.

    Raises:
        DocumentError: the document is not JSON, or nested too deeply.
    """
    working = copy_document(document)
    refuse_deep_nesting(working)
    found = {
        Finding(place, name, what, remedy)
        for name, rule in RULES.items()
        for place, what, remedy in rule(working)
    }
    # A path item that is a reference is told by its own rule.
    items = {finding.place for finding in found if finding.rule == "path-item-reference"}
    found = {one for one in found if one.rule != "reference" or one.place not in items}
    own = [finding.place for finding in found if finding.rule not in TOOL_RULES]
    return sorted(
        finding
        for finding in found
        if finding.rule not in TOOL_RULES or not _is_told(working, finding, own)
    )


def _is_told(document: JSONObject, finding: Finding, own: list[str]) -> bool:
    """Return whether a rule of ours tells the cause of what a tool found.

    Its place is at the tool's, around it, or in a schema that is reached from there.
    """
    if not finding.place:
        # A tool that stops at once names no place; what we know stops it, too.
        return bool(own)
    reached = _reached(document, finding.place)
    return any(
        _is_within(finding.place, place) or any(_is_within(place, one) for one in reached)
        for place in own
    )


def _is_within(place: str, other: str) -> bool:
    """Return whether a place is another one or inside it."""
    return place == other or place.startswith(f"{other}/")


def _reached(document: JSONObject, place: str) -> set[str]:
    reached, waiting = {place}, [place]
    while waiting:
        try:
            value = at_pointer(document, waiting.pop())
        except KeyError:
            continue
        for _, inner in walk(value):
            where = local_pointer(text_at(inner, "$ref")) if isinstance(inner, dict) else None
            if where is not None and where not in reached:
                reached.add(where)
                waiting.append(where)
    return reached


def main() -> int:
    """Print the findings of a document, by default the project's own, after its corrections."""
    parser = argparse.ArgumentParser(prog="python -m regenerate.lint", description=main.__doc__)
    parser.add_argument("document", nargs="?", type=Path, default=DOCUMENT)
    parser.add_argument("--corrections", type=Path, default=CORRECTIONS, help="folder of overlays")
    arguments = parser.parse_args()
    try:
        corrected = correct(parse_document(arguments.document.read_bytes()), arguments.corrections)
        findings = lint(corrected.document)
    except (DocumentError, OSError) as error:
        print(f"{arguments.document}: {error}", file=sys.stderr)
        return 1
    for finding in findings:
        print(finding)
    return 1 if findings else 0
