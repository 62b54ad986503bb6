"""Changes that are killed at every moment.

What is there afterwards is the old state or the new one, never a mixture.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from ...document.json_tree import sha256
from ...fetch.fetcher import fetch
from ...project.lock import read_lock
from ...project.transaction import FOLDER, TransactionError, recover, transaction
from ..dying import change_all
from ..fetching import Place, openapi, place, raw

ROOT = Path(__file__).parents[3]
NEVER = 1000
FETCH_STEPS = [
    "staged openapi.json",
    "staged openapi.lock.json",
    "listed",
    "decided",
    "replaced openapi.json",
    "replaced openapi.lock.json",
    "finished",
]
ALL_STEPS = [
    "staged openapi.json",
    "staged client",
    "staged CHANGES.md",
    "staged openapi.lock.json",
    "listed",
    "decided",
    "replaced openapi.json",
    "replaced client",
    "replaced CHANGES.md",
    "replaced openapi.lock.json",
    "finished",
]


def run(folder: Path, step: int, how: str) -> "subprocess.CompletedProcess[str]":
    """Run the dying program on a folder."""
    command = [sys.executable, "-m", "regenerate.tests.dying", str(folder), str(step), how]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def killed(folder: Path, step: int, how: str) -> None:
    """Run the dying program and see it killed."""
    assert run(folder, step, how).returncode == -signal.SIGKILL


def filled(folder: Path) -> dict[str, bytes]:
    """Fill a folder with the old state, and give its files."""
    folder.mkdir()
    change_all(folder, "old")
    return Place(folder).files()


@pytest.fixture
def fetched(tmp_path: Path) -> Place:
    """Return a document that is to be replaced by one that is published already."""
    (tmp_path / "published.json").write_bytes(raw(openapi("/a", "/b", "/c", "/d", "/e")))
    (tmp_path / "there").mkdir()
    return place(tmp_path / "there", raw(openapi()), "https://example.com/openapi.json")


def test_the_moments_of_a_fetch_and_of_a_regenerate_are_these(
    fetched: Place, tmp_path: Path
) -> None:
    assert run(fetched.folder, NEVER, "fetch").stdout.splitlines() == FETCH_STEPS
    filled(tmp_path / "all")
    assert run(tmp_path / "all", NEVER, "all").stdout.splitlines() == ALL_STEPS


@pytest.mark.parametrize("step", range(len(FETCH_STEPS)), ids=FETCH_STEPS)
def test_a_fetch_that_is_killed_leaves_the_old_or_the_new_document(
    step: int, fetched: Place, tmp_path: Path
) -> None:
    before = fetched.files()
    killed(fetched.folder, step, "fetch")
    recover(fetched.folder / FOLDER)
    lock = read_lock(fetched.lock)
    assert lock is not None
    assert lock.origin.sha256 == sha256(fetched.document.read_bytes())
    decided = step >= FETCH_STEPS.index("decided")
    published = (tmp_path / "published.json").read_bytes()
    assert fetched.document.read_bytes() == (published if decided else before["openapi.json"])
    assert (fetched.files() == before) is not decided
    # And the next one goes on as if nothing had been.
    report = fetch(str(tmp_path / "published.json"), document=fetched.document, lock=fetched.lock)
    assert report.outcome == ("unchanged" if decided else "changed")
    assert fetched.document.read_bytes() == published


@pytest.mark.parametrize("step", range(len(ALL_STEPS)), ids=ALL_STEPS)
def test_a_regenerate_that_is_killed_leaves_the_old_or_the_new_state(
    step: int, tmp_path: Path
) -> None:
    folder = tmp_path / "all"
    before = filled(folder)
    filled(tmp_path / "new")
    change_all(tmp_path / "new", "new")
    killed(folder, step, "all")
    recover(folder / FOLDER)
    after = Place(tmp_path / "new").files()
    assert Place(folder).files() == (after if step >= ALL_STEPS.index("decided") else before)
    # Nothing of the interrupted change is left over.
    assert sorted(path.name for path in (folder / FOLDER).iterdir()) == ["guard"]


def test_a_folder_that_was_exchanged_but_not_tidied_is_not_exchanged_back(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    killed(folder, ALL_STEPS.index("replaced openapi.json"), "all")
    staged = folder / FOLDER / "decided" / "new-1"
    # What a kill between the exchange and the removal of the old folder leaves: half of the old
    # one, staged.
    aside = folder / "aside"
    staged.rename(aside)
    (folder / "client").rename(staged)
    aside.rename(folder / "client")
    (staged / "__init__.py").unlink()
    recover(folder / FOLDER)
    assert {path.name: path.read_text() for path in (folder / "client").rglob("*.py")} == {
        "__init__.py": "new",
        "run.py": "new",
        "new.py": "new",
    }


def test_a_folder_that_is_missing_in_the_middle_is_put_there(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    killed(folder, ALL_STEPS.index("replaced openapi.json"), "all")
    # Where the system cannot exchange two folders, the old one is aside for a moment.
    shutil.rmtree(folder / "client")
    assert recover(folder / FOLDER) == ("openapi.json", "client", "CHANGES.md", "openapi.lock.json")
    assert (folder / "client" / "models" / "new.py").read_text() == "new"


def test_what_was_changed_by_hand_after_a_kill_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    killed(folder, ALL_STEPS.index("decided"), "all")
    (folder / "CHANGES.md").write_text("mine")
    with pytest.raises(TransactionError, match=r"CHANGES.md was changed by hand since"):
        recover(folder / FOLDER)
    assert (folder / "CHANGES.md").read_text() == "mine"
    assert (folder / "openapi.json").read_text() == "old"
    shutil.rmtree(folder / FOLDER / "decided")
    assert recover(folder / FOLDER) == ()


def test_an_error_inside_leaves_everything_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    before = filled(folder)

    def fails(name: str) -> None:
        if name == "listed":
            raise RuntimeError(name)

    with pytest.raises(RuntimeError):
        change_all(folder, step=fails)
    assert Place(folder).files() == before
    assert not (folder / FOLDER / "staged").exists()


def test_nothing_new_is_no_change(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    stamps = {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")}
    with transaction(folder / FOLDER) as change:
        change.write(folder / "CHANGES.md", b"old")
        assert change.staged == ()
        assert change.commit() is False
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.py")} == stamps


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no lock that the system releases")
def test_two_processes_do_not_change_one_place(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    with transaction(folder / FOLDER):
        finished = run(folder, NEVER, "all")
    assert finished.returncode == 1
    assert "another process is at work" in finished.stderr
    assert os.listdir(folder / FOLDER) == ["guard"]


def put_new(folder: Path, target: str) -> None:
    """Change a file, and then the target: a folder where it is the client, else a file."""
    with transaction(folder / FOLDER) as change:
        change.write(folder / "first.txt", b"new")
        if target == "client":
            (change.staging / "made").mkdir()
            change.put(folder / target, change.staging / "made")
        else:
            change.write(folder / target, b"new")
        change.commit()


@pytest.mark.parametrize(
    ("target", "there", "told"),
    [
        ("openapi.json", "openapi.json/mine", "openapi.json is a folder, and a file belongs there"),
        ("client", "client", "client is a file, and a folder belongs there"),
        ("below/file/new", "below/file", "file is a file, and a folder belongs there"),
    ],
)
def test_what_stands_in_the_place_of_another_kind_is_left_alone(
    target: str, there: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / there).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / there).write_text("mine")
    for _ in range(2):
        with pytest.raises(TransactionError) as refused:
            put_new(tmp_path, target)
        assert str(refused.value) == f"{told}: move it away, or name another place"
        assert Place(tmp_path).files() == {there: b"mine"}
    assert recover(tmp_path / FOLDER) == ()


def interrupt(folder: Path) -> None:
    """Let a change be decided and not done."""

    def step(name: str) -> None:
        if name == "decided":
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_all(folder, step=step)


FINISHES: Final[dict[str, Callable[[Path], object]]] = {
    "the change itself": change_all,
    "a recovery": lambda folder: recover(folder / FOLDER),
    "the next change": lambda folder: put_new(folder, "other.txt"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
@pytest.mark.parametrize("how", FINISHES)
def test_nobody_else_is_at_work_before_all_is_done(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, renamed, rename = tmp_path / "all", list[str](), os.rename
    filled(folder)
    if how != "the change itself":
        interrupt(folder)

    def looks(old: Path, new: Path) -> None:
        with pytest.raises(TransactionError, match=r"^another process is at work in"):
            recover(folder / FOLDER)
        renamed.append(new.name)
        rename(old, new)

    monkeypatch.setattr(os, "rename", looks)
    FINISHES[how](folder)
    assert renamed[-1] == "dropped"
    assert recover(folder / FOLDER) == ()
