"""`runflow estimate MODEL`: what a run would cost, from the catalog on disk."""

from typing import Annotated

import typer

from ... import estimate as estimate_cost
from ..shared.command import command, new_app, terminal_of
from ..shared.model_options import ModelCommand, read_input
from ..shared.options import InputFile, Model
from ..shared.prices import explain

app = new_app("Say what a run would cost. Nothing is sent.")


@command(
    app,
    'runflow estimate google/nano-banana-pro --prompt "A cathedral" --num-images 4',
    "runflow estimate google/veo3.1 --duration 8s --json",
    cls=ModelCommand,
)
def estimate(
    ctx: typer.Context,
    model: Model,
    given: Annotated[
        list[str] | None,
        typer.Option("-i", metavar="KEY=VALUE", help="One field of the input."),
    ] = None,
    input_file: InputFile = None,
) -> None:
    """Say what a run of this input would cost. Nothing is sent, and no key is needed."""
    values = read_input(ctx, model, given or (), input_file, unchecked=True)
    found = estimate_cost(model, values)
    unknown = "" if found.amount is not None else "not known: "
    terminal_of(ctx).result(
        {
            "model": model,
            "amount": found.amount,
            "at_least": found.at_least,
            "basis": found.basis or None,
            "reason": found.reason or None,
        },
        [unknown + explain(found)],
    )
