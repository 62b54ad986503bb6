"""Write the page of the docs that names each command with its arguments and options."""

from collections.abc import Iterator
from textwrap import fill
from typing import Any, Final

from runflow_client.cli.tree import app
from typer.main import get_command

OF_ALL: Final = {"--json", "--quiet", "--debug", "--help"}
BAR: Final = r"\|"
"""What stands for | in a cell."""
OPENING: Final = """# Options of the command line

What each command of [`runflow`](command-line.md) takes. `--help` shows it, too, with examples.

Every command has `--json` (print one JSON document on stdout, failures included), `--quiet` (print
nothing but the result), `--debug` (show the traceback of a failure) and `--help` or `-h`. The
fields of a model are options of `run` and `estimate` besides: `runflow run MODEL --help` lists
them.
"""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give each command that is no group, with its name."""
    if not hasattr(command, "load"):
        yield " ".join(path), command
        return
    for name in command.list_commands(None):
        yield from leaves(command.load(None, name), (*path, name))


def _row(option: Any) -> str:
    kind = type(option.type).__name__.lower()
    numbers = {"int": "a whole number", "float": "a number"}
    facts = [told for one, told in numbers.items() if one in kind]
    bounds = {"from": getattr(option.type, "min", None), "to": getattr(option.type, "max", None)}
    facts += [f"{word} {bound}" for word, bound in bounds.items() if bound is not None]
    takes = [" ".join(facts)] if facts else []
    takes += ["needed"] if option.required else []
    takes += ["several"] if getattr(option, "multiple", False) or option.nargs != 1 else []
    is_told = isinstance(option.default, str | int | float) and option.default is not False
    takes += [f"default {option.default}".replace("default True", "default")] if is_told else []
    shown = option.metavar or ("N" if facts else "TEXT")
    value = "" if getattr(option, "is_flag", False) else shown
    names = ", ".join((*option.opts, *option.secondary_opts))
    name = value if option.param_type_name == "argument" else f"{names} {value}".rstrip()
    cells = [f"`{name}`", ", ".join(takes), " ".join((option.help or "").split())]
    return f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def page() -> Iterator[str]:
    """Give the lines of the page."""
    yield OPENING
    whole = get_command(app)
    for name, command in (("", whole), *leaves(whole)):
        yield f"## {f'runflow {name}'.rstrip()}\n"
        for paragraph in (command.help or "").split("\n\n"):
            yield f"{fill(' '.join(paragraph.split()), 100)}\n"
        rows = [_row(one) for one in command.params if not OF_ALL.intersection(one.opts)]
        if rows:
            yield from ("| argument or option | takes | |", "| --- | --- | --- |", *rows, "")
