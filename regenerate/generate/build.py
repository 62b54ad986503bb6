"""Make a checked client of a document in a staging folder: correct, lint, generate, gates."""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from attrs import evolve, field, frozen

from ..correct.corrected import CorrectedDocument, StaleCorrections, correct
from ..correct.overlays import OverlayError
from ..document.json_tree import (
    JSONObject,
    canonical_bytes,
    parse_document,
    pointer_parts,
    readable_text,
    sha256,
)
from ..lint.findings import Finding
from ..lint.linter import OUR_NAMES, lint
from ..lint.remedies import remedy_lines
from ..naming.operation_names import line_of, read_table
from ..project.lock import Built
from ..project.paths import ProjectPaths
from ..project.progress import Progress, counted
from .checks import TYPE_CHECKERS, check_types_with
from .generator import GenerateReport, MakeClient, generate

OUTSIDE_FILE: Final = "outside_operations.json"
"""The file of the client that holds the paths which corrections add; mock and checks read it."""


class LintRefused(Exception):
    """The corrected document has findings: no client is made of it. The text lists them all."""


@frozen
class Product:
    """A client that passed every gate, with the document that it was made of."""

    corrected: JSONObject = field(repr=False)
    package: Path
    built: Built
    made: GenerateReport


def corrected_document(paths: ProjectPaths, raw: bytes, progress: Progress) -> CorrectedDocument:
    """Return the document with its corrections and our names, and without a finding.

    Raises:
        DocumentError: the document cannot be corrected.
        LintRefused: it has findings.
    """
    table = read_table(paths.naming)
    with progress.step("correct") as step:
        try:
            corrected = correct(parse_document(raw), paths.corrections, table)
        except StaleCorrections as error:
            # What the lint finds besides is shown too, so that one round is enough.
            found = lint(error.corrected.document)
            told = "\n" + _told(error.corrected, found, paths.naming) if found else ""
            raise OverlayError(f"{error}{told}") from None
        named = counted(len(corrected.names.operations), "operation")
        step.message = f"{counted(len(corrected.applied), 'correction')}, {named} named"
        if corrected.unmatched_names:
            step.message += (
                "; not in this document: "
                f"{counted(len(corrected.unmatched_names), 'name')} of the table"
            )
        if corrected.brought:
            step.message += (
                f"; the document now brings {', '.join(corrected.brought)}: delete what the "
                "correction adds"
            )
        if corrected.split:
            step.message += f"; whole ids are sent in two parts: {', '.join(corrected.split)}"
        step.facts["brought"] = [*corrected.brought]
        step.facts["unmatched_names"] = [*corrected.unmatched_names]
        step.facts["name_conflicts"] = [*corrected.names.conflicts]
        step.facts["corrections"] = [
            {
                "overlay": one.overlay,
                "target": one.target,
                "why": one.description,
                "matches": one.matches,
            }
            for one in corrected.applied
        ]
    with progress.step("lint") as step:
        findings = lint(corrected.document)
        step.facts["findings"] = [
            _finding_text(finding, corrected, paths.naming) for finding in findings
        ]
        if findings:
            raise LintRefused(_told(corrected, findings, paths.naming))
        step.message = "nothing that the generator would drop or break"
    return corrected


def _told(corrected: CorrectedDocument, findings: list[Finding], naming: Path | None) -> str:
    """Return every finding once, and the lines of YAML that take them away."""
    texts = list(dict.fromkeys(_finding_text(one, corrected, naming) for one in findings))
    lines = [f"{counted(len(texts), 'finding')} in the document:", *(f"  {one}" for one in texts)]
    placed = [(finding, corrected.published_place(finding.place)) for finding in findings]
    remedy = remedy_lines(corrected.published, placed)
    if remedy:
        head = ("overlay: 1.1.0", "info: {title: What the client cannot do, version: 1.0.0}")
        lines += [
            "A beginning, for a file such as regenerate/corrections/new-document.overlay.yaml:",
            *(f"  {line}" for line in (*head, "actions:", *remedy)),
        ]
    return "\n".join(lines)


def _finding_text(finding: Finding, corrected: CorrectedDocument, naming: Path | None) -> str:
    """Return the finding with its place in the published document.

    Where the name itself is wrong and stands in the naming table, its line is given too.
    """
    names, name = corrected.names, ""
    text = str(evolve(finding, place=corrected.published_place(finding.place)))
    parts = pointer_parts(finding.place)
    if parts[:2] == ["components", "schemas"] and len(parts) > 2:
        name = parts[2]
    elif parts[:1] == ["paths"] and len(parts) > 2:
        operation = names.operations.get(f"{parts[2].upper()} {parts[1]}")
        name = operation.name if operation is not None else ""
    line = line_of(naming, name) if naming is not None and finding.rule in OUR_NAMES else None
    return f"{text} The name is ours: {naming.name}, line {line}." if naming and line else text


def build(
    paths: ProjectPaths,
    raw: bytes,
    staging: Path,
    progress: Progress,
    type_checkers: Collection[str] = TYPE_CHECKERS,
    make_client: MakeClient = generate,
) -> Product:
    """Make the client of a document's bytes in the folder `staging`.

    What is in its place is not touched.

    Raises:
        DocumentError, LintRefused, ToolError, GenerationError, GateError: with everything that is
            wrong.
    """
    corrected = corrected_document(paths, raw, progress)
    outside = corrected.outside()
    with progress.step("generate") as step:
        package = staging / "made" / paths.output.name
        made = make_client(
            corrected.document,
            package,
            paths.output.name,
            paths.templates,
            type_checkers=(),
            data_files={OUTSIDE_FILE: readable_text(outside)} if outside else {},
        )
        step.message = ", ".join(
            counted(number, noun)
            for number, noun in (
                (made.operations, "operation"),
                (made.models, "model"),
                (made.files, "file"),
            )
        )
        step.facts.update(
            operations=made.operations, models=made.models, files=made.files, tree=made.tree_hash
        )
    with progress.step("gates") as step:
        check_types_with(package, type_checkers)
        step.message = ", ".join(
            (
                "every operation there",
                "every module imports",
                *(f"{one} clean" for one in type_checkers),
            )
        )
    built = Built(
        document=sha256(raw),
        corrected=sha256(canonical_bytes(corrected.document)),
        tree=made.tree_hash,
        tools=dict(made.tools),
        **paths.ingredients(),
    )
    return Product(corrected.document, package, built, made)
