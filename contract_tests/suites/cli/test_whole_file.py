"""A file that appears when it is whole: its mode, its place, and what is left where it fails."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from runflow_client.cli.shared.whole_file import whole_file

MADE: Final = b"new"


def write(path: Path, *, private: bool = False) -> None:
    with whole_file(path, private=private) as file:
        file.write(MADE)
        assert not path.exists() or path.read_bytes() != MADE, "it appears in the end"


def modes(folder: Path) -> dict[str, str]:
    return {path.name: oct(path.lstat().st_mode & 0o777) for path in folder.iterdir()}


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_a_new_file_has_the_mode_of_others_or_is_private(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write(tmp_path / "x")
        write(tmp_path / "private", private=True)
    finally:
        os.umask(before)
    assert modes(tmp_path) == {"x": oct(0o666 & ~umask), "private": "0o600"}


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o444])
def test_a_file_that_is_replaced_gives_its_mode_unless_the_new_one_is_private(
    tmp_path: Path, mode: int
) -> None:
    for name, private in (("x", False), ("y", True)):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
        write(tmp_path / name, private=private)
    assert modes(tmp_path) == {"x": oct(mode), "y": "0o600"}


def test_others_cannot_read_along_what_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.touch(mode=0o600)
    with whole_file(path):
        assert {*modes(tmp_path).values()} == {"0o600"}


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real").write_text("old")
    (tmp_path / "link").symlink_to("folder/real")
    (tmp_path / "nowhere").symlink_to("folder/made")
    write(tmp_path / "link")
    write(tmp_path / "nowhere")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "nowhere").is_symlink()
    assert {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()} == {
        "real": MADE,
        "made": MADE,
    }


def fail(path: Path, error: type[BaseException]) -> None:
    with whole_file(path) as file:
        file.write(MADE)
        raise error


@pytest.mark.parametrize("content", [None, b"old"])
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, OSError])
def test_nothing_is_left_where_it_fails(
    tmp_path: Path, content: bytes | None, error: type[BaseException]
) -> None:
    path = tmp_path / "x"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error):
        fail(path, error)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == (
        [] if content is None else [content]
    )


PLACES: Final[dict[str, Callable[[Path], object]]] = {
    "folder": Path.mkdir,
    "fifo": os.mkfifo,
    "circle": lambda path: path.symlink_to(path.name),
    "into nothing": lambda path: path.symlink_to("none/x"),
}


@pytest.mark.parametrize("name", PLACES)
def test_what_is_no_place_for_a_file_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    PLACES[name](path)
    with pytest.raises(OSError, match=r"folder|device|symbolic links"), whole_file(path):
        raise AssertionError("it was opened")
    assert [one.name for one in tmp_path.iterdir()] == [name]
