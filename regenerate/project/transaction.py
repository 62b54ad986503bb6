"""Several files and folders that change together or not at all, whenever the process is killed.

What is new is staged in a folder beside the targets with a list of what goes where. One rename of
that folder decides: before it, nothing happened; after it, everything will. The next target
finishes what was decided and drops the rest.
"""

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

from attrs import define, field

from ..document.json_tree import (
    JSONObject,
    objects_at,
    parse_document,
    readable_text,
    sha256,
    text_at,
)
from .directory import replace_directory, tree_hash

FOLDER: Final = ".regenerate"
_STAGED: Final = "staged"
_DECIDED: Final = "decided"
_DROPPED: Final = "dropped"
_GUARD: Final = "guard"
_LIST: Final = "list.json"


class TransactionError(Exception):
    """The change cannot be made, or one that was interrupted cannot be finished.

    The text says what to do.
    """


class Unfinished(TransactionError):
    """The change was decided, and the system refused a part of it. The next target finishes it."""


def ignore(_: str) -> None:
    """Do nothing at a step of a change."""


@define
class Transaction:
    """A change that is being prepared. Nothing of it is visible before `commit`.

    `step` is called with the name of each moment at which the process could die: a test dies there.
    """

    folder: Path
    step: Callable[[str], None] = ignore
    recovered: tuple[str, ...] = ()
    """The names of what an interrupted change before this one had still to put in its place."""
    _entries: list[JSONObject] = field(init=False, factory=list[JSONObject])

    @property
    def staging(self) -> Path:
        """The folder in which what is new is made. It is on the file system of the targets."""
        return self.folder / _STAGED

    @property
    def staged(self) -> tuple[str, ...]:
        """The names of the targets that will change."""
        return tuple(Path(text_at(entry, "target")).name for entry in self._entries)

    def write(self, target: Path, content: bytes) -> None:
        """Stage a file: `content` will stand at `target`.

        Equal content is not a change.
        """
        staged = self._add("file", target, sha256(content))
        if staged is not None:
            staged.write_bytes(content)
            self.step(f"staged {target.name}")

    def put(self, target: Path, built: Path) -> None:
        """Stage a folder that was built in `staging`.

        It replaces the whole of `target`.
        """
        staged = self._add("tree", target, tree_hash(built))
        if staged is not None:
            built.rename(staged)
            self.step(f"staged {target.name}")

    def _add(self, kind: str, target: Path, new: str) -> Path | None:
        """Return where to stage what is new for the target; None when it is not new."""
        old = _state(target)
        if old == new:
            return None
        near = next(parent for parent in target.resolve().parents if parent.exists())
        for place, is_folder in ((near, True), (target, kind == "tree")):
            if place.exists() and place.is_dir() is not is_folder:
                there, wanted = ("file", "folder") if is_folder else ("folder", "file")
                raise TransactionError(
                    f"{place.name} is a {there}, and a {wanted} belongs there: move it away, or "
                    "name another place"
                )
        if near.stat().st_dev != self.staging.stat().st_dev:
            raise TransactionError(
                f"{target.name} and {self.folder.name} must be on one file system"
            )
        name = f"new-{len(self._entries)}"
        where = Path(os.path.relpath(target.resolve(), self.folder.resolve())).as_posix()
        self._entries.append(
            {"kind": kind, "staged": name, "target": where, "old": old, "new": new}
        )
        return self.staging / name

    def commit(self) -> bool:
        """Make the change. Return False when there is nothing to change.

        Raises:
            TransactionError, OSError: nothing was changed.
            Unfinished: a part was changed, and the next target changes the rest.
        """
        if not self._entries:
            return False
        (self.staging / _LIST).write_text(
            readable_text({"changes": list(self._entries)}), encoding="utf-8"
        )
        _flush(self.staging)
        self.step("listed")
        os.rename(self.staging, self.folder / _DECIDED)
        _flush_folder(self.folder)
        self.step("decided")
        try:
            _finish(self.folder, self.step)
        except OSError as error:
            raise Unfinished(
                f"the change was decided and not finished ({error}). Run any target to finish it"
            ) from error
        return True


@contextlib.contextmanager
def transaction(
    folder: Path, step: Callable[[str], None] = ignore
) -> Generator[Transaction, None, None]:
    """Finish or drop what was interrupted, then begin a change.

    The change is dropped unless it is committed. `folder` stands beside the targets and belongs to
    transactions alone.

    Raises:
        TransactionError: another process works in the folder.
    """
    with _guarded(folder):
        change = Transaction(folder, step, _recover(folder))
        change.staging.mkdir()
        try:
            yield change
        finally:
            shutil.rmtree(change.staging, ignore_errors=True)


def recover(folder: Path) -> tuple[str, ...]:
    """Finish what was decided when a process died, drop what was not, and return the names.

    Raises:
        TransactionError: another process works in the folder, or something was changed since.
    """
    if not folder.is_dir():
        return ()
    with _guarded(folder):
        return _recover(folder)


def _recover(folder: Path) -> tuple[str, ...]:
    finished = _finish(folder, ignore)
    for name in (_STAGED, _DROPPED):
        shutil.rmtree(folder / name, ignore_errors=True)
    return finished


def _finish(folder: Path, step: Callable[[str], None]) -> tuple[str, ...]:
    decided = folder / _DECIDED
    if not decided.is_dir():
        return ()
    entries = objects_at(parse_document((decided / _LIST).read_bytes()), "changes")
    for entry in entries:
        _check(folder, entry)
    for entry in entries:
        _apply(folder, entry)
        step(f"replaced {Path(text_at(entry, 'target')).name}")
    # Out of the way in one step: a half-deleted list must not be taken for one that is to be
    # finished.
    shutil.rmtree(folder / _DROPPED, ignore_errors=True)
    os.rename(decided, folder / _DROPPED)
    step("finished")
    shutil.rmtree(folder / _DROPPED, ignore_errors=True)
    return tuple(Path(text_at(entry, "target")).name for entry in entries)


def _check(folder: Path, entry: JSONObject) -> None:
    target = folder / text_at(entry, "target")
    now = _state(target)
    # A folder is missing for a moment where the system cannot exchange two in one step.
    if now not in (entry.get("old"), entry.get("new"), None):
        raise TransactionError(
            f"a change of {target.name} was interrupted, and {target.name} was changed by hand "
            "since: get it back from "
            "version control, or give the interrupted change up by removing "
            f"{folder.name}/{_DECIDED}"
        )


def _apply(folder: Path, entry: JSONObject) -> None:
    target, staged = folder / text_at(entry, "target"), folder / _DECIDED / text_at(entry, "staged")
    if _state(target) == entry.get("new"):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if text_at(entry, "kind") == "tree":
        replace_directory(staged, target.resolve())
    else:
        os.replace(staged, target)
    _flush_folder(target.resolve().parent)


def _state(target: Path) -> str | None:
    """Return the hash of what stands there; None for nothing."""
    if target.is_dir():
        return tree_hash(target)
    return sha256(target.read_bytes()) if target.is_file() else None


def _flush(folder: Path) -> None:
    """Flush everything below a folder to the disk.

    No crash of the machine then leaves a name without its bytes.
    """
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        else:
            _flush_folder(path)
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def _guarded(folder: Path) -> Generator[None, None, None]:
    """Hold the folder for this process alone. The system releases it when the process dies."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / _GUARD).open("wb") as file:
        if sys.platform != "win32":
            import fcntl

            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise TransactionError(
                    f"another process is at work in {folder.name}; wait until it has ended"
                ) from None
        yield
