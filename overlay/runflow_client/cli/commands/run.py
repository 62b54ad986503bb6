"""`runflow run MODEL`: the price, the run, the wait, the files."""

import shlex
from contextlib import ExitStack
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Final
from uuid import uuid4

import typer

from ..._estimate import check_model_id
from ..._progress import status_of
from ...errors import RunflowError
from ..shared.catalog import find
from ..shared.command import command, new_app, terminal_of
from ..shared.model_options import ModelCommand, read_input
from ..shared.options import (
    Detach,
    InputFile,
    Model,
    Overwrite,
    Yes,
    check_detached,
    finite,
)
from ..shared.prices import confirm, explain
from ..shared.refusals import Interrupted, Refused
from ..shared.saving import check_output, save
from ..shared.session import connect
from ..shared.terminal import Terminal, dollars
from ..shared.values import read_document, read_money, read_url
from ..shared.waiting import Update, continuing, transfer, wait, watching

if TYPE_CHECKING:
    from ... import Run, Runflow

ASK_ABOVE: Final = Decimal("1.00")
"""US dollars. What costs more, or an unknown amount, is asked about before it is sent."""

COMMAND_REF: Final = "runflow-cli-"
"""Begins the client_ref of a run that was given none."""

app = new_app("Run a model, wait, save what it made.")


@command(
    app,
    'runflow run google/nano-banana-pro --prompt "A cathedral" --resolution 2K -o cathedral.png',
    'runflow run google/nano-banana-pro/edit --prompt "At dusk" --image-urls ./photo.jpg -o out/',
    "runflow run acme/newer -i prompt=Hello -i image_url=@photo.jpg --max-cost 0.50",
    'echo \'{"prompt": "Hello"}\' | runflow run google/nano-banana-pro - --json',
    "runflow run google/nano-banana-pro --help      the fields of that model",
    cls=ModelCommand,
)
def run(
    ctx: typer.Context,
    model: Model,
    source: Annotated[
        str | None, typer.Argument(metavar="[-]", help="-: the input is JSON on standard input.")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("-i", metavar="KEY=VALUE", help="One field; @path is a local file."),
    ] = None,
    input_file: InputFile = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Send the input even if the catalog refuses it.")
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="PATH", help="Save to this file, folder/, or - for stdout."
        ),
    ] = None,
    overwrite: Overwrite = False,
    max_cost: Annotated[
        str | None, typer.Option(metavar="USD", help="Refuse a run that may cost more.")
    ] = None,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            help="How long upload, create and wait may take together; 0 for no limit. "
            "Not with --detach.",
            min=0,
            callback=finite,
        ),
    ] = 600,
    detach: Detach = False,
    callback_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where Runflow posts the ended run.")
    ] = None,
    client_ref: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Your own reference for the run.")
    ] = None,
    metadata: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON that comes back with the run.")
    ] = None,
    yes: Yes = False,
    show: Annotated[bool, typer.Option("--show", help="Show pictures in the terminal.")] = False,
) -> None:
    """Run a model, wait until it has ended, and save or print what it made.

    Without -o the URLs of the outputs are printed. Ctrl-C leaves the run running.
    """
    terminal = terminal_of(ctx)
    check_model_id(model)
    values = read_input(
        ctx, model, given or (), _one_source(source, input_file), unchecked=unchecked
    )
    if detach and (output is not None or show):
        raise Refused("--detach does not wait, so there is nothing to save or show")
    check_detached(ctx, detach=detach)
    check_output(output, overwrite=overwrite, json=terminal.json)
    options: dict[str, Any] = {
        "callback_url": read_url("--callback-url", callback_url),
        "client_ref": client_ref or f"{COMMAND_REF}{uuid4()}",
        "metadata": None if metadata is None else read_document(metadata),
        "max_cost": read_money("--max-cost", max_cost),
    }
    with connect() as client:
        _say_price(terminal, client, model, values, asks=not yes and max_cost is None)
        page = find(model)
        asked = (
            (model, values)
            if page is None
            else (page.input_class.from_input(values, strict=not unchecked),)
        )
        if detach:
            handle = _submit(terminal, client, asked, options)
            terminal.result(
                {"run": handle.run.raw if handle.run else {"id": handle.id}}, [handle.id]
            )
            return
        options["timeout"] = timeout or None
        ended = _run(terminal, client, asked, options, _saving(output))
        finish(terminal, ended, output, overwrite=overwrite, show=show)


def wait_and_finish(
    terminal: Terminal, handle: Any, timeout: float, output: str | None, *, overwrite: bool
) -> None:
    """Wait for the run, save its outputs, and print what there is to print."""
    ended: Run = wait(terminal, "run", handle, timeout, _saving(output))
    finish(terminal, ended, output, overwrite=overwrite)


def finish(
    terminal: Terminal, ended: "Run", output: str | None, *, overwrite: bool, show: bool = False
) -> None:
    """Save the outputs of the ended run, and print what there is to print."""
    files = [] if output is None else _save(terminal, ended, output, overwrite=overwrite)
    if show:
        from ..shared.pictures import show_pictures

        show_pictures(terminal, ended)
    urls = [] if output is not None else [artifact.url for artifact in ended.outputs]
    terminal.result({"run": ended.raw, "files": files}, files or urls)
    terminal.note(cost_of(ended))
    if output is not None and not ended.outputs:
        terminal.note("It made no outputs: nothing was saved.")


def _saving(output: str | None) -> str:
    """Return the option with which a later command saves to the same place."""
    return "" if output in (None, "-") else f" -o {shlex.quote(str(output))}"


def _save(terminal: Terminal, ended: "Run", output: str, *, overwrite: bool) -> list[str]:
    """Save the outputs; whatever hinders it, the run is paid and its outputs can still be had."""
    again = f"The run has ended. Save what it made: runflow runs save {ended.id}{_saving(output)}"
    try:
        return save(terminal, ended, output, overwrite=overwrite)
    except KeyboardInterrupt as interruption:
        raise Interrupted("interrupted while the outputs were saved", again) from interruption
    except (RunflowError, OSError) as error:
        if not isinstance(error, BrokenPipeError):
            error.add_note(again)
        raise


def cost_of(ended: "Run") -> str:
    """Return what it cost and how long it took, in words."""
    told = [f"Run {ended.id} {status_of(ended)}"]
    told += [] if ended.cost is None else [dollars(ended.cost)]
    told += [] if ended.duration_ms is None else [f"{ended.duration_ms / 1000:.1f} s"]
    if ended.is_partial:
        told.append("only some of the outputs were made")
    return ", ".join(told)


def _one_source(source: str | None, input_file: str | None) -> str | None:
    if source not in (None, "-"):
        raise Refused(
            f"{source!r} is one argument too many",
            "Fields are options: --prompt TEXT, or -i key=value; quote text that has spaces.",
        )
    if source is not None and input_file is not None:
        raise Refused("the input is given twice, by - and by --input")
    return source or input_file


def _say_price(
    terminal: Terminal, client: "Runflow", model: str, values: dict[str, Any], *, asks: bool
) -> None:
    """Say what the run will cost; ask where that is much or not known."""
    found = client.estimate(model, values)
    if found.amount is not None:
        terminal.note(f"Costs {explain(found)}")
    else:
        terminal.note(f"What it costs is not known before: {explain(found)}")
    if asks and (found.amount is None or found.amount > ASK_ABOVE):
        confirm(terminal, found.amount, "Run it?")


def _run(
    terminal: Terminal,
    client: "Runflow",
    asked: tuple[Any, ...],
    options: dict[str, Any],
    saving: str,
) -> "Run":
    """Create the run and wait for its end, with the bar of the uploads and then its progress."""
    seen: list[str] = []
    draw: list[Update] = []

    def update(state: "Run") -> None:
        if not seen:
            seen.append(state.id)
            shown.close()
            draw.append(shown.enter_context(watching(terminal)))
        draw[0](state)

    with (
        continuing("run", lambda: seen[0] if seen else None, saving),
        ExitStack() as shown,
    ):
        options["upload_progress"] = shown.enter_context(transfer(terminal, "upload"))
        return client.run(*asked, on_update=update, **options)


def _submit(
    terminal: Terminal, client: "Runflow", asked: tuple[Any, ...], options: dict[str, Any]
) -> Any:
    with transfer(terminal, "upload") as progress:
        return client.submit(*asked, upload_progress=progress, **options)
