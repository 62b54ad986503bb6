"""`runflow workflows`: ComfyUI workflows."""

from typing import Annotated

import typer

from ..shared.command import command, new_app, terminal_of
from ..shared.listing import plain
from ..shared.session import connect

app = new_app("ComfyUI workflows: list, get. runflow run comfyui-workflows/OWNER/NAME runs one.")


@command(
    app, "runflow workflows list", "runflow workflows list -q \"slug.EQ:'poster'\"", name="list"
)
def list_workflows(
    ctx: typer.Context,
    query: Annotated[
        str | None, typer.Option("-q", metavar="FILTER", help="A filter of the API.")
    ] = None,
) -> None:
    """List the workflows that the key may see."""
    with connect() as client:
        found = list(client.workflows.list(q=query))
    terminal_of(ctx).table(
        {"workflows": found},
        ("WORKFLOW", "NAME", "ID"),
        ((plain(one.slug), plain(one.name), plain(one.id)) for one in found),
    )


@command(app, "runflow workflows get acme/poster")
def get(ctx: typer.Context, workflow: Annotated[str, typer.Argument(metavar="OWNER/NAME")]) -> None:
    """Show one workflow, with every field of the answer."""
    with connect() as client:
        found = client.workflows.get(workflow)
    lines = [f"{name}: {value}" for name, value in found.to_dict().items() if value is not None]
    terminal_of(ctx).result({"workflow": found}, lines)
