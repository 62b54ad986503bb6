"""Write down each command with its arguments and options: names, kinds, bounds and defaults."""

from collections.abc import Iterator
from typing import Any

from runflow_client.cli.tree import app
from typer.main import get_command

OF_ALL = {"--json", "--quiet", "--debug", "--help"}


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Give each command that is no group, with its name."""
    if not hasattr(command, "load"):
        yield " ".join(path), command
        return
    for name in command.list_commands(None):
        yield from leaves(command.load(None, name), (*path, name))


def _told(option: Any) -> str:
    names = "/".join(("|".join(option.opts), *option.secondary_opts))
    kind = type(option.type).__name__.lower()
    facts = [one for one in ("bool", "float", "int") if one in kind] or ["text"]
    for bound in ("min", "max"):
        if (limit := getattr(option.type, bound, None)) is not None:
            facts.append(f"{bound} {limit}")
    facts += ["required"] if option.required else []
    facts += ["several"] if getattr(option, "multiple", False) or option.nargs != 1 else []
    facts += [repr(option.default)] if isinstance(option.default, str | int | float) else []
    return f"{names} ({', '.join(facts)})"


def lines() -> Iterator[str]:
    """Give the list."""
    for name, command in leaves(get_command(app)):
        yield f"{name}:"
        for option in command.params:
            if not OF_ALL.intersection(option.opts):
                yield f"    {_told(option)}"
