"""Where the API answers otherwise than the document says, the pipeline takes what is proposed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from runflow_conformance import Finding, Validator
from runflow_conformance._report.proposals import PROPOSAL, propose, write_proposal
from runflow_conformance._report.report import group_findings
from runflow_conformance._validation.json_pointers import DocumentTree

from ...correct.overlays import apply_overlay, read_overlays
from ...document.json_tree import canonical_bytes, copy_document
from ...generate.build import corrected_document
from ...project.paths import CORRECTIONS, ROOT, own_paths
from ...project.progress import Progress
from ..bent_reality import BENDS, READ, Seen, seen
from ..programs import EXPECTED, seen_in


@pytest.fixture(scope="module")
def bent(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Return what a server with every bend answered."""
    return seen(tmp_path_factory.mktemp("bent"))


def places(findings: list[Finding]) -> set[tuple[str, str]]:
    """Return the rule and the place of each finding."""
    return {(one.rule, one.pointer) for one in findings}


def proposed_for(findings: list[Finding], bent: Seen, folder: Path) -> Path:
    """Return the file that is proposed for findings, in a folder of its own."""
    folder.mkdir()
    differences = group_findings(findings, frozenset())
    found = write_proposal(propose(differences, DocumentTree(bent.document)), folder)
    assert found is not None
    return found


def left_after(proposal: Path, bent: Seen) -> list[Finding]:
    """Return what is found in the same answers once the published document is corrected so."""
    document = copy_document(bent.document)
    for overlay in read_overlays(proposal.parent):
        apply_overlay(document, overlay)
    validator = Validator({**document})
    return [
        found for one in bent.interactions for found in validator.findings(one, check_request=False)
    ]


def asked(document: dict[str, Any]) -> bytes:
    """Return the document with the paths alone that were asked, and those that corrections name."""
    named = "".join(path.read_text(encoding="utf-8") for path in CORRECTIONS.iterdir())
    kept = {path.partition("?")[0] for path in READ}
    paths = {
        path: item
        for path, item in document["paths"].items()
        if path in kept or f"'{path}'" in named
    }
    assert len(kept) < len(paths) < len(document["paths"]) / 3
    return canonical_bytes({**document, "paths": paths})


def test_every_bend_is_found_and_nothing_else(bent: Seen) -> None:
    assert places(bent.findings) == {(one.rule, one.pointer) for one in BENDS.values()}


@pytest.mark.parametrize("name", BENDS)
def test_what_is_proposed_is_taken_as_it_is_and_takes_the_difference_away(
    name: str, bent: Seen, tmp_path: Path
) -> None:
    place = (BENDS[name].rule, BENDS[name].pointer)
    found = [one for one in bent.findings if (one.rule, one.pointer) == place]
    proposal = proposed_for(found, bent, tmp_path / "alone")
    shutil.copytree(CORRECTIONS, tmp_path / "corrections")
    shutil.copy(proposal, tmp_path / "corrections")
    paths = evolve(own_paths(), corrections=tmp_path / "corrections")
    corrected_document(paths, asked(bent.document), Progress("test"))
    assert places(left_after(proposal, bent)) == places(bent.findings) - {place}


def test_the_whole_command_takes_what_is_proposed_and_programs_read_that_server(
    bent: Seen, tmp_path: Path, warm_types: None, warm_overlay: None, quiet_redocly: None
) -> None:
    project = tmp_path / "project"
    for kept in ("catalog", "contract_tests/runflow_mock", "generated", "overlay", "regenerate"):
        shutil.copytree(
            ROOT / kept, project / kept, ignore=shutil.ignore_patterns("__pycache__", "tests")
        )
    for kept in ("CHANGES.md", "openapi.lock.json", "openapi.public.json", "pyproject.toml"):
        shutil.copy(ROOT / kept, project)
    proposal = proposed_for(bent.findings, bent, tmp_path / "alone")
    assert left_after(proposal, bent) == []
    shutil.copy(proposal, project / "regenerate" / "corrections" / PROPOSAL)
    finished = subprocess.run(
        [sys.executable, "-m", "regenerate", "regenerate"],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": str(project),
            "SPEC_URL": str(bent.path),
            "ALLOW_BREAKING": "1",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert seen_in(project, tmp_path / "saved", bent.truth) == EXPECTED
