"""The overlay on clients of bent documents, against the mock server of the same document."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from ...changes.overlay_needs import find_missing, read_needs
from ...correct.corrected import correct
from ...document.json_tree import parse_document, readable_text
from ...generate.build import build
from ...generate.checks import check_slashes, overlay_type_errors
from ...project.paths import DOCUMENT, ROOT, own_paths
from ...project.progress import Progress

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}
PROGRAM: Final = Path(__file__).with_name("bent_program.py")
NULL: Final = {"type": "null"}
EXPECTED: Final[dict[str, Any]] = {
    "again": True,
    "asset": ["a.png", True],
    "attached": "succeeded",
    "batch": ["succeeded", 2, 2],
    "billed": 4,
    "evaluation": True,
    "failed": "failed",
    "items": 2,
    "listed": ["succeeded", "succeeded"],
    "model": True,
    "run": ["succeeded", "order-1", True, True],
    "saved": True,
}
Bend = Callable[[dict[str, Any]], None]


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document."""
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every operation."""
    for item in document["paths"].values():
        yield from (item[method] for method in item if method != "parameters")


def always_there(*names: str) -> Bend:
    """Return what makes every field of these answers required."""

    def bend(document: dict[str, Any]) -> None:
        for name in names:
            schemas(document)[name]["required"] = [*schemas(document)[name]["properties"]]

    return bend


def status(of: str, to: str) -> Bend:
    """Return what gives every answer of one status another."""

    def bend(document: dict[str, Any]) -> None:
        for operation in operations(document):
            if of in operation["responses"] and to not in operation["responses"]:
                operation["responses"][to] = operation["responses"].pop(of)

    return bend


def output(*variants: dict[str, Any]) -> Bend:
    """Return what makes the output of a run and of a batch a union."""

    def bend(document: dict[str, Any]) -> None:
        for name in ("Run", "Batch"):
            schemas(document)[name]["properties"]["output"] = {"anyOf": [*variants, NULL]}

    return bend


def whole_ids(name: str) -> Bend:
    """Return what takes model ids in one parameter."""

    def bend(document: dict[str, Any]) -> None:
        paths: dict[str, Any] = {}
        for path, item in document["paths"].items():
            found = path
            for second in ("slug", "id"):
                found = found.replace(f"/models/{{owner}}/{{{second}}}", f"/models/{{{name}}}")
            if found != path:
                (operation,) = item.values()
                kept = [one for one in operation["parameters"] if one.get("in") != "path"]
                whole = {
                    "name": name,
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string"},
                }
                operation["parameters"] = [whole, *kept]
            paths[found] = item
        document["paths"] = paths

    return bend


def costs(document: dict[str, Any]) -> None:
    """Let every cost be a number."""
    for schema in schemas(document).values():
        if "cost" in schema.get("properties", {}):
            schema["properties"]["cost"] = {"anyOf": [{"type": "number"}, NULL]}


FILES: Final = {
    "type": "object",
    "required": ["outputs"],
    "properties": {"outputs": {"type": "array", "items": {"type": "object"}}},
}
TEXT: Final = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
BENDS: Final[dict[str, Bend]] = {
    "a run has every field": always_there("Run"),
    "all that is waited for has every field": always_there("Run", "Batch", "Evaluation", "Asset"),
    "pages have every field": always_there("RunPage", "BatchItem", "AssetUploadSession"),
    "an output is one of two objects": output(FILES, TEXT),
    "an output is an object or text": output({"type": "object"}, {"type": "string"}),
    "an output may be a list": output({"type": "array", "items": {"type": "object"}}, FILES),
    "200 for 201": status("201", "200"),
    "202 for 201": status("201", "202"),
    "model_id for owner and slug": whole_ids("model_id"),
    "model for owner and slug": whole_ids("model"),
    "costs are numbers": costs,
}

SERVER_STAYS: Final = frozenset(
    name
    for name in BENDS
    if name.endswith(("every field", "owner and slug", "numbers")) or "output" in name
)
"""Where the server stays as it was: it leaves out what the document demands."""


@pytest.mark.parametrize("name", BENDS)
def test_programs_go_on_with_the_client_of_a_bent_document(name: str, tmp_path: Path) -> None:
    document = copy.deepcopy(OWN)
    BENDS[name](document)
    assert document != OWN
    project, raw = tmp_path / "project", readable_text(document).encode()
    paths = evolve(own_paths(), output=tmp_path / "runflow_api")
    product = build(paths, raw, tmp_path / "staging", Progress("test"), ())
    needs = read_needs()
    check_slashes(product.package, sorted({one for need in needs for one in need.slashes}))
    kept = {
        ROOT / "overlay": project / "overlay",
        ROOT / "contract_tests" / "runflow_mock": project / "contract_tests" / "runflow_mock",
        ROOT / "catalog": project / "catalog",
        product.package: project / "generated" / "runflow_api",
    }
    for source, target in kept.items():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    (project / DOCUMENT.name).write_bytes(DOCUMENT.read_bytes() if name in SERVER_STAYS else raw)
    found = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path / "saved")],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(
                str(project / folder) for folder in ("overlay", "generated", "contract_tests")
            ),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    seen = json.loads(found.stdout)
    assert all("seedance/2.0/fast" in path for path in seen.pop("creates") if "seedance" in path)
    assert seen == EXPECTED


@pytest.mark.parametrize("name", BENDS)
def test_the_overlay_misses_nothing_in_a_bent_document(name: str) -> None:
    document = copy.deepcopy(OWN)
    BENDS[name](document)
    missing = [str(one) for one in find_missing(correct(document).document, read_needs())]
    assert missing == []


def test_the_overlay_type_checks_with_all_that_it_survives(tmp_path: Path) -> None:
    document = copy.deepcopy(OWN)
    for name in (
        "all that is waited for has every field",
        "an output is an object or text",
        "200 for 201",
        "model_id for owner and slug",
        "costs are numbers",
    ):
        BENDS[name](document)
    paths = evolve(own_paths(), output=tmp_path / "runflow_api")
    raw = readable_text(document).encode()
    product = build(paths, raw, tmp_path / "staging", Progress("test"), ())
    assert overlay_type_errors(product.package, [ROOT / "overlay" / "runflow_client"]) == []
