"""The reference: every public name, from its docstring."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final

import runflow_api.api
from attrs import frozen
from runflow_api.types import Operation

SOURCES = ("overlay", "generated", "contract_tests")

_CLIENTS = (
    "Runflow",
    "AsyncRunflow",
    "runs",
    "batches",
    "evaluations",
    "models",
    "account",
    "assets",
    "callbacks",
    "secrets",
)
_RESULTS = (
    "Run",
    "AsyncRun",
    "RunHandle",
    "AsyncRunHandle",
    "Handle",
    "AsyncHandle",
    "Artifact",
    "AsyncArtifact",
    "Asset",
    "Batch",
    "AsyncBatch",
    "BatchItem",
    "AsyncBatchItem",
    "Evaluation",
    "CallbackSecret",
    "NewCallbackSecret",
    "Page",
)
_RESOURCES = (
    "runs.Runs",
    "batches.Batches",
    "evaluations.Evaluations",
    "models.Models",
    "account.Account",
    "assets.Assets",
    "callbacks.Callbacks",
    "callbacks.CallbackSecrets",
)


@frozen
class ReferencePage:
    """One page: its title, what it is about, and the full names on it."""

    title: str
    lead: str
    names: Sequence[str]


def reference_pages() -> dict[str, ReferencePage]:
    """Return the pages by their path in the site."""
    import runflow_client

    client = [name for name in dir(runflow_client) if name[0].isupper() or name == "estimate"]
    errors = [name for name in client if _is_error(getattr(runflow_client, name))]
    rest = [name for name in client if name not in (*errors, *_CLIENTS, *_RESULTS)]
    return {
        "reference/client.md": ReferencePage(
            "The clients",
            "`Runflow` is the synchronous client, `AsyncRunflow` the asynchronous one.",
            _named("runflow_client", ["Runflow", "AsyncRunflow"]),
        ),
        "reference/resources.md": ReferencePage(
            "What a client has",
            "`client.runs`, `client.batches` and the others. Those of `AsyncRunflow` have the same "
            "methods, to be awaited.",
            [f"runflow_client._sync.{name}" for name in _RESOURCES],
        ),
        "reference/results.md": ReferencePage(
            "Runs, handles and files",
            "What the clients give back.",
            _named("runflow_client", _RESULTS),
        ),
        "reference/settings.md": ReferencePage(
            "Inputs, prices and settings",
            "What goes into a client and a run. The inputs of each model are on the page of the "
            "[model](../models/index.md).",
            _named("runflow_client", rest),
        ),
        "reference/errors.md": ReferencePage(
            "Errors",
            "Every exception of this package, by its name in `runflow_client.errors`.",
            _named("runflow_client", errors),
        ),
        "reference/callbacks.md": ReferencePage(
            "Callbacks",
            "`runflow_client.callbacks` and its adapters.",
            [
                *_own("runflow_client.callbacks"),
                *_own("runflow_client.callbacks.asgi"),
                *_own("runflow_client.callbacks.wsgi"),
                *_own("runflow_client.callbacks.starlette"),
                *_own("runflow_client.callbacks.flask"),
                *_own("runflow_client.callbacks.django"),
            ],
        ),
        "reference/inbox.md": ReferencePage(
            "The inbox",
            "`runflow_client.callbacks.inbox` stores events and hands them to a handler.",
            _own("runflow_client.callbacks.inbox"),
        ),
        "reference/testing.md": ReferencePage(
            "Testing",
            "`runflow_client.testing` and the mock server, `runflow_mock`.",
            [*_own("runflow_client.testing"), *_own("runflow_mock")],
        ),
        "reference/conformance.md": ReferencePage(
            "Conformance",
            "`runflow_conformance` compares a deployment with the document.",
            _own("runflow_conformance"),
        ),
    }


def mkdocstrings_page(page: ReferencePage) -> str:
    """Return the page with a block that mkdocstrings fills for each name."""
    blocks = "".join(f"::: {name}\n\n" for name in page.names)
    return f"# {page.title}\n\n{page.lead}\n\n{blocks}"


def plain_page(page: ReferencePage) -> str:
    """Return the page as plain Markdown: signatures and docstrings."""
    return "\n\n".join([f"# {page.title}", page.lead, *_plain(page.names)]) + "\n"


def operations_page() -> str:
    """Return the list of the generated operations."""
    rows = "\n".join(
        f"| `{operation.method} {operation.path}` | `{module}` | {summary} |"
        for module, operation, summary in sorted(_operations(), key=lambda row: row[1].path)
    )
    return (
        "# Generated operations\n\n"
        "`client.api` is the generated client of the whole document. Each operation is a module\n"
        "of `runflow_api.api` with the functions `sync`, `sync_detailed`, `asyncio`, "
        "`asyncio_detailed`.\n\n"
        "| operation | module | what it does |\n| --- | --- | --- |\n" + rows + "\n"
    )


def object_named(name: str) -> Any:
    """Return the object with this full name."""
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def _operations() -> Iterator[tuple[str, Operation, str]]:
    for found in walk_packages(runflow_api.api.__path__, "runflow_api.api."):
        module = import_module(found.name)
        operation = getattr(module, "OPERATION", None)
        if isinstance(operation, Operation):
            summary = (inspect.getdoc(module.sync_detailed) or "").partition("\n")[0]
            yield found.name.removeprefix("runflow_api.api."), operation, summary


def _is_error(value: object) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, Exception)
        and value.__name__ != "UnknownInput"
    )


def _own(package: str) -> list[str]:
    module = import_module(package)
    names: Sequence[str] | None = getattr(module, "__all__", None)
    if names is None:
        names = [
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == package
        ]
    return _named(package, sorted(names))


def _named(package: str, names: Sequence[str]) -> list[str]:
    """Return full names where the objects are defined, which is where docstrings are read."""
    module = import_module(package)
    found: list[str] = []
    for name in names:
        value = getattr(module, name)
        if inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", "")
        inside = home.split(".")[0].startswith("runflow_")
        known = inside and getattr(value, "__qualname__", None) == name
        found.append(f"{home}.{name}" if known else f"{package}.{name}")
    return found


def _plain(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        value = object_named(name)
        yield f"## {name.rpartition('.')[2]}"
        yield _signature(name, value)
        yield inspect.getdoc(value) or ""
        if isinstance(value, type):
            for member, found in _members(value).items():
                yield f"### {name.rpartition('.')[2]}.{member}"
                if callable(found):
                    yield _signature(member, found)
                yield inspect.getdoc(found) or ""


_MEMBERS: Final = (property, cached_property, classmethod, staticmethod)


def _members(value: type) -> Mapping[str, Any]:
    return {
        name: getattr(value, name)
        for name, found in sorted(vars(value).items())
        if not name.startswith("_") and (inspect.isfunction(found) or isinstance(found, _MEMBERS))
    }


def _signature(name: str, value: Any) -> str:
    try:
        return f"```text\n{name.rpartition('.')[2]}{inspect.signature(value)}\n```"
    except (TypeError, ValueError):
        return ""


def sources(root: Path) -> list[str]:
    """Return the folders in which the documented packages lie."""
    return [str(root / source) for source in SOURCES]
