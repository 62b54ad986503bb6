"""The rehearsal: one page says what a document would do, and the project is as it was."""

from pathlib import Path

import pytest

from ...__main__ import main
from ...document.json_tree import JSONObject, object_at, parse_document, readable_text, sha256
from ...project.directory import tree_hash
from ...project.paths import DOCUMENT, OUTPUT, ROOT
from ...targets.rehearse import rehearse, show


def published(folder: Path, document: JSONObject) -> str:
    """Write a document and return its path."""
    path = folder / "published.json"
    path.write_text(readable_text(document), encoding="utf-8")
    return str(path)


def test_a_document_that_breaks_and_leaves_corrections_stale_is_told_with_all_that_follows(
    tmp_path: Path, warm_types: None, warm_overlay: None, quiet_redocly: None
) -> None:
    before = (sha256(DOCUMENT.read_bytes()), tree_hash(OUTPUT))
    document = parse_document(DOCUMENT.read_bytes())
    status = object_at(object_at(object_at(document, "components"), "schemas"), "RunStatus")
    status["enum"] = ["queued", "running", "done"]
    del object_at(document, "paths")["/v1/models/{owner}/{slug}/runs"]
    found = rehearse(ROOT, published(tmp_path, document), suites=())
    assert not found.is_accepted
    lines = found.page.splitlines()
    assert lines[:2] == ["# Rehearsal of published.json", ""]
    assert lines[2] == "**Refused.** This is what follows without these corrections."
    assert any(line.startswith("model-paths.overlay.yaml, action 1: the target") for line in lines)
    followed = lines[lines.index("**Accepted, and it breaks.**") :]
    assert "- `RunStatus`: the value succeeded is gone" in followed
    assert "- **Waiting for a run**" in followed
    gone = "- `POST /v1/models/{owner}/{slug}/runs`: is gone"
    assert any(line.startswith(gone) for line in followed)
    assert "- **Creating a run, once**" in followed
    assert len(followed) < 80
    assert str(tmp_path) not in found.page
    assert (sha256(DOCUMENT.read_bytes()), tree_hash(OUTPUT)) == before


def test_a_document_that_is_refused_is_told_with_its_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = parse_document(DOCUMENT.read_bytes())
    object_at(object_at(object_at(document, "components"), "schemas"), "RunStatus")["enum"] = []
    words = ["rehearse", "--reports", str(tmp_path / "reports")]
    assert main(words, {"SPEC_URL": published(tmp_path, document)}) == 1
    page = (tmp_path / "reports" / "rehearsal.md").read_text(encoding="utf-8")
    assert capsys.readouterr().out == f"{page}\n"
    assert page.startswith("# Rehearsal of published.json\n")
    assert "**Refused.** Nothing else was tried." in page
    assert 'target: "$.components.schemas.RunStatus.enum"' in page


def test_where_no_page_can_be_kept_nothing_is_rehearsed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "reports").write_text("not a folder")
    words = ["rehearse", "--reports", str(tmp_path / "reports")]
    assert main(words, {"SPEC_URL": str(tmp_path / "published.json")}) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"rehearse: refused: [Errno 17] File exists: '{tmp_path / 'reports'}'\n"
    with pytest.raises(FileExistsError):
        show(tmp_path / "no project to copy", tmp_path / "reports", "published.json")
