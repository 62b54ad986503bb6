"""Packages that only some users need, imported when they are used."""

from importlib import import_module
from typing import Any


def load(module: str, what: str, extra: str = "bulk") -> Any:
    """Import a module. Raises ModuleNotFoundError, naming the extra, where it is not installed."""
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(
            f'{what} needs {package}: pip install "runflow-client[{extra}]"', name=package
        ) from None
