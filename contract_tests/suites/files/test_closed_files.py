"""However a call ends, what is kept of a pipe is given up, and an open file stands where it stood,
so that it can be sent again.
"""

import io
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

import pytest
from attrs import evolve
from runflow_api.http_library import httpx
from runflow_client import FileChanged, InvalidArgument, RunflowError
from runflow_client._flows.batches import NewBatch
from runflow_client._flows.create_run import create_of
from runflow_client._typed_inputs.local_file import inspect_file
from runflow_client._typed_inputs.open_file import reading

from ..client.flow_commands import Flow, Scene
from ..processes import in_a_child
from .storage import PNG

EDIT: Final = "google/nano-banana-pro/edit"
SECONDS: Final = 20
"""After which a process that hangs is ended."""


def _refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(403, json={"code": "X", "message": "no"}, request=request)


def _create(scene: Scene, *files: object, **options: Any) -> Flow:
    look_first = options.pop("look_first", False)
    made = create_of(
        EDIT, {"prompt": "x", "image_urls": [*files]}, is_identified=look_first, **options
    )
    return scene.runs.create(made, look_first=look_first)


def _batch(scene: Scene, *files: object) -> Flow:
    inputs = [{"image_url": file} for file in files]
    made = NewBatch.of(
        "runflow/background-removal",
        inputs,
        callback_url=None,
        metadata=None,
        idempotency_key=None,
    )
    return scene.batches.create(made)


class Pipe(io.BytesIO):
    """A file that cannot be read from its beginning again."""

    def seekable(self) -> bool:
        return False


CONTENT: Final = PNG + bytes(1000)
BEFORE: Final = b"read before"


def _pipe() -> Pipe:
    return Pipe(CONTENT)


def _opened() -> io.BytesIO:
    file = io.BytesIO(BEFORE + CONTENT)
    file.seek(len(BEFORE))
    return file


Make = Callable[[], io.BytesIO]
FLOWS: Final[dict[str, Callable[[Scene, Make], Flow]]] = {
    "an upload": lambda scene, make: scene.assets.upload(make()),
    "a run": lambda scene, make: _create(scene, make()),
    "a run with the file inside": lambda scene, make: _create(scene, make(), inline_below=9000),
    "a run that is there": lambda scene, make: _create(
        scene, make(), look_first=True, client_ref="order-of-the-server"
    ),
    "a run with an empty file beside it": lambda scene, make: _create(scene, make(), Pipe()),
    "a run with a file of another kind": lambda scene, make: _create(scene, make(), b"ID3\3\0"),
    "a batch": lambda scene, make: _batch(scene, make(), make()),
    "a batch with an empty file": lambda scene, make: _batch(scene, make(), Pipe()),
}
REFUSED: Final = (
    "a run with an empty file beside it",
    "a run with a file of another kind",
    "a batch with an empty file",
)
ENDS: Final = ("well", "POST /asset-uploads", "PUT /put", "POST /confirmations", "POST /runs")
"""What is refused."""


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The copies that were made of pipes."""
    made: list[Any] = []
    real = tempfile.SpooledTemporaryFile

    def make(**options: Any) -> Any:
        made.append(real(**options))
        return made[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", make)
    return made


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", FLOWS)
def test_a_copy_is_closed_however_the_call_ends(name: str, end: str, kept: list[Any]) -> None:
    scene = Scene({} if end == "well" else {end: [_refuse] * 9})
    ended: list[object] = []
    try:
        ended.append(scene.carry_out(FLOWS[name](scene, _pipe)))
    except RunflowError as error:  # whose frames are kept
        ended.append(error)
    assert kept
    assert [one.closed for one in kept] == [True] * len(kept)
    if end == "well":  # and no earlier than it was sent
        assert isinstance(ended[0], RunflowError) is (name in REFUSED)


@pytest.mark.parametrize("name", ["an upload", "a run", "a batch"])
def test_a_copy_is_closed_where_the_call_is_left(name: str, kept: list[Any]) -> None:
    flow = FLOWS[name](Scene(), _pipe)
    flow.send(flow.send(None).function())
    assert [one.closed for one in kept] == [False]
    flow.close()
    assert [one.closed for one in kept] == [True]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("name", FLOWS)
def test_an_open_file_is_sent_again_from_where_it_stood(name: str, end: str) -> None:
    made: list[io.BytesIO] = []

    def make() -> io.BytesIO:
        made.append(_opened())
        return made[-1]

    told: list[list[str]] = []
    for is_again in (False, True):
        scene = Scene({} if end == "well" else {end: [_refuse] * 9})
        files = iter([*made])
        flow = FLOWS[name](scene, files.__next__ if is_again else make)
        with suppress(RunflowError):
            scene.carry_out(flow)
        told.append(scene.lines)
        assert [file.tell() for file in made] == [len(BEFORE)] * len(made)
    sent = [[line for line in lines if line.strip().startswith("put")] for lines in told]
    assert sent[0] == sent[1]


def test_two_who_read_one_file_at_once_read_all_of_it() -> None:
    content = bytes(range(256)) * 3000
    file = io.BytesIO(BEFORE + content)
    file.seek(len(BEFORE))
    one, other = (inspect_file(file, "it") for _ in range(2))
    pieces, others = one.pieces(), other.pieces()
    found = [(piece, next(others)) for piece in pieces]
    assert len(found) > 1
    assert b"".join(mine for mine, _ in found) == b"".join(his for _, his in found) == content
    assert next(others, None) is None
    left = one.pieces()
    next(left)
    assert len(list(other.pieces())) > 2, "which begins last, and ends first"
    next(left)
    again = inspect_file(file, "it")
    assert (again.digest, again.size) == (one.digest, len(content))
    left.close()
    assert file.tell() == len(BEFORE)
    file.seek(0)
    with pytest.raises(FileChanged):
        list(evolve(one, digest="another").pieces())
    assert b"".join(one.pieces()) == content, "from where it stood when it was inspected"


def test_threads_that_read_one_file_at_once_read_all_of_it() -> None:
    file = io.BytesIO(BEFORE + bytes(range(256)) * 3000)
    file.seek(len(BEFORE))
    alone = inspect_file(file, "it").digest
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: inspect_file(file, "it").digest, range(80)))
    finally:
        sys.setswitchinterval(interval)
    assert found == [alone] * 80
    assert file.tell() == len(BEFORE)


def test_an_open_file_is_read_from_where_it_stands_each_time() -> None:
    file = _opened()
    found = inspect_file(file, "it")
    file.seek(0)
    assert inspect_file(file, "it").size == len(BEFORE + CONTENT), "from the beginning now"
    pieces = found.pieces()
    with reading(file):
        first = next(pieces)
    assert b"".join([first, *pieces]) == CONTENT, "from where it stood when it was inspected"
    assert file.tell() == 0, "where it stood before the first of the two"


class Held(io.BytesIO):
    """A file that says where it stands when it is let go."""

    def __init__(self) -> None:
        super().__init__(CONTENT)
        self.asked, self.go = threading.Event(), threading.Event()

    def tell(self) -> int:
        self.asked.set()
        self.go.wait()
        return super().tell()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_is_forked_while_a_file_is_read_reads_on_its_own() -> None:
    held, opened = Held(), _opened()
    with reading(opened), ThreadPoolExecutor(1) as threads:
        opened.seek(0)
        inspected = threads.submit(inspect_file, held, "it")
        held.asked.wait()

        def work() -> int:
            signal.alarm(SECONDS)  # ends this process, if it waits for what ends in the other one
            return inspect_file(opened, "it").size

        told = in_a_child(work)
        held.go.set()
        assert (told, inspected.result().size) == (str(len(BEFORE + CONTENT)), len(CONTENT))
    assert opened.tell() == len(BEFORE)


def test_an_open_file_at_its_end_stays_there_and_one_that_is_closed_is_named() -> None:
    file = io.BytesIO(CONTENT)
    file.seek(0, io.SEEK_END)
    with pytest.raises(InvalidArgument, match=r"is empty from its present position on: seek\(0\)"):
        Scene().carry_out(Scene().assets.upload(file))
    assert file.tell() == len(CONTENT)
    file.close()
    with pytest.raises(InvalidArgument, match="closed file"):
        Scene().carry_out(Scene().assets.upload(file))


class Interrupted(Pipe):
    """A pipe of which the second piece does not come: the program is interrupted."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            raise KeyboardInterrupt
        return super().read(4)


def test_a_copy_is_closed_where_its_making_is_interrupted(kept: list[Any]) -> None:
    with pytest.raises(KeyboardInterrupt) as caught:  # whose frames are kept
        inspect_file(Interrupted(CONTENT), "it")
    assert ([one.closed for one in kept], caught.value.args) == ([True], ())


@pytest.mark.parametrize("held", [bytearray, lambda content: memoryview(bytearray(content))])
def test_bytes_that_the_caller_changes_are_sent_as_they_were(held: Callable[[bytes], Any]) -> None:
    given = held(CONTENT)
    found = inspect_file(given, "it")
    given[-1:] = b"x"
    assert b"".join(found.pieces()) == CONTENT


def test_a_pipe_that_is_sent_twice_says_what_to_pass() -> None:
    pipe = _pipe()
    Scene().carry_out(Scene().assets.upload(pipe))
    with pytest.raises(InvalidArgument, match="is empty or was read before: pass its bytes"):
        Scene().carry_out(Scene().assets.upload(pipe))
