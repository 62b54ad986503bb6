"""Finds the operations of the generated client by method and path."""

import functools
import importlib
import pkgutil
import re
import typing
from collections.abc import Callable
from typing import Any

import runflow_api.api
import runflow_api.models
from attrs import frozen
from runflow_api.types import Operation
from runflow_mock.contract.recognition import condensed


@frozen
class GeneratedOperation:
    """One operation module of the generated client."""

    operation: Operation
    build_request: Callable[..., Any]
    parse_response: Callable[..., Any]
    sync: Callable[..., Any]
    sync_detailed: Callable[..., Any]
    asyncio: Callable[..., Any]
    asyncio_detailed: Callable[..., Any]

    @functools.cached_property
    def arguments(self) -> dict[str, Any]:
        """The annotations of the arguments, by name."""
        hints = typing.get_type_hints(self.build_request)
        return {name: hint for name, hint in hints.items() if name != "return"}

    @functools.cached_property
    def answer(self) -> Any:
        """The annotation of the parsed response."""
        return typing.get_type_hints(self.parse_response)["return"]


@functools.cache
def generated_operations() -> dict[str, GeneratedOperation]:
    """Return every generated operation by its method and path, names of parameters removed."""
    found: dict[str, GeneratedOperation] = {}
    for package in pkgutil.iter_modules(runflow_api.api.__path__, "runflow_api.api."):
        for entry in pkgutil.iter_modules(
            importlib.import_module(package.name).__path__, package.name + "."
        ):
            module = importlib.import_module(entry.name)
            names = (
                "build_request",
                "parse_response",
                "sync",
                "sync_detailed",
                "asyncio",
                "asyncio_detailed",
            )
            generated = GeneratedOperation(
                module.OPERATION, *(getattr(module, name) for name in names)
            )
            found[identity(f"{generated.operation.method} {generated.operation.path}")] = generated
    return found


def generated_operation(label: str) -> GeneratedOperation:
    """Return the generated operation of a label, such as `GET /v1/runs/{id}`. Raise LookupError."""
    try:
        return generated_operations()[identity(label)]
    except KeyError:
        raise LookupError(f"the generated client has no operation for {label}") from None


def identity(label: str) -> str:
    """Return the label without the names of its path parameters, those in a row as one.

    The client takes an id in two parts where a document has it in one.
    """
    return condensed(label)


@functools.cache
def model_hints(model: type) -> dict[str, Any]:
    """Return the annotations of a model's attributes, resolved."""
    names = {name: getattr(runflow_api.models, name) for name in runflow_api.models.__all__}
    return typing.get_type_hints(model, localns=names)


def python_name(wire_name: str, offered: typing.Container[str]) -> str | None:
    """Return the Python name of a name on the wire, None if it is not among those offered.

    The rule is ours and knows nothing of the generated name tables: snake case, and an underscore
    behind a name that Python keeps for itself.
    """
    snake = (
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", re.sub(r"\W+", "_", wire_name)).strip("_").lower()
    )
    return next((name for name in (snake, snake + "_") if name in offered), None)
