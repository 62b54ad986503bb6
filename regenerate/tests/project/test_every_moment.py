"""Changes that go wrong at any moment: what stands there, what is left over, and what is told."""

import hashlib
import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ...document.json_tree import sha256
from ...fetch.fetcher import fetch
from ...project.directory import TreeError, replace_directory, tree_hash
from ...project.lock import lock_or_none, read_lock
from ...project.transaction import (
    FOLDER,
    Transaction,
    TransactionError,
    Unfinished,
    recover,
    transaction,
)
from ..dying import change_all
from ..fetching import Place, openapi, raw
from .test_transaction import ALL_STEPS, filled

TARGETS = ("openapi.json", "client", "CHANGES.md", "openapi.lock.json")
DECIDED = ALL_STEPS.index("decided")


def stops(at: str, error: BaseException) -> Callable[[str], None]:
    """Return a step that raises at one moment."""

    def step(name: str) -> None:
        if name == at:
            raise error

    return step


def after(folder: Path) -> dict[str, bytes]:
    """Return the files of a change that was made."""
    filled(folder)
    change_all(folder, "new")
    return Place(folder).files()


def left(folder: Path) -> list[str]:
    """Return what stands in the folder of changes."""
    return sorted(path.name for path in (folder / FOLDER).iterdir())


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("number", range(len(ALL_STEPS)), ids=ALL_STEPS)
def test_an_error_at_any_moment_leaves_the_old_state_or_one_that_is_finished_later(
    number: int, error: BaseException, tmp_path: Path
) -> None:
    folder, step = tmp_path / "all", ALL_STEPS[number]
    before = filled(folder)
    # The system refuses a part of what was decided: that is told as such.
    told = Unfinished if number > DECIDED and isinstance(error, OSError) else type(error)
    with pytest.raises(told) as raised:
        change_all(folder, step=stops(step, error))
    if told is Unfinished:
        assert raised.value.__cause__ is error
        assert "not finished (disk full). Run any target to finish it" in str(raised.value)
    at_end = after(tmp_path / "new")
    if number < DECIDED:
        assert Place(folder).files() == before
        assert left(folder) == ["guard"]
        assert recover(folder / FOLDER) == ()
        return
    finished = step == "finished"
    assert left(folder) == (["dropped", "guard"] if finished else ["decided", "guard"])
    replaced = number - DECIDED if not finished else len(TARGETS)
    now = Place(folder).files()
    for position, target in enumerate(TARGETS):
        wanted = at_end if position < replaced else before
        assert {one: now[one] for one in now if one.startswith(target)} == {
            one: wanted[one] for one in wanted if one.startswith(target)
        }
    with transaction(folder / FOLDER) as change:
        assert change.recovered == (() if finished else TARGETS)
        assert Place(folder).files() == at_end
    assert left(folder) == ["guard"]
    assert recover(folder / FOLDER) == ()


def put_by_hand(target: Path, state: str, tmp_path: Path) -> None:
    """Put a target into a state: as before, as decided, gone, or another."""
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    if state == "gone":
        return
    from_there = (tmp_path / state / target.name) if state != "another" else None
    if from_there is None:
        target.write_text("mine")
    elif from_there.is_dir():
        shutil.copytree(from_there, target)
    else:
        shutil.copy(from_there, target)


@pytest.mark.parametrize("state", ["old", "new", "gone", "another"])
@pytest.mark.parametrize("name", TARGETS)
def test_what_was_decided_is_finished_unless_a_target_became_another(
    name: str, state: str, tmp_path: Path
) -> None:
    folder = tmp_path / "all"
    before = filled(folder)
    shutil.copytree(folder, tmp_path / "old")
    at_end = after(tmp_path / "new")
    with pytest.raises(RuntimeError):
        change_all(folder, step=stops("decided", RuntimeError()))
    put_by_hand(folder / name, state, tmp_path)
    if state != "another":
        assert recover(folder / FOLDER) == TARGETS
        assert Place(folder).files() == at_end
        assert left(folder) == ["guard"]
        return
    for _ in range(2):
        with pytest.raises(TransactionError) as refused:
            recover(folder / FOLDER)
        assert f"{name} was changed by hand since" in str(refused.value)
        assert "removing .regenerate/decided" in str(refused.value)
        untouched = {one for one in before if not one.startswith(name)}
        files = Place(folder).files()
        assert {one: files[one] for one in untouched} == {one: before[one] for one in untouched}
        assert files[name] == b"mine"


def staged(change: Transaction, name: str, *files: str) -> Path:
    """Return a folder with these files, made where changes are made."""
    built = change.staging / "made" / name
    for file in files:
        (built / file).parent.mkdir(parents=True, exist_ok=True)
        (built / file).write_text(file)
    return built


def test_a_change_shows_when_it_is_committed_and_not_before(tmp_path: Path) -> None:
    steps: list[str] = []
    folder = tmp_path / "there"
    folder.mkdir()
    for name in ("same.txt", "other.txt"):
        (folder / name).write_text("old")
    (folder / "tree" / "deep").mkdir(parents=True)
    (folder / "tree" / "deep" / "gone.py").write_text("old")
    before = Place(folder).files()
    with transaction(folder / FOLDER, steps.append) as change:
        assert change.recovered == ()
        change.write(folder / "same.txt", b"old")
        change.put(folder / "tree", staged(change, "tree", "a.py", "b/c.py"))
        change.write(folder / "other.txt", b"new")
        change.write(folder / "made" / "below" / "new.txt", b"")
        assert change.staged == ("tree", "other.txt", "new.txt")
        assert Place(folder).files() == before
        assert change.commit() is True
        at_end = {
            "same.txt": b"old",
            "other.txt": b"new",
            "made/below/new.txt": b"",
            "tree/a.py": b"a.py",
            "tree/b/c.py": b"b/c.py",
        }
        assert Place(folder).files() == at_end
    assert Place(folder).files() == at_end
    assert left(folder) == ["guard"]
    assert steps == [
        *("staged tree", "staged other.txt", "staged new.txt", "listed", "decided"),
        *("replaced tree", "replaced other.txt", "replaced new.txt", "finished"),
    ]
    with transaction(folder / FOLDER, steps.append) as change:
        change.put(folder / "tree", staged(change, "tree", "a.py", "b/c.py"))
        change.put(folder / "made", staged(change, "made", "one"))
        assert change.staged == ("made",)
    assert Place(folder).files() == at_end
    assert left(folder) == ["guard"]
    assert steps[9:] == ["staged made"]


@pytest.mark.skipif(sys.platform != "linux", reason="open files are listed in /proc")
def test_each_file_is_on_the_disk_before_the_next_moment_and_none_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    before: dict[str, list[str]] = {}
    flush, folder = os.fsync, tmp_path / FOLDER

    def record(handle: int) -> None:
        place = Path(os.readlink(f"/proc/self/fd/{handle}"))
        flushed.append(place.relative_to(tmp_path).as_posix())
        flush(handle)

    def step(name: str) -> None:
        before[name] = sorted(flushed)
        flushed.clear()

    monkeypatch.setattr(os, "fsync", record)
    opened = len(os.listdir("/proc/self/fd"))
    with transaction(folder, step) as change:
        change.write(tmp_path / "a.txt", b"a")
        change.put(tmp_path / "tree", staged(change, "tree", "b/c.py"))
        assert change.commit() is True
    assert len(os.listdir("/proc/self/fd")) == opened
    names = ("", "/list.json", "/made", "/new-0", "/new-1", "/new-1/b", "/new-1/b/c.py")
    assert before == {
        "staged a.txt": [],
        "staged tree": [],
        "listed": [f"{FOLDER}/staged{name}" for name in names],
        "decided": [FOLDER],
        "replaced a.txt": ["."],
        "replaced tree": ["."],
        "finished": [],
    }


def test_what_an_earlier_change_left_to_drop_does_not_hinder_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "all"
    filled(folder)
    at_end = after(tmp_path / "new")
    with pytest.raises(RuntimeError):
        change_all(folder, step=stops("decided", RuntimeError()))
    (folder / FOLDER / "dropped" / "rest").mkdir(parents=True)
    assert recover(folder / FOLDER) == TARGETS
    assert Place(folder).files() == at_end
    assert left(folder) == ["guard"]


def test_a_change_is_made_where_the_path_leads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    with transaction(Path("link") / FOLDER) as change:
        change.write(Path("link/a.txt"), b"a")
        change.write(tmp_path / "b.txt", b"b")
        assert change.commit() is True
    assert (tmp_path / "real" / "a.txt").read_bytes() == b"a"
    assert (tmp_path / "b.txt").read_bytes() == b"b"


@pytest.mark.skipif(sys.platform != "linux", reason="another file system is found in /proc")
def test_a_target_on_another_file_system_is_refused(tmp_path: Path) -> None:
    with transaction(tmp_path / FOLDER) as change:
        with pytest.raises(TransactionError) as refused:
            change.write(Path("/proc/nothing/openapi.json"), b"new")
        assert str(refused.value) == "openapi.json and .regenerate must be on one file system"
        assert change.staged == ()
        assert change.commit() is False


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no lock that the system releases")
def test_one_change_at_a_time_and_the_next_after_it(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    with transaction(folder) as change:
        with pytest.raises(TransactionError, match=r"another process is at work in \.reg"):
            recover(folder)
        with pytest.raises(TransactionError, match=r"another process is at work in \.reg"):
            transaction(folder).__enter__()
        change.write(tmp_path / "a.txt", b"a")
        assert change.commit() is True
    with pytest.raises(ValueError, match="oh"), transaction(folder):
        raise ValueError("oh")
    assert recover(folder) == ()
    with transaction(folder) as change:
        assert change.recovered == ()


def test_a_fetch_reports_what_an_interrupted_one_had_left(tmp_path: Path) -> None:
    source = tmp_path / "published.json"
    source.write_bytes(raw(openapi()))
    document, lock = tmp_path / "there" / "openapi.json", tmp_path / "there" / "openapi.lock.json"
    with pytest.raises(RuntimeError):
        fetch(str(source), document=document, lock=lock, step=stops("decided", RuntimeError()))
    assert not document.exists()
    days = {datetime.now(UTC).date().isoformat()}
    source.write_bytes(raw(openapi("/a")))
    told: list[tuple[str, ...]] = []
    report = fetch(
        str(source), document=document, lock=lock, allow_shrink=True, recovered=told.append
    )
    days.add(datetime.now(UTC).date().isoformat())
    assert told == [("openapi.json", "openapi.lock.json")]
    assert (report.outcome, report.source) == ("changed", "file published.json")
    assert report.sha256 == sha256(document.read_bytes()) == sha256(source.read_bytes())
    found = read_lock(lock)
    assert found is not None
    assert found.origin.date in days
    fetch(str(source), document=document, lock=lock, recovered=told.append)
    assert told[1:] == [()]


def test_where_nothing_was_changed_nothing_is_made(tmp_path: Path) -> None:
    assert recover(tmp_path / "deep" / FOLDER) == ()
    assert os.listdir(tmp_path) == []
    for name in ("staged", "dropped"):
        (tmp_path / FOLDER / name / "rest").mkdir(parents=True)
    assert recover(tmp_path / FOLDER) == ()
    assert left(tmp_path) == ["guard"]


def test_a_lock_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    for read in (read_lock, lock_or_none):
        with pytest.raises(IsADirectoryError):
            read(tmp_path)


def folder_of(place: Path, files: dict[str, str]) -> Path:
    place.mkdir()
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
    return place


TREES: list[dict[str, str]] = [
    {},
    {"a": ""},
    {"a": "b"},
    {"ab": ""},
    {"a": "", "b": ""},
    {"a": "1 1\nbc", "b": ""},
    {"a": "1\n1 1\nb", "c": ""},
    {"a/b": "", "a.b": ""},
    {"a/b": ""},
    {"b": "", "a/b": ""},
    {"a": "x", "b": "y"},
    {"a": "y", "b": "x"},
]


def test_each_tree_has_its_own_hash(tmp_path: Path) -> None:
    found = [tree_hash(folder_of(tmp_path / str(n), files)) for n, files in enumerate(TREES)]
    assert len({*found}) == len(TREES)
    for files, one in zip(TREES, found, strict=True):
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(f"{len(name)} {len(files[name])}\n{name}{files[name]}".encode())
        assert digest.hexdigest() == one
    again = [
        tree_hash(folder_of(tmp_path / f"again{n}", dict(reversed(files.items()))))
        for n, files in enumerate(TREES)
    ]
    assert again == found
    folder = tmp_path / "10"
    folder_of(folder / "__pycache__", {"a.pyc": "x"})
    folder_of(folder / "empty", {})
    folder_of(folder / "empty" / "__pycache__", {"b.pyc": "x"})
    assert tree_hash(folder) == found[10]
    folder.rename(tmp_path / "__pycache__")
    folder = tmp_path / "__pycache__"
    assert tree_hash(folder) == found[10]
    (folder / "empty" / "link").symlink_to("nowhere")
    with pytest.raises(TreeError, match=r"^__pycache__/empty/link is a symbolic link: put"):
        tree_hash(folder)


@pytest.mark.parametrize("platform", [sys.platform, "another"])
def test_a_folder_takes_the_place_of_another_or_leaves_it(
    platform: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    old, new = folder_of(tmp_path / "old", {"a": "1", "b": "2"}), tmp_path / "new"
    with pytest.raises(FileNotFoundError) as refused:
        replace_directory(new, old)
    at_once = platform == "linux"
    assert refused.value.filename == str(old if at_once else new)
    assert Place(tmp_path).files() == {"old/a": b"1", "old/b": b"2"}
    folder_of(new, {"a": "3"})
    with monkeypatch.context() as patch:
        if at_once:  # one call of the kernel, and not two renames
            patch.delattr(Path, "rename")
        replace_directory(new, old)
    assert Place(tmp_path).files() == {"old/a": b"3"}
    assert os.listdir(tmp_path) == ["old"]
    replace_directory(folder_of(new, {"c": "4"}), tmp_path / "first")
    assert Place(tmp_path).files() == {"old/a": b"3", "first/c": b"4"}
