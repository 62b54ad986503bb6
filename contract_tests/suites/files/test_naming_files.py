"""How a file that is whole gets its name, where the disk or another process is in the way."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client._flows.commands import Flow, RunBlocking
from runflow_client._flows.save import (
    FileSink,
    all_saved,
    check_target,
    copy_owner_and_mode,
    make_folder,
    shared_targets,
)

CONTENT: Final = b"\x89PNG" + bytes(99)


def work(flow: Flow[Any]) -> Any:
    """Do the work of a sink's flow."""
    outcome: Any = None
    while True:
        try:
            command = flow.throw(outcome) if isinstance(outcome, Exception) else flow.send(None)
        except StopIteration as end:
            return end.value
        assert isinstance(command, RunBlocking)
        try:
            command.function()
            outcome = None
        except Exception as error:
            outcome = error


def written(target: Path) -> FileSink:
    """Return a sink that has all of its file."""
    sink = FileSink(target)
    work(sink.open())
    work(sink.write([CONTENT]))
    return sink


def _fail(number: int) -> Callable[..., object]:
    def fail(*given: object, **options: object) -> object:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.parametrize("links", [True, False])
def test_a_name_that_another_process_takes_meanwhile_stays_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool, is_taken: bool
) -> None:
    """On a file system with hard links and on one without."""
    target = tmp_path / "1.png"
    link = os.link

    def take(part: Any, name: Any, **options: Any) -> None:
        if is_taken:
            target.write_bytes(b"another's")
        if not links:
            raise OSError(errno.EPERM, "no links here")
        link(part, name, **options)

    monkeypatch.setattr(os, "link", take)
    sink = written(target)
    if is_taken:
        with pytest.raises(FileExistsError, match=r"1\.png exists already: choose another name"):
            work(sink.finish(overwrite=False))
    else:
        assert work(sink.finish(overwrite=False)) == target
    sink.discard()
    assert target.read_bytes() == (b"another's" if is_taken else CONTENT)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("step", ["open", "fsync"])
def test_a_disk_that_fails_is_named_with_the_target_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    target = tmp_path / "1.png"
    sink = FileSink(target)
    if step == "fsync":
        work(sink.open())
        work(sink.write([CONTENT]))
    monkeypatch.setattr(os, step, _fail(number))
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        work(sink.open() if step == "open" else sink.finish(overwrite=True))
    # where no file can be made, the part is no name that the caller knows
    assert caught.value.filename == str(tmp_path if step == "open" else target)
    monkeypatch.undo()
    sink.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_replaces_another_has_its_mode_and_its_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[object, ...]] = []

    def chown(path: Path, *ids: int) -> None:
        given.append((path, *ids))
        path.chmod(0o600)  # as the system forgets some of a mode with its owner

    monkeypatch.setattr(os, "chown", chown)
    old, new = tmp_path / "old", tmp_path / "new"
    new.write_bytes(b"")
    new.chmod(0o600)
    copy_owner_and_mode(old, new)
    assert (given, stat.S_IMODE(new.stat().st_mode)) == ([], 0o600), "there is no old one"
    old.write_bytes(b"")
    old.chmod(0o754)
    copy_owner_and_mode(old, new)
    assert given == [(new, old.stat().st_uid, old.stat().st_gid)]
    assert stat.S_IMODE(new.stat().st_mode) == 0o754
    monkeypatch.setattr(os, "chown", _fail(errno.EPERM))
    old.chmod(0o640)
    copy_owner_and_mode(old, new)
    assert stat.S_IMODE(new.stat().st_mode) == 0o640, "only an administrator gives files away"
    monkeypatch.setattr(os, "chown", _fail(errno.EIO))
    with pytest.raises(OSError, match="Input/output"):
        copy_owner_and_mode(old, new)


def test_a_target_is_checked_before_anything_is_fetched(tmp_path: Path) -> None:
    file, folder, fifo = tmp_path / "file", tmp_path / "folder", tmp_path / "fifo"
    file.write_bytes(b"")
    folder.mkdir()
    os.mkfifo(fifo)
    for overwrite in (False, True):
        check_target(tmp_path / "new", overwrite)
        with pytest.raises(IsADirectoryError, match="folder is a folder"):
            check_target(folder, overwrite)
        with pytest.raises(FileExistsError, match="not a regular file: choose another name"):
            check_target(fifo, overwrite)
        with pytest.raises(FileNotFoundError, match="none is not a folder: make it first"):
            check_target(tmp_path / "none" / "new", overwrite)
        with pytest.raises(FileNotFoundError, match="file is not a folder: make it first"):
            check_target(file / "new", overwrite)
    check_target(file, True)
    with pytest.raises(FileExistsError, match="or overwrite=True"):
        check_target(file, False)


def test_a_folder_is_made_unless_a_file_has_its_name(tmp_path: Path) -> None:
    assert make_folder(tmp_path / "a" / "b") == make_folder(str(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError, match="file is a file, not a folder"):
        make_folder(tmp_path / "file")


def test_names_that_lead_to_one_file_are_told_but_for_the_first(tmp_path: Path) -> None:
    (tmp_path / "link.png").symlink_to(tmp_path / "1.png")
    (tmp_path / "other.png").symlink_to(tmp_path / "1.png")
    assert shared_targets(tmp_path, ["1.png", "2.png"]) == {}
    found = shared_targets(tmp_path, ["2.png", "link.png", "1.png", "other.png", "3.png"])
    assert {place: str(error) for place, error in found.items()} == {
        place: f"{tmp_path / name} and {tmp_path / 'link.png'} are one file, by a link: "
        "remove the link"
        for place, name in ((2, "1.png"), (3, "other.png"))
    }


def test_the_first_failure_names_what_was_saved_and_what_was_not() -> None:
    paths = [Path("a.png"), Path("b.png")]
    assert all_saved([*paths]) == paths
    assert all_saved([]) == []
    first, second = ValueError("first"), OSError("second")
    with pytest.raises(ValueError, match="first") as caught:
        all_saved([paths[0], first, second, paths[1]])
    assert caught.value.__notes__ == ["Saved: a.png, b.png", "Not saved either: second"]
    with pytest.raises(OSError, match="second") as other:
        all_saved([second])
    assert not hasattr(other.value, "__notes__")
