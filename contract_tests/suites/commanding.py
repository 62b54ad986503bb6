"""Runs a command, or its parser, in this process: it is faster than a process of its own."""

import argparse
import io
from collections.abc import Callable, Iterator, Sequence
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


def help_of(parser: argparse.ArgumentParser) -> Iterator[str]:
    """Yield what `--help` says, the same in each version of Python: a line for each option."""
    yield f"{parser.prog}: {' '.join((parser.description or '').split())}"
    for action in parser._actions[1:]:
        said = (action.help or "no help") % {**vars(action), "prog": parser.prog}
        yield f"    {' '.join(action.option_strings)} {action.metavar or ''}: {said}"
    yield f"    {parser.epilog}"


def parsed(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace | str:
    """Return what the arguments become, or the last line of the refusal."""
    errors = io.StringIO()
    with redirect_stderr(errors):
        try:
            return parser.parse_args(list(arguments))
        except SystemExit as ended:
            last = errors.getvalue().splitlines()[-1].partition(" (choose")[0]
            return f"ends with {ended.code}: {last}"
