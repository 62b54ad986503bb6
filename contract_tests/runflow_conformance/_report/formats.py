"""Writes a report as JUnit XML, JSON and Markdown.

With the same seed the files are the same, except for the measured times.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from attrs import asdict

from .report import Difference, Report

JUNIT, JSON, MARKDOWN = "junit.xml", "report.json", "summary.md"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]")
MAX_ROWS = 30
MAX_REPLAY = 200  # characters of a command that a terminal shows well


def write_reports(report: Report, folder: Path) -> list[Path]:
    """Write the reports into the folder, which is created if missing; return their paths.

    For each new difference with a request to send again there is a script, numbered as the rows of
    the summary. Those of an earlier report are deleted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob(replay_script("*")):
        earlier.unlink()
    written = {JUNIT: junit(report), JSON: as_json(report), MARKDOWN: markdown(report)}
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    scripts = {
        replay_script(number): replay
        for number, row in enumerate(report.rows, 1)
        if (replay := _replay(row))
    }
    for name, command in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{command}\n", encoding="utf-8")
    return [folder / name for name in written]


def junit(report: Report) -> str:
    """Return JUnit XML: one test case for each operation and law.

    A new difference is a failure, one of the baseline stands in `system-out`.
    """
    names = sorted(
        {
            *report.operations,
            *report.laws,
            *(difference.finding.operation for difference in report.differences),
        }
    )
    failed = {difference.finding.operation for difference in report.new}
    suite = ElementTree.Element(
        "testsuite",
        name="runflow-conformance",
        tests=str(len(names)),
        failures=str(len(failed)),
        errors="0",
    )
    for name in names:
        seconds = f"{report.seconds.get(name, 0.0):.3f}"
        case = ElementTree.SubElement(
            suite, "testcase", classname="conformance", name=name, time=seconds
        )
        for difference in (one for one in report.differences if one.finding.operation == name):
            text = _NOT_IN_XML.sub("?", _text(difference))
            if difference.in_baseline:
                ElementTree.SubElement(case, "system-out").text = f"in the baseline: {text}"
            else:
                ElementTree.SubElement(
                    case, "failure", message=text.splitlines()[0], type=difference.finding.rule
                ).text = text
        if name not in report.calls and name not in failed and name not in report.laws:
            ElementTree.SubElement(case, "skipped", message="not called")
    ElementTree.indent(suite)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        + ElementTree.tostring(suite, encoding="unicode")
        + "\n"
    )


def as_json(report: Report) -> str:
    """Return the report as JSON. Measured times are under `seconds`."""
    broken = {difference.finding.operation for difference in report.differences}
    content = {
        "conforms": not report.new,
        "base_url": report.base_url,
        "document_sha256": report.document_sha256,
        "seed": report.seed,
        "profile": report.profile,
        "notes": list(report.notes),
        "operations": {name: report.calls.get(name, 0) for name in sorted(report.operations)},
        "laws": {name: name not in broken for name in report.laws},
        "differences": [
            {
                **asdict(
                    difference.finding, filter=lambda attribute, _: attribute.name != "observed"
                ),
                "count": difference.count,
                "in_baseline": difference.in_baseline,
            }
            for difference in report.differences
        ],
        "seconds": {name: round(seconds, 3) for name, seconds in sorted(report.seconds.items())},
    }
    return json.dumps(content, indent=2) + "\n"


def markdown(report: Report) -> str:
    """Return a summary for a pull request: one line, then a table of the new differences.

    One cause that several operations share is one row.
    """
    rows = report.rows
    known = len(report.differences) - len(report.new)
    called = sum(1 for name in report.operations if report.calls.get(name))
    headline = "conforms" if not rows else f"{len(rows)} new difference{'s' * (len(rows) > 1)}"
    lines = [
        f"## Runflow conformance: {headline}",
        "",
        f"{report.base_url}, document `{report.document_sha256[:12]}`, profile {report.profile}, "
        f"seed {report.seed}: "
        f"{sum(report.calls.values())} calls to {called} of {len(report.operations)} operations"
        + (f", {len(report.laws)} laws tried" if report.laws else "")
        + (f", {known} known difference{'s' * (known > 1)} not counted." if known else "."),
        *(f"\n> {_one_line(note)}" for note in report.notes),
    ]
    if rows:
        lines += [
            "",
            "| no | operation | where | what | in the document |",
            "| --- | --- | --- | --- | --- |",
        ]
        for number, row in enumerate(rows[:MAX_ROWS], 1):
            finding = row[0].finding
            others = f" and {len(row) - 1} more" if len(row) > 1 else ""
            count = sum(difference.count for difference in row)
            cells = (
                str(number),
                f"`{finding.operation}`{others}",
                finding.where,
                f"{finding.what} ({finding.rule}, {count} x)",
                f"`{finding.pointer}`" if finding.pointer else "",
            )
            lines.append("| " + " | ".join(_one_line(cell) for cell in cells) + " |")
        if len(rows) > MAX_ROWS:
            lines.append(f"\n{len(rows) - MAX_ROWS} more are in the JSON report.")
        number, replay = next(
            ((number, found) for number, row in enumerate(rows, 1) if (found := _replay(row))),
            (0, ""),
        )
        if replay:
            fits = len(replay) <= MAX_REPLAY and "\n" not in replay
            command = replay if fits else f"sh {replay_script(number)}"
            lines += [
                "",
                f"To send the request of no {number} again (each has a script in the folder of the "
                "reports):",
                "",
                "```sh",
                command,
                "```",
            ]
    return "\n".join(lines) + "\n"


def replay_script(number: int | str) -> str:
    """Return the name of the script that sends the request of a row again; `*` is any."""
    return f"replay-{number}.sh"


def _replay(row: tuple[Difference, ...]) -> str:
    """Return the first command that sends a request of this row again; empty if there is none."""
    return next((one.finding.replay for one in row if one.finding.replay), "")


def _text(difference: Difference) -> str:
    finding = difference.finding
    replay = f"\nreplay: {finding.replay}" if finding.replay else ""
    return f"{finding} ({difference.count} x){replay}"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:300]
