"""What tells inputs apart: all that is in them, and of a local file its path, size and time."""

import io
import os
from array import array
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from PIL import Image
from runflow_client import InvalidArgument
from runflow_client._typed_inputs.open_file import reading
from runflow_client.bulk._items import client_ref_of, fingerprint, shown_input

DIFFERENT: list[Any] = [
    None,
    False,
    True,
    0,
    1,
    0.5,
    "",
    "0",
    "false",
    "null",
    [],
    [None],
    [0, 1],
    [1, 0],
    {},
    {"a": None},
    {"a": 0},
    b"",
    b"a",
    b"b",
]


def test_every_difference_counts_and_the_order_of_names_does_not() -> None:
    found = [fingerprint({"a": value}) for value in DIFFERENT]
    found += [fingerprint({"b": {"a": value}}) for value in DIFFERENT]
    assert len(set(found)) == len(found)
    assert fingerprint({"a": 1, "b": [{"c": 2, "d": 3}]}) == fingerprint(
        {"b": [{"d": 3, "c": 2}], "a": 1}
    )


def test_a_local_file_counts_by_path_size_and_time(tmp_path: Path) -> None:
    states: list[str] = []
    for name, content, time in (
        ("a.png", b"one", 1),
        ("a.png", b"two", 2),
        ("a.png", b"four", 2),
        ("b.png", b"one", 1),
    ):
        file = tmp_path / name
        file.write_bytes(content)
        os.utime(file, ns=(time, time))
        states.append(fingerprint({"image": file}))
        assert fingerprint({"image": file}) == states[-1]
    assert len(set(states)) == len(states)


def test_each_attempt_of_each_item_of_each_job_has_its_client_ref() -> None:
    made = [
        (job, key, attempt) for job in ("a", "b") for key in ("a", "b", "1") for attempt in (1, 2)
    ]
    refs = {names: client_ref_of(*names) for names in made}
    assert all(refs[one] != refs[other] for one, other in combinations(made, 2))
    assert all(len(ref) <= 64 for ref in refs.values())
    assert refs == {names: client_ref_of(*names) for names in made}


class Pipe:
    """An open file that can be read once."""

    name = "pipe.png"

    def seekable(self) -> bool:
        """Say that it cannot be read again."""
        return False

    def read(self, size: int = -1) -> bytes:
        """Say that it was read."""
        raise AssertionError("it is lost then")


class Place(os.PathLike[str]):
    """A path of another kind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> str:
        return str(self._path)


class PlaceOfBytes(os.PathLike[bytes]):
    """A path as the system has it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __fspath__(self) -> bytes:
        return os.fsencode(self._path)


def _coloured(*palette: int) -> Image.Image:
    image = Image.new("P", (4, 2), 0)
    image.putpalette(palette)
    return image


def _opened(content: bytes, start: int) -> io.BytesIO:
    file = io.BytesIO(content)
    file.seek(start)
    return file


FILES: Final[dict[str, Callable[[], Any]]] = {
    "bytes": lambda: b"a lamp",
    "a view of other bytes": lambda: memoryview(b"a lamp!"),
    "an open file": lambda: io.BytesIO(b"a file"),
    "one whose beginning was read": lambda: _opened(b"a file", 2),
    "a picture": lambda: Image.new("RGB", (4, 2), "red"),
    "one of another colour": lambda: Image.new("RGB", (4, 2), "blue"),
    "one of another size": lambda: Image.new("RGB", (2, 4), "red"),
    "one of another mode": lambda: Image.new("L", (4, 6), 255),
    "one of other columns": lambda: Image.new("L", (2, 4), 7),
    "one of other rows": lambda: Image.new("L", (4, 2), 7),
    "one of colours": lambda: Image.new("RGB", (4, 2), (7, 7, 7)),
    "one of the same bytes in another mode": lambda: Image.new("YCbCr", (4, 2), (7, 7, 7)),
    "one of a palette": lambda: _coloured(255, 0, 0),
    "one of another palette": lambda: _coloured(0, 0, 255),
    "an array": lambda: np.zeros((4, 6), np.uint8),
    "an array of another shape": lambda: np.zeros((6, 4), np.uint8),
    "an array of other pixels": lambda: np.eye(4, 6, dtype=np.uint8),
    "a large array": lambda: np.zeros((90, 90), np.uint8),
    "a large array of another pixel": lambda: np.pad(np.full((10, 10), 1, np.uint8), 40),
}


def test_a_file_without_a_path_counts_by_its_content_in_every_process() -> None:
    marks = {name: fingerprint({"image": make()}) for name, make in FILES.items()}
    kept = [make() for make in FILES.values()]  # so that others stand elsewhere in memory
    assert marks == {name: fingerprint({"image": make()}) for name, make in FILES.items()}
    assert len({*marks.values()}) == len(FILES) == len(kept)
    assert fingerprint({"image": memoryview(b"a lamp")}) == marks["bytes"]


def test_an_open_file_counts_alike_while_another_reads_it() -> None:
    file = _opened(b"a file", 2)
    mark = fingerprint({"image": file})
    with reading(file) as reader:
        assert reader.read(3) == b"fil"
        assert fingerprint({"image": file}) == mark
        assert reader.read(9) == b"e"
    assert file.tell() == 2


@pytest.mark.parametrize("name", FILES)
def test_a_file_without_a_path_is_not_used_up_and_shown_without_its_address(name: str) -> None:
    file = FILES[name]()
    start = file.tell() if isinstance(file, io.BytesIO) else None
    assert fingerprint({"image": file}) == fingerprint({"image": file})
    assert not isinstance(file, io.BytesIO) or file.tell() == start
    shown = shown_input({"image": file})
    assert shown == shown_input({"image": FILES[name]()})
    assert " at 0x" not in shown


@pytest.mark.parametrize("kind", [Place, PlaceOfBytes])
def test_a_path_of_another_kind_is_a_path(tmp_path: Path, kind: Callable[[Path], object]) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(b"x")
    assert fingerprint({"image": kind(file)}) == fingerprint({"image": file})
    assert shown_input({"image": kind(file)}) == shown_input({"image": file})


def test_a_view_is_shown_by_its_bytes() -> None:
    assert shown_input({"image": memoryview(array("H", [1, 2, 3]))}) == '{"image": "<6 bytes>"}'


def test_a_file_that_can_be_read_once_is_refused_and_not_read() -> None:
    for values in ({"image": Pipe()}, {"images": [b"x", Pipe()]}):
        with pytest.raises(InvalidArgument, match="holds a Pipe, which can be read only once, and"):
            fingerprint(values)
