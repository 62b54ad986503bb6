"""The commands of `runflow`, each in a module of its own."""

import sys
from typing import Annotated, Any, Final

import typer

from . import commands
from .shared.command import examples, lazy_group, new_app
from .shared.exit_codes import MEANINGS

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "run": (".run", "Run a model, wait, save what it made."),
    "estimate": (".estimate", "Say what a run would cost. Nothing is sent."),
    "models": (".models", "The catalog: list, search, show."),
    "workflows": (".workflows", "ComfyUI workflows: list, get."),
    "runs": (".runs", "Runs that exist: list, get, wait, logs, save, open."),
    "batches": (".batches", "Many runs of one model: create, list, get, wait, items."),
    "bulk": (".bulk", "Thousands of runs, each paid once, with a journal."),
    "assets": (".assets", "Uploaded files: upload, list, get, delete."),
    "evaluations": (".evaluations", "Judged pictures: create, list, get, wait."),
    "callbacks": (
        ".callbacks",
        "Verify, receive, look up, redeliver and reconcile callbacks.",
    ),
    "secrets": (".secrets", "The secrets that sign callbacks: list, create, rotate."),
    "balance": (".balance", "Show the credit balance in US dollars."),
    "whoami": (".whoami", "Show whose key is used, and where it was found."),
    "login": (".login", "Get an API key in the browser and store it."),
    "api": (".operations", "Call any operation of the API's document."),
    "mock": (".mock", "Serve a mock of the API on this machine (runflow-mock)."),
}

_CODES: Final = "\n".join(f"  {int(code):>3}  {meaning}" for code, meaning in MEANINGS.items())
_EPILOG: Final = (
    examples(
        'runflow run google/nano-banana-pro --prompt "A cathedral" -o cathedral.png',
        "runflow run google/nano-banana-pro --help",
        "runflow models search video",
        "runflow runs list --status failed",
    )
    + "\n\n\b\nExit codes:\n"
    + _CODES
)

app: Final = new_app(
    "Run image, video and audio models of Runflow.",
    cls=lazy_group(COMMANDS, commands.__name__),
    epilog=_EPILOG,
    add_completion=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(value: bool) -> None:
    if not value:
        return
    from importlib.metadata import entry_points, version

    print(f"runflow-client {version('runflow-client')}, Python {sys.version.split()[0]}")
    others = [
        script.dist.name
        for script in entry_points(group="console_scripts", name="runflow")
        if script.dist is not None and script.dist.name != "runflow-client"
    ]
    if others:
        print(
            f"The package {others[0]}, which is another project, brings a command runflow too: "
            "python -m runflow_client.cli is always this one.",
            file=sys.stderr,
        )
    raise typer.Exit


@app.callback()
def runflow(
    ctx: typer.Context,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> Any:
    """Run image, video and audio models of Runflow."""
