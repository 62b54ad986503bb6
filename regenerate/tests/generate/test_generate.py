"""Generation gives the same bytes everywhere, uses pinned tools, and loses nothing on failure."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from ...generate.checks import GateError, check_types
from ...generate.generator import GenerationError, generate
from ...generate.tools import PINNED, ToolError, check_upstream_templates, check_versions
from ...project.directory import replace_directory, tree_hash
from ...project.paths import ROOT, TEMPLATES
from ..trap_document import THING, document, operation, parameter
from ..traps import PACKAGE, Traps
from .test_every_run import surround

SMALL: dict[str, Any] = {"/v1/thing": {"get": operation("get_thing", {"200": THING})}}


def test_the_same_document_gives_the_same_bytes(traps: Traps, tmp_path: Path) -> None:
    source = tmp_path / "document.json"
    source.write_text(json.dumps(document()), encoding="utf-8")
    # The settings of a folder above must not count.
    (tmp_path / "ruff.toml").write_text("line-length = 60\nforce-exclude = true\nexclude = ['*']\n")
    code = (
        "import json, sys; from pathlib import Path; from regenerate.generate.generator import "
        "generate;"
        "generate(json.loads(Path(sys.argv[1]).read_bytes()), Path(sys.argv[2]), sys.argv[3], "
        "type_checkers=())"
    )
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code, str(source), "below/client", PACKAGE],
        cwd=tmp_path,
        # The other one was made with the seed and the locale of the tests.
        env={**os.environ, "PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert tree_hash(tmp_path / "below/client") == tree_hash(traps.path)
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["client"]


def test_generating_again_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile = surround(tmp_path / "around", monkeypatch)
    output, texts = tmp_path / "deep" / "client", {"more.json": '"é"\n'}
    first = generate(document(SMALL), output, PACKAGE, type_checkers=(), data_files=texts)
    assert (first.changed, first.operations, first.tree_hash) == (True, 1, tree_hash(output))
    assert (output / "more.json").read_bytes() == '"é"\n'.encode()
    assert (output / "py.typed").read_bytes() == b""
    assert first.files == sum(1 for path in output.rglob("*") if path.is_file())
    models = {path.name for path in (output / "models").glob("*.py")}
    assert first.models == len(models - {"__init__.py"})
    assert first.tools == PINNED
    stamps = {path: path.stat().st_ino for path in (output, *output.rglob("*"))}
    again = generate(document(SMALL), output, PACKAGE, type_checkers=(), data_files=texts)
    assert (again.changed, again.tree_hash) == (False, first.tree_hash)
    assert {path: path.stat().st_ino for path in (output, *output.rglob("*"))} == stamps
    assert list(output.parent.iterdir()) == [output]
    assert [*meanwhile.iterdir()] == []


def old_tree(tmp_path: Path) -> tuple[Path, str]:
    """Make a folder that a client could replace."""
    output = tmp_path / "client"
    output.mkdir()
    (output / "old.py").write_text("OLD = True\n")
    return output, tree_hash(output)


MIXED_ENUM = parameter("query", "q", {"enum": [1, "a"]})
FAILING: dict[str, tuple[type[Exception], str, dict[str, Any]]] = {
    "an operation that the generator leaves out": (
        GenerationError,
        "(?s)openapi-python-client failed.*/v1/thing",
        {"/v1/thing": {"get": operation("get_thing", {"200": THING}, parameters=[MIXED_ENUM])}},
    ),
    "two operations in one module": (
        GateError,
        "GET /v1/b and GET /v1/a are both things/get_it",
        {
            "/v1/a": {"get": operation("get_it", {"200": THING})},
            "/v1/b": {"get": operation("Get-It", {"200": THING})},
        },
    ),
    "what the generator would leave out without a word": (
        GenerationError,
        r"/paths/~1v1~1b/\$ref is not written out .*\nGET /v1/a documents no response\n"
        r"/paths/~1v1~1c/get/responses/200 is a reference and not written out",
        {
            "/v1/a": {"get": operation("get_it", {})},
            "/v1/b": {"$ref": "#/components/pathItems/b"},
            "/v1/c": {
                "get": operation("get_that", {"200": {"$ref": "#/components/responses/that"}})
            },
        },
    ),
}


@pytest.mark.parametrize("what", FAILING)
def test_a_failure_leaves_the_old_tree(tmp_path: Path, what: str) -> None:
    kind, message, paths = FAILING[what]
    output, before = old_tree(tmp_path)
    with pytest.raises(kind, match=message) as failed:
        generate(document(paths), output, PACKAGE, type_checkers=())
    assert str(tmp_path) not in str(failed.value)
    assert "regenerate-" not in str(failed.value)
    assert tree_hash(output) == before
    assert list(tmp_path.iterdir()) == [output]


WRONG = """

WRONG: int = "text"


def untyped(a):
    return a


def unreachable(a: int) -> int:
    if not isinstance(a, int):
        return 1
    return a


"""


def test_a_client_with_a_type_error_is_not_taken(tmp_path: Path, warm_types: None) -> None:
    output, before = old_tree(tmp_path)
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    kinds = templates / "kinds.py.jinja"
    kinds.write_text(kinds.read_text() + WRONG)
    with pytest.raises(GateError, match=r"gate mypy: ") as refused:
        generate(document(SMALL), output, PACKAGE, templates, type_checkers=("mypy",))
    errors = [line for line in refused.value.problems if ": error: " in line]
    assert {line.partition(":")[0] for line in errors} == {f"{PACKAGE}/kinds.py"}
    # Each of them is found by another setting.
    found = {line.rpartition(" [")[2] for line in errors}
    assert found == {"assignment]", "no-untyped-def]", "unreachable]"}
    assert tree_hash(output) == before
    small = tmp_path / "small"
    small.mkdir()
    (small / "wrong.py").write_text(f"{WRONG}type Later = int\n")
    with pytest.raises(GateError, match=r"gate pyright: ") as refused:
        check_types(small, "pyright")
    told = "\n".join(refused.value.problems)
    for part in ("wrong.py:", "is not assignable", "reportMissingParameterType", "Python 3.12"):
        assert part in told
    assert str(tmp_path) not in told


def test_a_client_with_a_module_that_cannot_be_imported_is_not_taken(tmp_path: Path) -> None:
    output, before = old_tree(tmp_path)
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    kinds = templates / "kinds.py.jinja"
    kinds.write_text(kinds.read_text() + "\n\nimport no_such_module\n\nno_such_module.begin()\n")
    with pytest.raises(GateError, match=r"(?s)gate imports: .*kinds: ModuleNotFoundError"):
        generate(document(SMALL), output, PACKAGE, templates, type_checkers=())
    assert tree_hash(output) == before


def test_a_template_without_its_original_is_named(tmp_path: Path) -> None:
    templates = tmp_path / "templates"
    shutil.copytree(TEMPLATES, templates)
    check_upstream_templates(templates)
    record = templates / "upstream.json"
    hashes: dict[str, str] = json.loads(record.read_text())
    hashes["client.py.jinja"] = "0" * 64
    record.write_text(json.dumps(hashes))
    with pytest.raises(ToolError, match=r"changed since .*: client\.py\.jinja"):
        check_upstream_templates(templates)
    with pytest.raises(ToolError, match=r"client\.py\.jinja"):
        generate(document(SMALL), tmp_path / "client", PACKAGE, templates)
    del hashes["client.py.jinja"]
    record.write_text(json.dumps(hashes))
    with pytest.raises(ToolError, match=r"does not record: client\.py\.jinja"):
        check_upstream_templates(templates)
    (templates / "client.py.jinja").unlink()
    check_upstream_templates(templates)
    (templates / "model.py.jinja").unlink()
    with pytest.raises(ToolError, match=r"ours do not replace: model\.py\.jinja"):
        check_upstream_templates(templates)


def test_other_tools_are_refused() -> None:
    check_versions()
    with pytest.raises(
        ToolError, match=r"ruff is \d+\.\d+\.\d+, but the client is made with 0\.0\.1"
    ):
        check_versions({"ruff": "0.0.1"})
    with pytest.raises(ToolError, match="no-such-tool is missing"):
        check_versions({"no-such-tool": "1"})


def test_a_tree_is_named_by_its_files_and_bytes(tmp_path: Path) -> None:
    output, before = old_tree(tmp_path)
    (output / "__pycache__").mkdir()
    (output / "__pycache__" / "old.pyc").write_bytes(b"compiled")
    assert tree_hash(output) == before
    (output / "old.py").rename(output / "other.py")
    assert tree_hash(output) != before
    (output / "link.py").symlink_to(output / "other.py")
    with pytest.raises(ValueError, match="symbolic link"):
        tree_hash(output)


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux lets two folders change places in one step"
)
def test_a_folder_is_replaced_in_one_step(tmp_path: Path) -> None:
    output = tmp_path / "client"
    replace_directory(filled(tmp_path / "first", 0), output)
    missing: list[int] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                (output / "marker").stat()
            except FileNotFoundError:
                missing.append(1)

    watcher = threading.Thread(target=look)
    watcher.start()
    for number in range(1, 200):
        replace_directory(filled(tmp_path / f"new{number}", number), output)
    done.set()
    watcher.join()
    assert missing == []
    assert (output / "marker").read_text() == "199"
    assert list(tmp_path.iterdir()) == [output]


def filled(path: Path, number: int) -> Path:
    """Make a folder with one file."""
    path.mkdir()
    (path / "marker").write_text(str(number))
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_a_killed_generation_leaves_the_old_tree(tmp_path: Path) -> None:
    output, before = old_tree(tmp_path)
    code = (
        "import sys; from pathlib import Path; from regenerate.generate.generator import generate;"
        "from regenerate.tests.trap_document import document;"
        "generate(document(), Path(sys.argv[1]), 'traps_api', type_checkers=())"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(output)], env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    while not list(tmp_path.glob(".regenerate-*/*/models/thing.py")):
        assert tree_hash(output) == before
        try:
            pytest.fail(f"it ended before it was killed: {child.wait(timeout=0.02)}")
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    child.wait()
    assert tree_hash(output) == before
    # The next one does its work beside what the killed one left.
    assert generate(document(SMALL), output, PACKAGE, type_checkers=()).changed
