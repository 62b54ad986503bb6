"""Two folders that change places: what the system is asked for, and what it may answer."""

import ctypes
import errno
import os
import sys
from functools import partial
from pathlib import Path

import pytest

from ...project.directory import replace_directory
from ..fetching import Place
from .test_every_moment import folder_of

NEVER = -1
"""The system has no such function."""


class System:
    """A system that answers an exchange with an error, or does not know it."""

    def __init__(self, number: int) -> None:
        self.asked: list[tuple[object, ...]] = []
        if number != NEVER:
            self.renameat2 = partial(self.answer, number)

    def answer(self, number: int, *given: object) -> int:
        """Write down what is asked for, and answer with the error."""
        self.asked.append(given)
        ctypes.set_errno(number)
        return -1

    def load(self, *_: object, **__: object) -> "System":
        """Stand for every library."""
        return self


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux exchanges two folders")
@pytest.mark.parametrize(
    ("number", "does_it_later"),
    [
        (NEVER, True),
        (errno.ENOSYS, True),
        (errno.EINVAL, True),
        (errno.EXDEV, False),
        (errno.EACCES, False),
        (errno.ENOENT, False),
    ],
)
def test_what_cannot_be_exchanged_is_renamed_and_an_error_is_told(
    number: int, does_it_later: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = folder_of(tmp_path / "old", {"a": "1"}), folder_of(tmp_path / "new", {"b": "2"})
    system = System(number)
    monkeypatch.setattr(ctypes, "CDLL", system.load)
    if does_it_later:
        replace_directory(new, old)
        assert Place(tmp_path).files() == {"old/b": b"2"}
        assert os.listdir(tmp_path) == ["old"]
    else:
        with pytest.raises(OSError, match=os.strerror(number)) as refused:
            replace_directory(new, old)
        assert (refused.value.errno, refused.value.filename) == (number, str(old))
        assert Place(tmp_path).files() == {"old/a": b"1", "new/b": b"2"}
    # Both are absolute, so the folders that names begin at (-100: here) do not matter.
    wanted = (-100, os.fsencode(new), -100, os.fsencode(old), 2)
    assert system.asked == ([wanted] if number != NEVER else [])


def test_the_old_folder_comes_back_where_the_new_one_cannot_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "another")
    old, new = folder_of(tmp_path / "old", {"a": "1"}), folder_of(tmp_path / "new", {"b": "2"})
    rename = Path.rename

    def refusing(path: Path, target: Path) -> Path:
        if path == new:
            assert not old.exists()
            raise PermissionError(errno.EACCES, "no", str(path))
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(PermissionError):
        replace_directory(new, old)
    assert Place(tmp_path).files() == {"old/a": b"1", "new/b": b"2"}
