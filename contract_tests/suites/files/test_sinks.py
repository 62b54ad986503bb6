"""Where downloads go: a file appears whole or not at all, and an existing one is kept unless told
otherwise.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runflow_client._flows.commands import Flow, RunBlocking
from runflow_client._flows.save import FileSink

PICTURE = b"\x89PNG" + bytes(100)
MEBIBYTE = 1024 * 1024


def work(flow: Flow[Any]) -> None:
    """Do the work of a sink's flow."""
    for command in flow:
        assert isinstance(command, RunBlocking)
        command.function()


def opened(target: Path) -> FileSink:
    """Return a sink whose file is open."""
    sink = FileSink(target)
    work(sink.open())
    return sink


@pytest.mark.parametrize("overwrite", [True, False])
def test_a_target_is_replaced_only_with_overwrite(tmp_path: Path, overwrite: bool) -> None:
    target = tmp_path / "picture.png"
    target.write_bytes(b"mine")
    sink = opened(target)
    work(sink.write(PICTURE))
    if overwrite:
        work(sink.finish(overwrite=True))
    else:
        with pytest.raises(
            FileExistsError,
            match=r"picture\.png exists already: choose another name or overwrite=True",
        ):
            work(sink.finish(overwrite=False))
    sink.discard()
    assert target.read_bytes() == (PICTURE if overwrite else b"mine")
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_written_half_a_mebibyte_at_a_time(tmp_path: Path) -> None:
    sink = opened(tmp_path / "x")
    work(sink.write(bytes(MEBIBYTE // 2 - 1)))
    (part,) = tmp_path.iterdir()
    assert part.name.startswith(".runflow-")
    assert part.name.endswith(".part")
    assert part.stat().st_size == 0
    work(sink.write(b"1"))
    assert part.stat().st_size == MEBIBYTE // 2
    work(sink.write(bytes(MEBIBYTE // 2 - 1)))
    assert part.stat().st_size == MEBIBYTE // 2
    work(sink.start_again())
    assert part.stat().st_size == 0
    work(sink.write(bytes(MEBIBYTE // 2 - 1)))
    assert part.stat().st_size == 0
    sink.discard()
    assert list(tmp_path.iterdir()) == []


def test_what_is_discarded_may_be_gone_already_and_may_be_discarded_again(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "x")
    sink.discard()
    work(sink.open())
    assert list(tmp_path.iterdir()) == []
    sink = opened(tmp_path / "x")
    work(sink.write(bytes(MEBIBYTE)))
    for part in tmp_path.iterdir():
        part.unlink()
    sink.discard()
    sink.discard()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("moment", ["is made", "gets its name"])
def test_what_is_discarded_while_a_thread_is_at_work_on_it_is_cleared_up_by_that_thread(
    tmp_path: Path, moment: str
) -> None:
    heard: list[Callable[[], None]] = []

    class Told(type(Path())):  # type: ignore[misc] # the class for this system is known when it runs
        """A path that tells when the system is given it."""

        def __fspath__(self) -> str:
            for hear in heard:
                hear()
            return str(self)

    sink = FileSink(Told(tmp_path / "picture.png"))
    if moment == "gets its name":
        work(sink.open())
        work(sink.write(PICTURE))
    heard.append(sink.discard)  # the task that waits is canceled at this very moment
    work(sink.finish(overwrite=True) if moment == "gets its name" else sink.open())
    left = [path.stat().st_size for path in tmp_path.iterdir()]
    assert left == ([len(PICTURE)] if moment == "gets its name" else [])
