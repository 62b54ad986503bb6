"""Each transfer has a bar, which ends with it, however it ends."""

import os
import pty
from collections.abc import Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Final, TextIO

import pytest
from runflow_api.http_library import httpx
from runflow_client.cli.shared.terminal import Terminal
from runflow_client.cli.shared.waiting import transfer

from ..client.answering import Asked, Told, answering
from ..client.calls import FILE, body_of
from .command_list import ID, MODEL
from .in_process import Stream, run_here

END = "the end"
SHOWN_CURSOR, HIDDEN_CURSOR = b"\x1b[?25h", b"\x1b[?25l"


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TextIO, int]]:
    """Return a terminal to write to, and the descriptor that reads what it shows."""
    monkeypatch.setenv("TERM", "xterm")
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w") as stream:
        yield stream, reading
    os.close(reading)


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_nothing_of_the_bar_stays(
    error: type[BaseException] | None, screen: tuple[TextIO, int]
) -> None:
    stream, reading = screen

    def use() -> None:
        with transfer(Terminal(), "lamp.png") as progress:
            progress(1, 2)
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
    assert shown.count(HIDDEN_CURSOR) == shown.count(SHOWN_CURSOR) == 1


EDIT: Final = f"run {MODEL}/edit --prompt x --image-urls lamp.png"
BARS: Final = {
    f"runs save {ID} -o x.png": ["download"],
    f"runs save {ID} -o all/": ["download"],
    f"runs save {ID} -o -": ["download"],
    f"{EDIT} -o x.png": ["upload", "download"],
    f"{EDIT} --detach": ["upload"],
    "assets upload lamp.png": ["lamp.png"],
}


@pytest.mark.parametrize("command", BARS)
def test_each_transfer_is_drawn(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tell(one: Asked) -> Told:
        if one.path.endswith(".png"):
            return Told(FILE, headers={"Content-Type": "image/png"})
        content = one.body if one.headers.get("Content-Type") == "application/json" else b""
        request = httpx.Request(one.method, f"{server.base_url}{one.path}", content=content)
        return Told(body_of(request, server.base_url), 201 if one.method == "POST" else 200)

    monkeypatch.chdir(tmp_path)
    Path("lamp.png").write_bytes(FILE)
    with answering(tell) as server:
        done = run_here(
            *command.split(),
            terminal=True,
            out=Stream(is_terminal=False),
            TERM="xterm",
            RUNFLOW_BASE_URL=server.base_url,
            RUNFLOW_API_KEY="rf_live_x",
        )
    assert done.code == 0, done.err
    labels = {label for labels in BARS.values() for label in labels}
    assert {label for label in labels if f"{label} " in done.err} == {*BARS[command]}
