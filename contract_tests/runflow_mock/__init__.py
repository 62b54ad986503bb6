"""A mock server of the Runflow API, made from its OpenAPI document: stateful, honest about money, breakable."""

from __future__ import annotations

from runflow_mock.callbacks import sign
from runflow_mock.clock import AcceleratedClock, Clock, RealClock, SteppedClock
from runflow_mock.faults import Fault
from runflow_mock.ledger import LedgerEntry
from runflow_mock.requests import RecordedRequest
from runflow_mock.server import MockRunflow
from runflow_mock.settings import Settings
from runflow_mock.timings import Duration, Timings, lognormal, uniform

__all__ = [
    "AcceleratedClock",
    "Clock",
    "Duration",
    "Fault",
    "LedgerEntry",
    "MockRunflow",
    "RealClock",
    "RecordedRequest",
    "Settings",
    "SteppedClock",
    "Timings",
    "lognormal",
    "sign",
    "uniform",
]
