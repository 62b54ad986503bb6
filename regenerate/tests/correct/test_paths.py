"""Paths at another address, with a slash more or less, keep their names and are told as moved."""

from functools import cache
from typing import Any

import pytest

from ...changes.wire import wire_changes
from ...correct._path_templates import alike_paths, plain_paths
from ...correct.corrected import CorrectedDocument, correct
from ...document.json_tree import JSONObject, object_at, parse_document
from ...document.path_templates import relocation
from ...fetch._acceptance import accept
from ...project.paths import DOCUMENT
from ..fetching import raw

OWN = parse_document(DOCUMENT.read_bytes())


def moved(old: str, new: str, end: str = "") -> JSONObject:
    """Return our document with paths that begin, or end, otherwise."""
    paths = object_at(OWN, "paths")
    return {
        **OWN,
        "paths": {new + path.removeprefix(old) + end: paths[path] for path in paths},
    }


@cache
def own() -> CorrectedDocument:
    """Return our document, corrected."""
    return correct(OWN)


def names(corrected: CorrectedDocument) -> list[str]:
    """Return package and name of every operation."""
    found = corrected.names.operations.values()
    return sorted(f"{one.package}.{one.name}" for one in found)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (moved("/v1", "/api/v1"), "61 operations moved from /v1 to /api/v1"),
        (moved("/v1", "/v2"), "61 operations moved from /v1 to /v2"),
        (moved("/v1", ""), "61 operations moved from /v1 to /"),
        (moved("", "", "/"), "61 end in a slash now"),
    ],
)
def test_a_moved_document_keeps_its_names_and_is_told_as_moved(
    document: JSONObject, told: str
) -> None:
    moved_on = len(names(own()))
    if "slash" in told:  # what a correction adds has no slash at its end
        moved_on = sum(
            len(object_at(object_at(OWN, "paths"), path)) for path in object_at(OWN, "paths")
        )
    told = told.replace("61", str(moved_on))
    found = correct(document)
    assert names(found) == names(own())
    accepted = accept(raw(document), raw(OWN))
    assert accepted.lost == ()
    changes = [str(change) for change in wire_changes(own().document, found.document)]
    (change,) = changes
    assert change.startswith(f"paths: {told}")


def test_of_two_prefixes_the_same_one_counts_each_time() -> None:
    known = [f"/v1/{name}" for name in "abc"]
    for first, second in ("23", "45", "67", "89", "ab", "cd", "ef", "gh"):
        paths = [f"/v{one}/{name}" for one in (second, first) for name in "abc"]
        assert relocation(paths, known).new == f"/v{second}"
    paths = [f"{prefix}/{name}" for prefix in ("/api/v9", "/v2") for name in "abc"]
    assert relocation(paths, known).new == "/v2"


def test_a_slash_at_the_end_of_a_known_path_says_nothing() -> None:
    for path in ("/v1/a", "/v1/a/", "/v2/a"):
        paths: JSONObject = {path: {}}
        assert alike_paths(paths, "/v1/a/") == alike_paths(paths, "/v1/a") == [*paths]


@pytest.mark.parametrize(
    ("paths", "known", "path", "expected"),
    [
        (["/v1/runs/"], ["/v1/runs"], "/v1/runs/", "/v1/runs"),
        (["/v1/runs"], ["/v1/runs/"], "/v1/runs", "/v1/runs/"),
        (["/v1/new/"], ["/v1/runs"], "/v1/new/", "/v1/new/"),
        (["/v2/a", "/v2/b"], ["/v1/a", "/v1/b"], "/v2/a", "/v2/a"),
        (["/x/a", "/x/b", "/x/c"], ["/a", "/b", "/c"], "/x/a", "/a"),
        (["/v2/a", "/v1/a", "/v1/b"], ["/v1/a", "/v1/b"], "/v2/a", "/v2/a"),
    ],
)
def test_a_path_is_spelled_as_the_known_ones_are(
    paths: list[str], known: list[str], path: str, expected: str
) -> None:
    assert relocation(paths, known).as_known(path) == expected


def parameters_of(*more: JSONObject, **paths: str) -> dict[str, list[str]]:
    """Return the names of the parameters by path, after names in braces have become plain.

    Each path has a parameter in the path, and more ones before it.
    """
    document: dict[str, Any] = {
        "paths": {
            path: {"get": {"parameters": [*more, {"in": "path", "name": name}]}}
            for name, path in paths.items()
        }
    }
    plain_paths(document)
    found: dict[str, Any] = document["paths"]
    return {
        path: [str(one.get("name", "none")) for one in item["get"]["parameters"]]
        for path, item in found.items()
    }


def test_a_converter_stays_where_the_plain_path_is_there_already() -> None:
    assert parameters_of(a="/x/{a:path}", b="/x/{a}") == {"/x/{a:path}": ["a"], "/x/{a}": ["b"]}
    assert parameters_of(a="/x/{a:path}/{a:int}") == {"/x/{a:path}/{a:int}": ["a"]}


def test_a_parameter_that_leads_nowhere_leaves_the_others_as_they_are() -> None:
    none: JSONObject = {"$ref": "#/components/parameters/None"}
    elsewhere: JSONObject = {"$ref": "other.json#/P"}
    found = parameters_of(none, elsewhere, größe="/x/{größe}")
    assert found == {"/x/{grosse}": ["none", "none", "grosse"]}


def test_names_in_braces_become_ascii() -> None:
    parameter: dict[str, Any] = {"in": "path", "required": True, "schema": {"type": "string"}}
    for name, plain in (("größe", "grosse"), ("名前", "parameter_1"), ("run.id", "run_id")):
        document: JSONObject = {
            "openapi": "3.1.0",
            "info": {"title": "T", "version": "1"},
            "paths": {
                f"/a/{{{name}}}": {
                    "parameters": [{"$ref": "#/components/parameters/P"}],
                    "get": {"responses": {"200": {"description": "D"}}},
                }
            },
            "components": {"parameters": {"P": {**parameter, "name": name}}},
        }
        found = correct(document, None).document
        assert list(object_at(found, "paths")) == [f"/a/{{{plain}}}"]
