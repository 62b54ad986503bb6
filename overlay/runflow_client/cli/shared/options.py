"""Options and arguments that several commands have."""

from typing import Annotated, Final, TypeAlias

import typer

from ..._validation import MAX_SECONDS
from .catalog import model_ids
from .refusals import Refused


def finite(value: float | None) -> float | None:
    """Refuse what no wait takes, nan and inf too: the commands create first, and wait then."""
    if value is not None and not abs(value) <= MAX_SECONDS:
        raise typer.BadParameter(f"{value} is not a number of at most {MAX_SECONDS:,.0f}")
    return value


def check_detached(ctx: typer.Context, *, detach: bool) -> None:
    """Refuse --timeout beside --detach, which waits for nothing. Raises Refused."""
    source = ctx.get_parameter_source("timeout")
    if detach and source is not None and source.name != "DEFAULT":
        raise Refused("--detach does not wait, so there is nothing that --timeout could limit")


_MODEL: Final = "owner/name, as `runflow models list` shows it."
Model: TypeAlias = Annotated[
    str, typer.Argument(autocompletion=model_ids, metavar="MODEL", help=_MODEL)
]
InputFile: TypeAlias = Annotated[
    str | None, typer.Option("--input", metavar="FILE", help="The input as JSON; - for a pipe.")
]
Timeout: TypeAlias = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="How long to wait for the end; 0 for no limit.",
        min=0,
        callback=finite,
    ),
]
WholeTimeout: TypeAlias = Annotated[
    float,
    typer.Option(
        metavar="SECONDS",
        help="How long create and wait may take together; 0 for no limit. Not with --detach.",
        min=0,
        callback=finite,
    ),
]
Detach: TypeAlias = Annotated[bool, typer.Option("--detach", help="Do not wait: print the id.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about the price.")]
Overwrite: TypeAlias = Annotated[bool, typer.Option("--overwrite", help="Replace files.")]
