"""Each transfer and each wait has a bar, which ends with it, however it ends."""

import os
import pty
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stderr
from functools import partial
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Final, TextIO

import pytest
from runflow_client.cli.shared.terminal import Terminal
from runflow_client.cli.shared.waiting import transfer, watching

from ..client.answering import NOTHING, Asked, Told, answering
from ..client.calls import FILE
from .command_list import ID, MODEL
from .conftest import Done
from .in_process import Stream, run_here
from .one_body import answer_to
from .screenshots import seen

END = "the end"
BAR: Final = "\N{BOX DRAWINGS HEAVY HORIZONTAL}"
SHOWN_CURSOR, HIDDEN_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TextIO, int]]:
    """Return a terminal to write to, and the descriptor that reads what it shows."""
    monkeypatch.setenv("TERM", "xterm")
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w") as stream:
        yield stream, reading
    os.close(reading)


@contextmanager
def transferred(total: int | None = 2) -> Iterator[None]:
    """Be in the middle of a transfer."""
    with transfer(Terminal(), "lamp.png") as progress:
        progress(1, total)
        yield


@contextmanager
def watched() -> Iterator[None]:
    """Be in the middle of a wait, of which the end of the id is shown."""
    nodes = {"nodes_completed": 1, "nodes_total": 2}
    with watching(Terminal()) as update:
        update(SimpleNamespace(id="r-lamp.png", status="running", has_ended=False, **nodes))
        yield


@pytest.mark.parametrize(
    ("bar", "share"),
    [
        (transferred, b"1/2 bytes"),
        (partial(transferred, None), b"1/? bytes"),
        (watched, b"1/2"),
    ],
    ids=["of 2 bytes", "of unknown size", "a wait"],
)
@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_nothing_of_the_bar_stays(
    error: type[BaseException] | None,
    bar: Callable[[], AbstractContextManager[None]],
    share: bytes,
    screen: tuple[TextIO, int],
) -> None:
    stream, reading = screen

    def use() -> None:
        with bar():
            if error is not None:
                raise error

    with redirect_stderr(stream):
        if error is None:
            use()
        else:
            with pytest.raises(error):
                use()
    stream.write(END)
    stream.flush()
    shown = b""
    while not shown.endswith(END.encode()):
        shown += os.read(reading, 65_536)
    assert b"lamp.png" in shown
    assert share in shown
    assert shown.count(HIDDEN_CURSOR) == shown.count(SHOWN_CURSOR) == 1


EDIT: Final = f"run {MODEL}/edit --prompt x --image-urls lamp.png"
BARS: Final = {
    f"runs save {ID} -o x.png": ["download"],
    f"runs save {ID} -o all/": ["download"],
    f"runs save {ID} -o -": ["download"],
    f"{EDIT} -o x.png": ["upload", "run 00000001", "download"],
    f"run {MODEL} --prompt x": ["run 00000001"],
    f"runs wait {ID} -o x.png": ["run 00000001", "download"],
    f"batches wait {ID}": ["batch 00000001"],
    f"evaluations wait {ID}": ["evaluation 00000001"],
    f"{EDIT} --detach": ["upload"],
    "assets upload lamp.png": ["lamp.png"],
    "assets upload [b]{0}:cat:.png": ["[b]{0}:cat:.png"],
}


REFUSED: Final = Told({"code": "DENIED", "message": "not yours"}, 403)
Answer = Callable[[Asked], Told | None]


def run(
    command: str,
    answer: Answer = lambda one: None,
    out: Stream | None = None,
    **variables: str,
) -> Done:
    """Run the command in a terminal with stdout in a pipe; `answer` has the first word."""

    def tell(one: Asked) -> Told:
        if (told := answer(one)) is not None:
            return told
        return answer_to(one, server.base_url)

    with answering(tell) as server:
        return run_here(
            *command.split(),
            terminal=True,
            out=out or Stream(is_terminal=False),
            err=None,
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
            **{"TERM": "xterm", **variables},
        )


@pytest.fixture
def lamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("lamp.png", "[b]{0}:cat:.png"):
        Path(name).write_bytes(FILE)
    Path("other.png").write_bytes(FILE + b"other")  # the same bytes would not be sent again


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("command", BARS)
def test_each_transfer_is_drawn(command: str) -> None:
    done = run(command)
    assert done.code == 0, done.err
    labels = {label for labels in BARS.values() for label in labels}
    assert {label for label in labels if f"{label} " in done.err} == {*BARS[command]}
    assert (BAR in done.err, BAR in seen(done.err)) == (True, False), "no bar stays"
    for one, next_one in pairwise(BARS[command]):
        assert done.err.rindex(f"{one} ") < done.err.index(f"{next_one} "), "one at a time"


@pytest.mark.usefixtures("lamps")
@pytest.mark.parametrize("is_interrupted", [False, True])
def test_what_was_uploaded_before_it_failed_is_named(is_interrupted: bool) -> None:
    def answer(one: Asked) -> Told | None:
        if b"other.png" not in one.body:
            return None
        if is_interrupted:
            os.kill(os.getpid(), signal.SIGINT)
            return NOTHING
        return REFUSED

    done = run("assets upload lamp.png other.png", answer)
    assert (done.code, done.out) == (130 if is_interrupted else 3, "")
    (line,) = [line for line in done.err.splitlines() if "Uploaded already: " in line]
    assert re.search(r"Uploaded already: runflow://assets/[\w-]+$", line)
    done = run("assets upload other.png", answer)
    assert "Uploaded already" not in done.err


@pytest.mark.usefixtures("lamps")
@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names of text alone")
def test_a_file_whose_name_is_no_text_is_named_as_it_is() -> None:
    name = os.fsdecode(b"lamp-\xff.png")
    out = Stream(is_terminal=False)
    assert run(f"runs save {ID} -o {name}", out=out).code == 0
    assert out.content == b"lamp-\xff.png\n"
    done = run(f"runs save {ID} -o {name} --overwrite --json")
    assert (done.code, done.document["files"]) == (0, [name])
    assert Path(name).read_bytes() == FILE


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux has a folder that takes no file")
@pytest.mark.parametrize("output", ["/proc/x.png", "/proc/out/", "/proc"])
def test_where_no_file_can_be_made_nothing_is_paid(output: str) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Told | None:
        asked.append(one)
        return None

    done = run(f"run {MODEL} --prompt x -o {output}", answer)
    assert (done.code, asked) == (2, [])
    assert f"runflow: -o {output}: no file can be made in /proc: " in done.err


@pytest.mark.usefixtures("lamps")
def test_a_file_that_appears_meanwhile_is_kept_and_the_outputs_can_still_be_saved() -> None:
    def answer(one: Asked) -> None:
        if one.path.endswith(".png"):
            Path("x.png").write_text("precious")

    done = run(f"run {MODEL} --prompt x -o x.png", answer)
    assert (done.code, Path("x.png").read_text()) == (1, "precious")
    assert "/x.png exists already" in done.err
    assert re.search(r"Save what it made: runflow runs save [\w-]+ -o x\.png\n$", done.err)


@pytest.mark.usefixtures("lamps")
def test_what_cannot_be_shown_is_saved_all_the_same() -> None:
    asked: list[str] = []

    def answer(one: Asked) -> Told | None:
        if not one.path.endswith(".png"):
            return None
        asked.append(one.path)
        return None if len(asked) == 1 else REFUSED

    done = run(f"run {MODEL} --prompt x --show -o x.png", answer, TERM_PROGRAM="iTerm.app")
    assert done.code == 6, done.err
    assert Path("x.png").read_bytes() == FILE
