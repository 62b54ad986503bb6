"""`runflow runs`: runs that exist already."""

from typing import Annotated, Any, TypeAlias

import typer

from ... import Run
from ..._flows.client_refs import MADE_UP_REF
from ..._progress import status_of
from ..shared.browser import open_page
from ..shared.command import command, new_app, terminal_of
from ..shared.listing import (
    Filter,
    Limit,
    first,
    joined,
    newest,
    plain,
    read_moment,
)
from ..shared.options import Overwrite, Timeout
from ..shared.refusals import Refused
from ..shared.saving import check_output, save as save_outputs
from ..shared.session import connect, connect_briefly
from .run import COMMAND_REF, cost_of, wait_and_finish

app = new_app("Runs that exist: list, get, wait, logs, save, open.")


def complete_run() -> list[tuple[str, str]]:
    """Return the ids of the newest runs; none without a key or an answer."""
    try:
        with connect_briefly() as client:
            page = client.runs.page(sort_by="created_at:desc", page_size=50)
        return [(run.id, status_of(run)) for run in page.items]
    except Exception:  # completion says nothing rather than disturb the prompt
        return []


RunId: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="RUN_ID", autocompletion=complete_run, help="As `runflow runs list` shows it."
    ),
]
Output: TypeAlias = Annotated[
    str, typer.Option("--output", "-o", metavar="PATH", help="A file, folder/, or - for stdout.")
]


@command(
    app,
    "runflow runs list --status failed --since 2h",
    "runflow runs list --client-ref order-7 --json",
    name="list",
)
def list_runs(
    ctx: typer.Context,
    status: Annotated[str | None, typer.Option(help="Such as succeeded, failed, running.")] = None,
    client_ref: Annotated[str | None, typer.Option(help="Your own reference.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Created after: 30m, 2h, 7d, or a date.")
    ] = None,
    expression: Filter = None,
    limit: Limit = 20,
) -> None:
    """List runs, the newest first."""
    moment = None if since is None else read_moment(since)
    filters = {"status": status, "client_ref": client_ref, "created_after": moment}
    with connect() as client:
        runs = newest(client.runs.list, expression, limit, **filters)
    terminal_of(ctx).table(
        {"runs": [run.raw for run in runs]},
        ("RUN", "STATUS", "CREATED", "USD", "CLIENT REF"),
        ((run.id, run.status, run.created_at, run.cost, _own_ref(run)) for run in runs),
    )


@command(app, "runflow runs get 0198...", "runflow runs get 0198... --json")
def get(ctx: typer.Context, run_id: RunId) -> None:
    """Show a run."""
    with connect() as client:
        run = client.runs.get(run_id)
    terminal_of(ctx).result({"run": run.raw}, _lines(run))


@command(app, "runflow runs wait 0198... -o picture.png")
def wait(
    ctx: typer.Context,
    run_id: RunId,
    output: Annotated[
        str | None,
        typer.Option("--output", "-o", metavar="PATH", help="Save to this file, folder/, or -."),
    ] = None,
    overwrite: Overwrite = False,
    timeout: Timeout = 600,
) -> None:
    """Wait until a run has ended, and save or print what it made."""
    terminal = terminal_of(ctx)
    check_output(output, overwrite=overwrite, json=terminal.json)
    with connect() as client:
        wait_and_finish(terminal, client.runs.attach(run_id), timeout, output, overwrite=overwrite)


@command(app, "runflow runs logs 0198...")
def logs(ctx: typer.Context, run_id: RunId, limit: Limit = 1000) -> None:
    """Print the log lines of a run."""
    with connect() as client:
        lines = first(client.runs.logs, limit, run_id)
    terminal_of(ctx).result(
        {"logs": lines},
        (
            joined(plain(line.timestamp), plain(line.level_code), plain(line.message))
            for line in lines
        ),
    )


@command(app, "runflow runs save 0198... -o out/")
def save(
    ctx: typer.Context,
    run_id: RunId,
    output: Output = "./",
    overwrite: Overwrite = False,
) -> None:
    """Save what a run made."""
    terminal = terminal_of(ctx)
    check_output(output, overwrite=overwrite, json=terminal.json)
    with connect() as client:
        run = client.runs.get(run_id)
        _require_outputs(run)
        files = save_outputs(terminal, run, output, overwrite=overwrite)
    terminal.result({"run": run.raw, "files": files}, files)


@command(app, "runflow runs open 0198...", name="open")
def open_outputs(ctx: typer.Context, run_id: RunId) -> None:
    """Open what a run made in the browser, and print the URLs."""
    with connect() as client:
        run = client.runs.get(run_id)
    _require_outputs(run)
    urls = [artifact.url for artifact in run.outputs]
    terminal = terminal_of(ctx)
    for url in urls:
        if url.startswith(("https:", "http:")) and not open_page(url):
            terminal.note("No browser could be opened.")
            break
    terminal.result({"run": run.raw, "urls": urls}, urls)


def _require_outputs(run: Run) -> None:
    if not run.outputs:
        raise Refused(f"run {run.id} is {status_of(run)} and has no outputs")


def _own_ref(run: Run) -> str | None:
    """Return the client_ref, unless the client or this command made it up."""
    ref = run.client_ref
    return None if ref is None or ref.startswith((MADE_UP_REF, COMMAND_REF)) else ref


def _lines(run: Run) -> list[str]:
    facts: dict[str, Any] = {
        "status": run.status,
        "client ref": run.client_ref,
        "created": run.created_at,
        "completed": run.completed_at,
        "nodes": None if not run.nodes_total else f"{run.nodes_completed or 0}/{run.nodes_total}",
        "failure": ": ".join(filter(None, (run.failure_code, run.failure_message))) or None,
    }
    shown = [f"{name:<11}{value}" for name, value in facts.items() if value is not None]
    return [cost_of(run), *shown, *(artifact.url for artifact in run.outputs)]
