"""Options and arguments that several commands have."""

from typing import Annotated, Final, TypeAlias

import typer

from .model_options import complete_model

_MODEL: Final = "owner/name, as `runflow models list` shows it."
Model: TypeAlias = Annotated[
    str, typer.Argument(autocompletion=complete_model, metavar="MODEL", help=_MODEL)
]
InputFile: TypeAlias = Annotated[
    str | None, typer.Option("--input", metavar="FILE", help="The input as JSON; - for a pipe.")
]
Timeout: TypeAlias = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long to wait; 0 for no limit.", min=0)
]
Detach: TypeAlias = Annotated[bool, typer.Option("--detach", help="Do not wait: print the id.")]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about the price.")]
Overwrite: TypeAlias = Annotated[bool, typer.Option("--overwrite", help="Replace files.")]
