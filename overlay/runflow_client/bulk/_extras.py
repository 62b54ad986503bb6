"""Packages that only some users need, imported when they are used."""

from importlib import import_module
from typing import Any, Final

PARQUET: Final = 'Parquet files need pyarrow: pip install "runflow-client[bulk]"'


def load(module: str, needed: str) -> Any:
    """Import a module. Raises ModuleNotFoundError, saying `needed`, where it is not installed."""
    package = module.partition(".")[0]
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != package:
            raise
        raise ModuleNotFoundError(needed, name=package) from None
