"""Operations from outside the document: added and marked, and said where the document has them."""

from pathlib import Path

import pytest

from ...correct.corrected import correct
from ...correct.overlays import OUTSIDE, OverlayError, parse_overlay
from ...document.json_tree import JSONObject, copy_document, object_at, parse_document
from ...project.paths import DOCUMENT
from ..small_documents import with_paths

RUNS = "/v1/comfyui-workflows/{owner}/{slug}/runs"
NAMES = {"list_comfyui_workflows", "get_comfyui_workflow", "create_comfyui_run"}
PUBLISHED = parse_document(DOCUMENT.read_bytes())


def test_they_are_added_and_marked_and_the_document_stays_as_it_is() -> None:
    before = copy_document(PUBLISHED)
    corrected = correct(PUBLISHED)
    assert before == PUBLISHED
    assert {name.name for name in corrected.names.operations.values()} >= NAMES
    assert corrected.brought == ()
    marked = [
        operation[OUTSIDE]
        for path in corrected.outside()
        for operation in object_at(corrected.outside(), path).values()
        if isinstance(operation, dict)
    ]
    assert marked == [True] * 3


@pytest.mark.parametrize(
    "path", [RUNS, RUNS.replace("{slug}", "{workflow}"), f"/api{RUNS}", f"{RUNS}/"]
)
def test_what_the_document_brings_is_said_and_not_mixed_with_ours(path: str) -> None:
    document = copy_document(PUBLISHED)
    paths = object_at(document, "paths")
    own = copy_document(object_at(paths, "/v1/models/{owner}/{slug}/runs"))
    paths[path] = own
    corrected = correct(document)
    assert corrected.brought == (f"POST {RUNS} (comfyui-workflows.overlay.yaml)",)
    assert RUNS not in corrected.outside()
    assert object_at(object_at(corrected.published, "paths"), path) == own


def test_an_operation_without_anything_to_copy_is_not_added() -> None:
    document = copy_document(PUBLISHED)
    del object_at(document, "paths")["/v1/models"]
    assert "/v1/comfyui-workflows" not in correct(document).outside()


def test_the_operations_of_one_path_are_added_beside_each_other(tmp_path: Path) -> None:
    """The document brings one of them, so the others are added alone."""
    marked = "{x-outside-the-document: true, responses: {'204': {description: D.}}}"
    (tmp_path / "a.overlay.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: T, version: 1.0.0}\nx-outside-the-document: true\n"
        "actions:\n- target: $.paths\n  description: D.\n  update:\n"
        f"    /v1/a: {{get: {marked}, put: {marked}, delete: {marked}}}\n"
        f"    /v1/b: {{post: {{x-outside-the-document: false, responses: {{}}}}}}\n"
    )
    own: JSONObject = {"put": {"summary": "Ours.", "responses": {}}}
    found = correct(with_paths({"/v1/a": own}), tmp_path)
    assert found.brought == ("PUT /v1/a (a.overlay.yaml)",)
    outside = found.outside()
    assert {path: [*object_at(outside, path)] for path in outside} == {"/v1/a": ["get", "delete"]}
    assert [*object_at(found.published, "paths")] == ["/v1/a", "/v1/b"]
    put = object_at(object_at(object_at(found.published, "paths"), "/v1/a"), "put")
    assert put == own["put"]


def test_the_mark_of_a_correction_is_a_boolean() -> None:
    action: JSONObject = {"target": "$.info", "description": "A reason.", "remove": True}
    value: JSONObject = {
        "overlay": "1.1.0",
        "info": {"title": "A title", "version": "1"},
        OUTSIDE: "yes",
        "actions": [action],
    }
    with pytest.raises(OverlayError, match="not a boolean"):
        parse_overlay(value, "a.overlay.yaml")
