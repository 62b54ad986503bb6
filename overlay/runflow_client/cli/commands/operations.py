"""`runflow api OPERATION`: any operation of the API's document."""

import inspect
import json
import pkgutil
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any, get_args, get_type_hints

import typer
from runflow_api import api as all_operations

from ..shared.command import command, new_app, suggestion, terminal_of
from ..shared.refusals import Refused
from ..shared.session import connect
from ..shared.terminal import dump
from ..shared.values import read_document, read_pairs

app = new_app("Call any operation of the API's document.")


def operations() -> dict[str, str]:
    """Return the module of each operation, by the operation's name."""
    return {
        module.name: f"{all_operations.__name__}.{tag.name}.{module.name}"
        for tag in pkgutil.iter_modules(all_operations.__path__)
        for module in pkgutil.iter_modules(
            [f"{path}/{tag.name}" for path in all_operations.__path__]
        )
    }


def complete_operation() -> list[str]:
    """Return the names of the operations."""
    return sorted(operations())


@command(
    app,
    "runflow api --list",
    "runflow api list_runs limit=3 sort_by=created_at:desc",
    "runflow api get_model owner=google id=nano-banana-pro",
    "runflow api create_webhook --body webhook.json",
    name="api",
)
def call(
    ctx: typer.Context,
    operation: Annotated[
        str | None, typer.Argument(metavar="OPERATION", autocompletion=complete_operation)
    ] = None,
    arguments: Annotated[list[str] | None, typer.Argument(metavar="[NAME=VALUE]...")] = None,
    body: Annotated[
        str | None, typer.Option(metavar="FILE", help="The body as JSON; - for a pipe.")
    ] = None,
    list_all: Annotated[bool, typer.Option("--list", help="List the operations.")] = False,
) -> None:
    """Call any operation of the API's document and print the answer as it came.

    A POST is sent as it is: what it costs is not asked about.
    """
    known = operations()
    terminal = terminal_of(ctx)
    if list_all:
        terminal.result(
            {"operations": sorted(known)},
            terminal.prose(_usage(name, known[name]) for name in sorted(known)),
        )
        return
    if operation is None:
        raise Refused("name an operation", "runflow api --list lists them.")
    if operation not in known:
        raise Refused(
            f"the document has no operation {operation!r}.{suggestion(operation, list(known))}",
            "runflow api --list lists them.",
        )
    request = _request(operation, import_module(known[operation]), arguments or (), body)
    with connect() as client:
        response = client.api.send(request)
    try:
        document = json.loads(response.text) if response.content else None
        shown = dump(document)
    except (ValueError, RecursionError):  # the one reads deeper than the other writes
        document = response.text
        shown = dump(document)
    terminal.result(document, [] if document is None else [shown])


def _usage(name: str, module: str) -> str:
    """Return the operation with its arguments."""
    parameters = inspect.signature(import_module(module).build_request).parameters.values()
    shown = [
        f"{one.name}=" if one.default is one.empty else f"[{one.name}=]"
        for one in parameters
        if one.name != "body"
    ]
    has_body = any(one.name == "body" for one in parameters)
    return " ".join([name, *shown, *(["--body FILE"] if has_body else [])])


def _request(operation: str, module: Any, given: Sequence[str], body: str | None) -> Any:
    """Return the request of these arguments. Raises Refused for what it does not take."""
    parameters = inspect.signature(module.build_request).parameters
    arguments: dict[str, Any] = {}
    known = [name for name in parameters if name != "body"]
    for name, texts in read_pairs(given, place="").items():
        if name not in known:
            raise Refused(
                f"{operation} takes no {name!r}.{suggestion(name, known)}",
                f"It takes: {_usage(operation, module.__name__)}",
            )
        if len(texts) > 1:
            raise Refused(f"{name} is given {len(texts)} times")
        arguments[name] = texts[0]
    if body is not None:
        if "body" not in parameters:
            raise Refused(f"{operation} takes no body")
        arguments["body"] = _body(module, read_document(body))
    missing = [
        "--body" if name == "body" else name
        for name, one in parameters.items()
        if one.default is one.empty and name not in arguments
    ]
    if missing:
        raise Refused(
            f"{operation} needs {', '.join(missing)}",
            f"It takes: {_usage(operation, module.__name__)}",
        )
    try:
        return module.build_request(**arguments)
    except (ValueError, TypeError) as error:
        raise Refused(f"{operation} cannot take these arguments: {error}") from None


def _body(module: Any, document: dict[str, Any]) -> Any:
    """Return the document as the schema class of the operation's body."""
    hint = get_type_hints(module.build_request)["body"]
    classes = [one for one in (hint, *get_args(hint)) if hasattr(one, "from_dict")]
    try:
        return classes[0].from_dict(document) if classes else document
    except ValueError as error:
        raise Refused(f"the body cannot be right: {error}") from None
