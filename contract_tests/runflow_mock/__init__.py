"""A mock server of the Runflow API, made from its OpenAPI document.

It keeps state, counts money as the API does, and breaks on demand.

Public are the names of `__all__`, the pytest fixture `runflow_mock` (with `runflow_mock_clock` and
`runflow_mock_settings`, which tests may override), the command `runflow-mock`, and the server's own
addresses under `/_mock/`. The packages below are private and change without notice.

Names are loaded when they are first used. pytest imports this package in every project that has the
distribution installed, also where the server's own requirements (the extra `mock`) are missing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .contract.requests import RecordedRequest
    from .faults.plan import Fault
    from .server.mock_runflow import MockRunflow
    from .simulation.callbacks import sign
    from .simulation.catalog import CatalogModel, ModelInput
    from .state.clock import AcceleratedClock, Clock, RealClock, SteppedClock
    from .state.ledger import LedgerEntry
    from .state.settings import Settings
    from .state.timings import Duration, Timings, lognormal, uniform

__all__ = [
    "AcceleratedClock",
    "CatalogModel",
    "Clock",
    "Duration",
    "Fault",
    "LedgerEntry",
    "MockRunflow",
    "ModelInput",
    "RealClock",
    "RecordedRequest",
    "Settings",
    "SteppedClock",
    "Timings",
    "lognormal",
    "sign",
    "uniform",
]

_MODULES = {
    "AcceleratedClock": ".state.clock",
    "CatalogModel": ".simulation.catalog",
    "Clock": ".state.clock",
    "Duration": ".state.timings",
    "Fault": ".faults.plan",
    "LedgerEntry": ".state.ledger",
    "MockRunflow": ".server.mock_runflow",
    "ModelInput": ".simulation.catalog",
    "RealClock": ".state.clock",
    "RecordedRequest": ".contract.requests",
    "Settings": ".state.settings",
    "SteppedClock": ".state.clock",
    "Timings": ".state.timings",
    "lognormal": ".state.timings",
    "sign": ".simulation.callbacks",
    "uniform": ".state.timings",
}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
