"""Runs the `main` of a command in this process, which is faster than a process of its own."""

import io
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout

import pytest
from attrs import frozen


@frozen
class Ended:
    """How a command ended and what it printed."""

    returncode: int
    stdout: str
    stderr: str


def run_main(main: Callable[[list[str]], int], *arguments: str, key: str) -> Ended:
    """Run `main` with these arguments and this key in the environment."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        patch.setenv("RUNFLOW_API_KEY", key)
        try:
            code = main(list(arguments))
        except SystemExit as ended:  # argparse refuses an argument
            code = int(ended.code or 0)
    return Ended(code, output.getvalue(), errors.getvalue())
