"""`runflow mock`: the mock server, which is the command runflow-mock."""

from importlib import import_module
from typing import Annotated

import typer

from ..shared.command import command, new_app
from ..shared.refusals import Refused

app = new_app("Serve a mock of the API on this machine.")


@command(app, "runflow mock", "runflow mock -- --port 0 --speed 60", "runflow mock -- --help")
def mock(
    options: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- OPTIONS]", help="Such as -- --speed 60; see runflow-mock --help."
        ),
    ] = None,
) -> None:
    """Serve a mock of the API on this machine: no key, no network, no money.

    What follows -- goes to runflow-mock. It prints text, also with --json.
    """
    try:
        serve = import_module("runflow_mock.__main__").main
    except ModuleNotFoundError:
        raise Refused(
            "the mock server needs an extra", 'Run: pip install "runflow-client[mock]"'
        ) from None
    raise typer.Exit(serve(options or []))
