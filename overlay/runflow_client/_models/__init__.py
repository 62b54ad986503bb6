"""What answers become: data, without a client inside. Each class is loaded when first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .batch import BaseBatch as BaseBatch
    from .evaluation import Evaluation as Evaluation
    from .run import BaseRun as BaseRun
else:

    def __getattr__(name):
        from importlib import import_module

        modules = {"BaseRun": ".run", "BaseBatch": ".batch", "Evaluation": ".evaluation"}
        if name not in modules:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(modules[name], __name__), name)
