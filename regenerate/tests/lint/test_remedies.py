"""The lines of YAML of a refusal take every finding away in one round."""

import io
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from suites.snapshot import check_snapshot

from ...document.json_tree import JSONObject, readable_text
from ...generate.build import LintRefused, corrected_document
from ...project.paths import paths_in
from ...project.progress import Progress
from ..every_word import SNAPSHOTS
from ..lint_cases import CASES
from ..small_documents import answering, reference, with_operation, with_paths
from ..targets.test_other_refusals import spoiled

TEXT: JSONObject = {"type": "string"}
HEAD = "overlay: 1.1.0"


def refusal(document: JSONObject, corrections: Path) -> str:
    """Return what a refusal of the document says, empty for one that is taken."""
    paths = evolve(paths_in(corrections.parent, "twin_api"), corrections=corrections)
    progress = Progress("test", out=io.StringIO(), terminal=None)
    try:
        corrected_document(paths, readable_text(document).encode(), progress)
    except LintRefused as refused:
        return str(refused)
    return ""


def remedy_of(text: str) -> str:
    """Return the lines of YAML in a refusal."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.strip() == HEAD)
    return "\n".join(line[2:] for line in lines[start:]) + "\n"


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    """Return a folder without corrections."""
    (tmp_path / "corrections").mkdir()
    return tmp_path / "corrections"


def follow(document: JSONObject, corrections: Path, told: str) -> str:
    """Return what is left after the lines of the refusal were taken as they are."""
    overlay = corrections / "new-document.overlay.yaml"
    overlay.write_text(remedy_of(told), encoding="utf-8")
    return refusal(document, corrections)


def shuffled(*parameters: JSONObject) -> JSONObject:
    """Return a document whose parameters stand in an order of their own."""
    return with_operation({"parameters": [*parameters]})


def _variants(name: str) -> JSONObject:
    base: JSONObject = {"type": "object", "properties": {"kind": {"enum": ["a", "b"]}}}
    own: JSONObject = {"type": "object", "properties": {"x": TEXT}}
    part: JSONObject = {"allOf": [reference("Base"), own]}
    union: JSONObject = {
        "oneOf": [reference(one) for one in "ABC"],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"a": name + "A", "b": name + "B", "c": name + "C"},
        },
    }
    return answering(union, Base=base, A=part, B=part, C=part)


DEFECTS: dict[str, JSONObject] = {
    "everything": spoiled(),
    "mapped": _variants("#/components/schemas/"),
    "order": shuffled(
        {"name": "z", "in": "cookie", "schema": {"type": "array", "items": TEXT}},
        {"name": "a", "in": "query", "schema": TEXT},
        {"name": "b", "in": "query", "style": "label", "schema": TEXT},
    ),
    "empty enum in a list": answering(
        reference("R"),
        R={
            "type": "object",
            "properties": {"x": {"type": ["array", "null"], "items": {"enum": []}}},
        },
    ),
    "no answer": with_paths({"/a": {"get": {"responses": {}}}}),
    "no parameter": with_paths({"/a/{id}": {"get": {"responses": {"200": {"description": "D"}}}}}),
    "security": {
        **with_operation({}),
        "security": [{"A": [], "B": []}],
        "components": {
            "securitySchemes": {
                "A": {"type": "apiKey", "in": "header", "name": "A"},
                "B": {"type": "apiKey", "in": "header", "name": "B"},
            }
        },
    },
    "version": {**answering(TEXT), "info": {"title": "T"}},
}


@pytest.mark.parametrize("name", DEFECTS)
def test_one_round_of_remedies_is_enough(name: str, corrections: Path) -> None:
    assert follow(DEFECTS[name], corrections, first_refusal(name)) == ""


SETTLED = {"no-operation", "validity", "generator", "head"}

UNSETTLED: dict[str, Any] = {
    f"{rule} {number}": document
    for number, (rule, document, _) in enumerate(CASES)
    if rule not in SETTLED
}


@cache
def first_refusal(name: str) -> str:
    """Return what is said of a case where there are no corrections."""
    with TemporaryDirectory() as folder:
        corrections = Path(folder) / "corrections"
        corrections.mkdir()
        return refusal({**UNSETTLED, **DEFECTS}[name], corrections)


@pytest.mark.parametrize("name", UNSETTLED)
def test_the_remedy_of_each_rule_leaves_nothing_new(name: str, corrections: Path) -> None:
    told, document = first_refusal(name), UNSETTLED[name]
    if told and HEAD in told:
        left = follow(document, corrections, told)
        # The small documents of the cases have one operation, which may be what goes.
        assert left == "" or "the document has no operation" in left.splitlines()[1]
        assert len(left.splitlines()) <= 2


def test_a_finding_has_the_place_of_the_published_document(corrections: Path) -> None:
    told = refusal(DEFECTS["order"], corrections)
    assert (
        "/paths/~1v1~1things~1{id}/get/parameters/1: what 'z' looks like in a cookie is not" in told
    )
    told = refusal(DEFECTS["mapped"], corrections)
    assert "/components/schemas/Base/properties/kind: a union chooses" in told
    assert told.splitlines()[0] == "1 finding in the document:"


def test_operations_of_one_address_are_one_finding(corrections: Path) -> None:
    answers: JSONObject = {"responses": {"200": {"description": "D"}}}
    servers: JSONObject = {"servers": [{"url": "https://uploads.example.com"}]}
    other: JSONObject = {"servers": [{"url": "https://down.example.com"}]}
    document = with_paths(
        {
            "/a": {"get": {**answers, **servers}, "put": answers},
            "/b": {**servers, "get": answers, "post": {**answers, **other}},
        }
    )
    told = refusal(document, corrections)
    assert told.splitlines()[0] == "2 findings in the document:"
    assert "lives at 'https://uploads.example.com', as 1 more do; a client has one" in told
    assert follow(document, corrections, told) == ""


def test_what_two_rules_find_is_told_once(corrections: Path) -> None:
    gone = with_paths(
        {
            "/a": {"$ref": "other.json#/x"},
            "/b": {"get": {"responses": {"200": {"description": "D"}}}},
        }
    )
    assert refusal(gone, corrections).splitlines()[0] == "1 finding in the document:"
    parameter: JSONObject = {
        "name": "h",
        "in": "query",
        "schema": {"allOf": [TEXT, {"type": "integer"}]},
    }
    told = refusal(with_operation({"parameters": [parameter]}), corrections)
    assert told.splitlines()[0] == "1 finding in the document:"
    assert "the generator says" not in told


def test_each_refusal_says_what_it_said_before() -> None:
    told = [f"* {name}\n{first_refusal(name)}\n" for name in (*UNSETTLED, *DEFECTS)]
    check_snapshot(SNAPSHOTS / "refusals.txt", "".join(told))
