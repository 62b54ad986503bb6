"""The command in this process: with streams and an environment of its own."""

import io
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

import pytest
from runflow_client.cli.main import main

from .conftest import Done


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Have these variables, and none of Runflow's besides."""
    before = dict(os.environ)
    for name in [name for name in before if name.startswith("RUNFLOW_")]:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def interruptible() -> Iterator[None]:
    """Have Ctrl-C raise KeyboardInterrupt, which programs in the background inherit otherwise."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Stream(io.TextIOWrapper):
    """A stream of a process: a pipe, or that of a terminal. What is `kept` waits for a flush."""

    def __init__(self, content: str = "", *, is_terminal: bool, kept: bool = False) -> None:
        self._content = io.BytesIO(content.encode())
        self._is_terminal = is_terminal
        super().__init__(self._content, encoding="utf-8", newline="", write_through=not kept)

    def isatty(self) -> bool:
        """Say which of both it is."""
        return self._is_terminal

    @property
    def text(self) -> str:
        """What has arrived."""
        return self.content.decode(errors="replace")

    @property
    def content(self) -> bytes:
        """What has arrived, as it is."""
        return self._content.getvalue()


def run_here(
    *arguments: str,
    typed: str = "",
    terminal: bool = False,
    out: Stream | None = None,
    err: Stream | None = None,
    **variables: str,
) -> Done:
    """Run the command here, in pipes or in a terminal; `out` and `err` take what it says."""
    out = out or Stream(is_terminal=terminal, kept=not terminal)
    err = err or Stream(is_terminal=terminal)
    usual = {"PATH": "", "TERM": "dumb", "COLUMNS": "120", "LINES": "40"}
    with (
        environment(**{**usual, **variables}),
        redirect_stdout(out),
        redirect_stderr(err),
        interruptible(),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "stdin", Stream(typed, is_terminal=terminal))
        patch.setattr(logging.root, "handlers", [])  # pytest's: what is logged is on stderr then
        try:
            code = main(arguments)
        except SystemExit as ended:  # so ends what completes a line in a shell
            code = int(ended.code or 0)
            out.flush()
    return Done(int(code), out.text, err.text)
