"""A verdict on paper: JUnit XML for dashboards, JSON for programs, Markdown for a pull request. The same seed gives the same
bytes but for the measured times.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from attrs import asdict

from .results import Difference, Verdict

JUNIT, JSON, MARKDOWN = "junit.xml", "report.json", "summary.md"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]")
MOST_ROWS = 30


def write_reports(verdict: Verdict, folder: Path) -> list[Path]:
    """Write the three reports into the folder, which is made if need be; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {JUNIT: junit(verdict), JSON: as_json(verdict), MARKDOWN: markdown(verdict)}
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in written]


def junit(verdict: Verdict) -> str:
    """Return JUnit XML: a test case for each operation and law, a failure for each new difference; known ones in system-out."""
    names = sorted(
        {
            *verdict.operations,
            *verdict.laws,
            *(difference.finding.operation for difference in verdict.differences),
        }
    )
    failed = {difference.finding.operation for difference in verdict.new}
    suite = ElementTree.Element(
        "testsuite",
        name="runflow-conformance",
        tests=str(len(names)),
        failures=str(len(failed)),
        errors="0",
    )
    for name in names:
        seconds = f"{verdict.seconds.get(name, 0.0):.3f}"
        case = ElementTree.SubElement(
            suite, "testcase", classname="conformance", name=name, time=seconds
        )
        for difference in (one for one in verdict.differences if one.finding.operation == name):
            text = _NOT_IN_XML.sub("?", _words(difference))
            if difference.known:
                ElementTree.SubElement(case, "system-out").text = f"known: {text}"
            else:
                ElementTree.SubElement(
                    case, "failure", message=text.splitlines()[0], type=difference.finding.rule
                ).text = text
        if name not in verdict.calls and name not in failed and name not in verdict.laws:
            ElementTree.SubElement(case, "skipped", message="not called")
    ElementTree.indent(suite)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        + ElementTree.tostring(suite, encoding="unicode")
        + "\n"
    )


def as_json(verdict: Verdict) -> str:
    """Return the verdict as JSON, measured times under `seconds`."""
    broken = {difference.finding.operation for difference in verdict.differences}
    content = {
        "conforms": not verdict.new,
        "base_url": verdict.base_url,
        "document_sha256": verdict.document_sha256,
        "seed": verdict.seed,
        "profile": verdict.profile,
        "notes": list(verdict.notes),
        "operations": {name: verdict.calls.get(name, 0) for name in sorted(verdict.operations)},
        "laws": {name: name not in broken for name in verdict.laws},
        "differences": [
            {
                **asdict(
                    difference.finding, filter=lambda attribute, _: attribute.name != "observed"
                ),
                "count": difference.count,
                "known": difference.known,
            }
            for difference in verdict.differences
        ],
        "seconds": {name: round(seconds, 3) for name, seconds in sorted(verdict.seconds.items())},
    }
    return json.dumps(content, indent=2) + "\n"


def markdown(verdict: Verdict) -> str:
    """Return a summary for a pull request: the verdict in one line, then a table of what is new."""
    known = len(verdict.differences) - len(verdict.new)
    called = sum(1 for name in verdict.operations if verdict.calls.get(name))
    headline = (
        "conforms"
        if not verdict.new
        else f"{len(verdict.new)} new difference{'s' * (len(verdict.new) > 1)}"
    )
    lines = [
        f"## Runflow conformance: {headline}",
        "",
        f"{verdict.base_url}, document `{verdict.document_sha256[:12]}`, profile {verdict.profile}, seed {verdict.seed}: "
        f"{sum(verdict.calls.values())} calls to {called} of {len(verdict.operations)} operations"
        + (f", {len(verdict.laws)} laws tried" if verdict.laws else "")
        + (f", {known} known difference{'s' * (known > 1)} not counted." if known else "."),
        *(f"\n> {_one_line(note)}" for note in verdict.notes),
    ]
    if verdict.new:
        lines += ["", "| operation | where | what | in the document |", "| --- | --- | --- | --- |"]
        for difference in verdict.new[:MOST_ROWS]:
            finding = difference.finding
            what = f"{finding.what} ({finding.rule}, {difference.count} x)"
            cells = (
                f"`{finding.operation}`",
                finding.where,
                what,
                f"`{finding.place}`" if finding.place else "",
            )
            lines.append("| " + " | ".join(_one_line(cell) for cell in cells) + " |")
        if len(verdict.new) > MOST_ROWS:
            lines.append(f"\n{len(verdict.new) - MOST_ROWS} more are in the JSON report.")
        replay = next(
            (difference.finding.replay for difference in verdict.new if difference.finding.replay),
            "",
        )
        if replay:
            lines += ["", "To see the first one again:", "", "```sh", replay, "```"]
    return "\n".join(lines) + "\n"


def _words(difference: Difference) -> str:
    finding = difference.finding
    replay = f"\nreplay: {finding.replay}" if finding.replay else ""
    return f"{finding} ({difference.count} x){replay}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:300]
