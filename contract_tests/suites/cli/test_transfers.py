"""The bar of a transfer ends with it, however it ends."""

import os
import pty
from collections.abc import Iterator
from contextlib import redirect_stderr
from typing import TextIO

import pytest
from runflow_client.cli.shared.terminal import Terminal
from runflow_client.cli.shared.waiting import transfer

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
