"""Corrections follow a document with other paths; those that cannot are listed."""

import io
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from ...correct.corrected import StaleCorrections, correct, main
from ...correct.overlays import OverlayError
from ...document.json_tree import JSONObject, JSONValue, object_at, objects_at, readable_text
from ...generate.build import corrected_document
from ...project.paths import CORRECTIONS, paths_in
from ...project.progress import Progress
from ..small_documents import with_paths

ANSWERS: Final[JSONObject] = {"200": {"description": "OK."}}
SLASHES: Final = [
    ("/v1/models/{}/{}", "get"),
    ("/v1/models/{}/{}/batches", "post"),
    ("/v1/models/{}/{}/runs", "post"),
]


def models(owner: str, slug: str, *, beside: bool = False, converter: str = "") -> JSONObject:
    """Return the paths of models with these names in the braces.

    With `beside`, the parameters stand beside the operations.
    """
    parameters: list[JSONValue] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in (owner, slug)
    ]
    paths: JSONObject = {}
    for shape, method in SLASHES:
        path = shape.replace("{}", f"{{{owner}}}", 1).replace("{}", f"{{{slug}{converter}}}", 1)
        operation: JSONObject = {"responses": ANSWERS}
        item: JSONObject = {method: operation}
        (item if beside else operation)["parameters"] = parameters
        paths[path] = item
    return with_paths(paths)


def with_slashes(document: JSONObject) -> set[tuple[str, str]]:
    """Return the operations and names of the parameters that hold slashes."""
    return {
        (f"{method} {path}", str(parameter["name"]))
        for path in object_at(document, "paths")
        for method in object_at(object_at(document, "paths"), path)
        for parameter in objects_at(
            object_at(object_at(object_at(document, "paths"), path), method), "parameters"
        )
        if parameter.get("x-many-segments") is True
    }


@pytest.mark.parametrize(("owner", "slug"), [("owner", "slug"), ("owner", "model"), ("slug", "id")])
@pytest.mark.parametrize("beside", [False, True])
def test_the_names_in_the_braces_and_the_place_of_parameters_do_not_matter(
    owner: str, slug: str, beside: bool
) -> None:
    found = with_slashes(correct(models(owner, slug, beside=beside), CORRECTIONS).document)
    assert found == {
        (f"{method} {shape}".replace("{}", f"{{{owner}}}", 1).replace("{}", f"{{{slug}}}"), slug)
        for shape, method in SLASHES
    }


@pytest.mark.parametrize("corrections", [CORRECTIONS, None])
def test_a_path_converter_is_dropped_and_keeps_slashes(corrections: Path | None) -> None:
    found = with_slashes(correct(models("owner", "slug", converter=":path"), corrections).document)
    assert {name for _, name in found} == {"slug"}
    assert len(found) == len(SLASHES)


def test_another_converter_is_dropped_alone() -> None:
    document = correct(models("owner", "slug", converter=":str"), None).document
    assert "/v1/models/{owner}/{slug}/runs" in object_at(document, "paths")
    assert with_slashes(document) == set()


def test_every_stale_action_is_listed_with_the_nearest_paths() -> None:
    document = models("owner", "slug")
    paths = object_at(document, "paths")
    paths["/v1/models/{owner}/{slug}/run"] = paths.pop("/v1/models/{owner}/{slug}/runs")
    paths.pop("/v1/models/{owner}/{slug}/batches")
    with pytest.raises(StaleCorrections) as refused:
        correct(document, CORRECTIONS)
    lines = str(refused.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "model-paths.overlay.yaml, action 1",
        "model-paths.overlay.yaml, action 2",
    ]
    assert "The nearest paths there are /v1/models/{owner}/{slug}/run" in lines[0]
    assert len(with_slashes(refused.value.corrected.document)) == 1


def test_two_paths_of_one_shape_are_not_guessed_between() -> None:
    document = models("owner", "model")
    paths = object_at(document, "paths")
    paths["/v1/models/{a}/{b}/runs"] = paths["/v1/models/{owner}/{model}/runs"]
    with pytest.raises(StaleCorrections, match=r"action 1: .* matches nothing"):
        correct(document, CORRECTIONS)


STALE = """overlay: 1.1.0
info: {title: T, version: 1.0.0}
actions: [{target: "$.%s", description: D., remove: true}]
"""


def test_the_stale_actions_of_every_file_are_listed_and_the_others_are_done(
    tmp_path: Path,
) -> None:
    for name, target in (("a", "none"), ("b", "info.description"), ("c", "paths['/none']")):
        (tmp_path / f"{name}.overlay.yaml").write_text(STALE % target)
    document = models("owner", "slug")
    object_at(document, "info")["description"] = "D."
    with pytest.raises(StaleCorrections) as refused:
        correct(document, tmp_path)
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == [
        "a.overlay.yaml, action 1",
        "c.overlay.yaml, action 1",
    ]
    found = refused.value.corrected
    assert "description" not in object_at(found.document, "info")
    assert [one.overlay for one in found.applied] == ["b.overlay.yaml"]


def told_by_the_command(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str, str]:
    """Return the exit code of the command, and what it printed and told."""
    monkeypatch.setattr("sys.argv", ["correct", *arguments])
    code = main()
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_takes_a_document_and_corrections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document, own = models("owner", "slug"), tmp_path / "own"
    own.mkdir()
    file = tmp_path / "document.json"
    file.write_text(readable_text(document))
    own_corrections = [str(file), "--corrections", str(own)]
    plain = correct(document, None)
    printed = told_by_the_command(own_corrections, monkeypatch, capsys)
    assert printed == (0, readable_text(plain.document), "")
    with_ours = readable_text(correct(document).document)
    assert told_by_the_command([str(file)], monkeypatch, capsys) == (0, with_ours, "")
    (own / "a.overlay.yaml").write_text(STALE % "none")
    code, out, told = told_by_the_command(own_corrections, monkeypatch, capsys)
    assert (code, out) == (1, "")
    assert told.startswith(f"{file}: a.overlay.yaml, action 1: the target $.none matches nothing")
    missing = str(tmp_path / "none.json")
    code, out, told = told_by_the_command([missing], monkeypatch, capsys)
    assert (code, out) == (1, "")
    assert told.startswith(f"{missing}: [Errno 2]")


def test_what_the_lint_finds_follows_the_stale_corrections(tmp_path: Path) -> None:
    document = models("owner", "slug")
    paths = object_at(document, "paths")
    paths.pop("/v1/models/{owner}/{slug}/runs")
    paths["/v1/empty"] = {"get": {"responses": {}}}
    place = evolve(paths_in(tmp_path, "client"), corrections=CORRECTIONS)
    progress = Progress("test", out=io.StringIO(), terminal=None)
    with pytest.raises(OverlayError) as refused:
        corrected_document(place, readable_text(document).encode(), progress)
    first, *rest = str(refused.value).splitlines()
    assert "action 1" in first
    assert any(line.startswith("  /paths/~1v1~1empty/get") for line in rest)
