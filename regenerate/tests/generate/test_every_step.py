"""What building a client reports: each step in words and facts, and what the maker is given."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from suites.snapshot import check_snapshot

from ...document.json_tree import DocumentError, JSONObject, readable_text, sha256
from ...generate.build import LintRefused, build, corrected_document
from ...generate.generator import GenerateReport
from ...project.paths import ProjectPaths, paths_in
from ...project.progress import Progress
from ..every_word import SNAPSHOTS
from ..small_documents import answering, reference, taking, with_paths

TEXT: JSONObject = {"type": "string"}
THING: JSONObject = {"type": "object", "properties": {"id": TEXT}}
DONE: JSONObject = {"responses": {"200": {"description": "D"}}}
EMPTY: JSONObject = {"type": "object", "properties": {"state": {"type": "string", "enum": []}}}
WHOLE_ID: JSONObject = {"name": "model_id", "in": "path", "required": True, "schema": TEXT}

REMOVE = """overlay: 1.1.0
info: {title: Gone, version: 1.0.0}
actions:
- target: $.paths['/gone']
  description: It is not there.
  remove: true
- target: $.paths.*.get
  description: All are described.
  update: {description: Described.}
"""
ADD = """overlay: 1.1.0
info: {title: More, version: 1.0.0}
x-outside-the-document: true
actions:
- target: $.paths
  description: They are there.
  update:
    /there: {get: {responses: {"200": {description: D}}}}
- target: $.paths
  description: This is there, too.
  update:
    /more: {post: {x-outside-the-document: true, responses: {"204": {description: D}}}}
"""
STALE = REMOVE.replace("/gone", "/never").replace("Gone", "Stale")
NAMING = """operations:
  things:
    list_things: GET /things
    never_there: GET /never
    run_model: POST /models/{owner}/{slug}/runs
schemas:
  Thing: ["GET /things 200"]
  Nothing: ["GET /never 200"]
"""
HERE: JSONObject = {
    "/things": {
        "get": {
            "responses": {
                "200": {
                    "description": "D",
                    "content": {"application/json": {"schema": reference("T")}},
                }
            }
        }
    },
    "/gone": {"get": DONE},
    "/there": {"get": DONE},
    "/models/{model_id}/runs": {"post": {**DONE, "parameters": [WHOLE_ID]}},
}
DOCUMENTS: dict[str, tuple[JSONObject, dict[str, str]]] = {
    "plain": (with_paths({"/a": {"get": DONE}}), {}),
    "two": (with_paths({"/a": {"get": DONE, "put": DONE}}), {}),
    "with everything": (
        with_paths(HERE, T=THING),
        {"a.overlay.yaml": REMOVE, "b.overlay.yaml": ADD, "naming.yaml": NAMING},
    ),
    "a stale correction": (with_paths(HERE, T=THING), {"a.overlay.yaml": STALE}),
    "a stale correction and a finding": (
        with_paths(HERE, T=EMPTY),
        {"a.overlay.yaml": STALE, "naming.yaml": NAMING},
    ),
    "a finding": (answering(reference("R"), R=EMPTY), {}),
    "several findings": (
        {**answering(reference("R"), R=EMPTY), "security": [{"K": []}]},
        {},
    ),
    "a name of ours": (
        answering(reference("R"), R=THING),
        {"naming.yaml": 'schemas:\n  Client: ["GET /v1/things/{id} 200"]\n'},
    ),
    "an operation of ours": (
        with_paths({"/a": {"get": DONE}, "/b": {"get": DONE}}),
        {"naming.yaml": "operations:\n  p:\n    a_b: GET /a\n    a__b: GET /b\n"},
    ),
    "no operation": (with_paths({}), {}),
    "no document": ({"openapi": "2.0"}, {}),
}


def places(folder: Path, files: dict[str, str]) -> ProjectPaths:
    """Return the places of a client with these corrections and this table."""
    corrections = folder / "corrections"
    corrections.mkdir(parents=True)
    for name, text in files.items():
        ((folder if name == "naming.yaml" else corrections) / name).write_text(text)
    paths = paths_in(folder, "small_api")
    naming = folder / "naming.yaml" if "naming.yaml" in files else None
    return evolve(paths, corrections=corrections, naming=naming)


def reports(folder: Path) -> Iterator[str]:
    """Yield what the steps of each document report."""
    for number, (name, (given, files)) in enumerate(DOCUMENTS.items()):
        out = io.StringIO()
        progress = Progress("test", out=out, terminal=None, clock=lambda: 0.0)
        paths = places(folder / str(number), files)
        yield f"* {name}"
        try:
            corrected_document(paths, readable_text(given).encode(), progress)
        except (DocumentError, LintRefused) as error:
            yield f"{type(error).__name__}: {error}"
        yield out.getvalue().rstrip("\n")
        yield from (json.dumps(step) for step in steps(progress))


def steps(progress: Progress) -> list[Any]:
    found: Any = progress.report()["steps"]
    return list(found)


def test_each_step_reports_what_it_reported_before(tmp_path: Path) -> None:
    check_snapshot(SNAPSHOTS / "steps.txt", "\n".join(reports(tmp_path)) + "\n")


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("changed", [1, 2])
def test_the_maker_is_given_the_document_and_its_place(
    outside: bool, changed: int, tmp_path: Path
) -> None:
    given, raw = with_paths(HERE, T=THING), b""
    files = {"b.overlay.yaml": ADD} if outside else {}
    paths, staging = places(tmp_path / "here", files), tmp_path / "staging"
    raw = readable_text(given).encode()
    asked: list[tuple[tuple[object, ...], dict[str, Any]]] = []

    def make(*arguments: Any, **options: Any) -> GenerateReport:
        asked.append((arguments, options))
        (package,) = (one for one in arguments if isinstance(one, Path) and one.name == "small_api")
        package.mkdir(parents=True)
        (package / "a.py").write_text("A = 1\n")
        return GenerateReport("tree", True, 1, changed, 3, {"tool": "1"})

    progress = Progress("test", out=io.StringIO(), terminal=None)
    product = build(paths, raw, staging, progress, (), make)
    ((arguments, options),) = asked
    package = staging / "made" / "small_api"
    assert arguments == (product.corrected, package, "small_api", paths.templates)
    assert options["type_checkers"] == ()
    added = options["data_files"]
    assert [*added] == (["outside_operations.json"] if outside else [])
    for text in added.values():
        assert [*json.loads(text)] == ["/more"]
    assert (product.package, product.made.tree_hash) == (package, "tree")
    assert (product.built.document, product.built.tree) == (sha256(raw), "tree")
    assert product.built.tools == {"tool": "1"}
    for name, value in paths.ingredients().items():
        assert getattr(product.built, name) == value
    made, gates = steps(progress)[2:]
    assert (made["step"], gates["step"]) == ("generate", "gates")
    models = "1 model" if changed == 1 else "2 models"
    assert made["message"] == f"1 operation, {models}, 3 files"
    assert [made[one] for one in ("operations", "models", "files", "tree")] == [
        1,
        changed,
        3,
        "tree",
    ]
    assert gates["message"] == "every operation there, every module imports"
    assert "paths" not in repr(product)


def test_the_hash_of_the_corrected_document_follows_what_it_says(tmp_path: Path) -> None:
    def make(_document: object, package: Path, *_: object, **__: object) -> GenerateReport:
        package.mkdir(parents=True)
        return GenerateReport("tree", True, 0, 0, 0, {})

    found: list[tuple[str, str]] = []
    for number, given in enumerate(
        (
            taking(TEXT),
            {**dict(reversed(taking(TEXT).items()))},
            {**taking(TEXT), "x-unknown": 1},
            taking({"type": "integer"}),
        )
    ):
        paths = places(tmp_path / str(number), {})
        progress = Progress("test", out=io.StringIO(), terminal=None)
        raw = json.dumps(given).encode()
        product = build(paths, raw, tmp_path / str(number), progress, (), make)
        found.append((product.built.document, product.built.corrected))
    assert len({one for one, _ in found}) == 4
    assert [one == found[0][1] for _, one in found[1:]] == [True, True, False]
