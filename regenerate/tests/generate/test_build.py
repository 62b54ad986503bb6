"""What building a client says of a document that it refuses, and of names that collide."""

import io
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ...document.json_tree import readable_text
from ...generate.build import LintRefused, build, corrected_document
from ...project.paths import paths_in
from ...project.progress import Progress
from ..small_documents import answering, reference, with_paths

ANSWERS: dict[str, Any] = {"responses": {"200": {"description": "OK."}}}
THING: dict[str, Any] = {"type": "object", "properties": {"id": {"type": "string"}}}


def progress() -> Progress:
    return Progress("test", out=io.StringIO(), terminal=None)


def test_one_name_in_two_packages_gives_two_modules(tmp_path: Path) -> None:
    document = with_paths(
        {
            "/v1/reports": {"get": {"tags": ["Reports"], **ANSWERS}},
            "/v2/reports": {"get": {"tags": ["Reports V2"], **ANSWERS}},
        }
    )
    raw = readable_text(document).encode()
    product = build(paths_in(tmp_path, "twin_api"), raw, tmp_path / "staging", progress(), ())
    for package in ("reports", "reports_v2"):
        assert (product.package / "api" / package / "list_reports.py").is_file()


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ('schemas:\n  Client: ["GET /v1/things/{id} 200"]\n', 2),
        ('# Ours.\n\nschemas:\n  Client:\n    - "GET /v1/things/{id} 200"\n', 4),
    ],
)
def test_a_name_of_ours_that_cannot_stand_is_said_to_be_ours(
    tmp_path: Path, table: str, line: int
) -> None:
    naming = tmp_path / "naming.yaml"
    naming.write_text(table, encoding="utf-8")
    paths = evolve(paths_in(tmp_path, "twin_api"), naming=naming)
    raw = readable_text(answering(reference("R"), R=THING)).encode()
    with pytest.raises(LintRefused) as refused:
        corrected_document(paths, raw, progress())
    assert f"The name is ours: naming.yaml, line {line}." in str(refused.value)


def test_a_name_of_the_document_is_not_said_to_be_ours(tmp_path: Path) -> None:
    naming = tmp_path / "naming.yaml"
    naming.write_text('schemas:\n  Thing: ["GET /v1/things/{id} 200"]\n', encoding="utf-8")
    paths = evolve(paths_in(tmp_path, "twin_api"), naming=naming)
    empty: dict[str, Any] = {
        "type": "object",
        "properties": {"state": {"type": "string", "enum": []}},
    }
    raw = readable_text(answering(reference("R"), R=empty)).encode()
    with pytest.raises(LintRefused) as refused:
        corrected_document(paths, raw, progress())
    assert "ours" not in str(refused.value)
