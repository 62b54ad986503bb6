"""The client of a document, made once a run."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import asdict
from suites.sharing import shared_folder

from ..document.json_tree import canonical_bytes, copy_document, sha256
from ..generate.generator import GenerateReport, generate
from ..lint.linter import lint
from ..project.directory import tree_hash
from .small_documents import corrected as corrected_alone


def made_once(
    factory: pytest.TempPathFactory,
    corrected: Mapping[str, object],
    output: Path,
    package_name: str,
    templates: Path,
    **options: Any,
) -> GenerateReport:
    """Do what `generate` does; the same document with the same templates is made once.

    What is made depends on nothing else: test_the_same_document_gives_the_same_bytes.
    """
    what = [sha256(canonical_bytes(copy_document(corrected))), tree_hash(templates), package_name]
    key = sha256(json.dumps([*what, {**options, "data_files": {**options["data_files"]}}]).encode())

    def make(folder: Path) -> None:
        report = generate(corrected, folder / package_name, package_name, templates, **options)
        (folder / "report.json").write_text(json.dumps(asdict(report)))

    made = shared_folder(factory, f"made-{key[:16]}", make)
    shutil.copytree(made / package_name, output)
    report: dict[str, Any] = json.loads((made / "report.json").read_text())
    return GenerateReport(**report)


def made_of(
    factory: pytest.TempPathFactory, package_name: str, document: Mapping[str, object]
) -> Path:
    """Return a folder with the client of a document without findings, through all gates but
    pyright: test_pyright.py.
    """

    def make(folder: Path) -> None:
        corrected = corrected_alone(copy_document(document))
        assert lint(corrected) == []
        generate(corrected, folder / package_name, package_name, type_checkers=("mypy",))

    return shared_folder(factory, package_name, make)
