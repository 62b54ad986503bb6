"""Whole folders: their hash, and one taking the place of another in a single step."""

import ctypes
import errno
import hashlib
import os
import shutil
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class TreeError(ValueError):
    """A folder holds something that is not part of it. The text names it, and says what to do."""


def tree_hash(path: Path) -> str:
    """Return the sha256 of the names and bytes of all files below a folder.

    Compiled Python files do not count.

    Raises:
        TreeError: there is a symbolic link: its target is not part of the tree.
    """
    digest = hashlib.sha256()
    for file in sorted(path.rglob("*"), key=lambda file: file.relative_to(path).as_posix()):
        inside = file.relative_to(path)
        if file.is_symlink():
            raise TreeError(
                f"{path.name}/{inside.as_posix()} is a symbolic link: put there what it leads to"
            )
        if not file.is_file() or "__pycache__" in inside.parts:
            continue
        name = inside.as_posix().encode()
        content = file.read_bytes()
        digest.update(b"%d %d\n" % (len(name), len(content)))
        digest.update(name)
        digest.update(content)
    return digest.hexdigest()


def replace_directory(new: Path, old: Path) -> None:
    """Put the folder `new` in the place of `old`, which need not exist.

    Both must be on one file system.

    On Linux both change places in one step of the kernel: every reader sees the old folder or the
    new one, also when the process is killed. Elsewhere there is a moment between two renames in
    which `old` is missing.

    Raises:
        OSError: the folders could not be renamed. `old` is then as it was.
    """
    if not old.exists():
        new.rename(old)
        return
    if _exchange(new, old):
        shutil.rmtree(new)
        return
    aside = new.with_name(f"{new.name}.old")
    old.rename(aside)
    try:
        new.rename(old)
    except OSError:
        aside.rename(old)
        raise
    shutil.rmtree(aside)


def _exchange(first: Path, second: Path) -> bool:
    """Let two folders change places. False where the system cannot do that."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.ENOSYS, errno.EINVAL):
        return False
    raise OSError(number, os.strerror(number), str(second))
