"""A mock server of the Runflow API, made from its OpenAPI document: stateful, honest about money, breakable.

Names are loaded when they are asked for: pytest imports this package in every project that has the distribution
installed, also where the server's own requirements (the extra `mock`) are not.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from runflow_mock.callbacks import sign
    from runflow_mock.catalog import CatalogModel, ModelInput
    from runflow_mock.clock import AcceleratedClock, Clock, RealClock, SteppedClock
    from runflow_mock.faults import Fault
    from runflow_mock.ledger import LedgerEntry
    from runflow_mock.requests import RecordedRequest
    from runflow_mock.server import MockRunflow
    from runflow_mock.settings import Settings
    from runflow_mock.timings import Duration, Timings, lognormal, uniform

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

_ROOMS = {
    "callbacks": ("sign",),
    "catalog": ("CatalogModel", "ModelInput"),
    "clock": ("AcceleratedClock", "Clock", "RealClock", "SteppedClock"),
    "faults": ("Fault",),
    "ledger": ("LedgerEntry",),
    "requests": ("RecordedRequest",),
    "server": ("MockRunflow",),
    "settings": ("Settings",),
    "timings": ("Duration", "Timings", "lognormal", "uniform"),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(importlib.import_module(f"runflow_mock.{room}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
