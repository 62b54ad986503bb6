"""Every scenario by its name, and how it is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from . import collections, deliveries, files, runs, trouble
from .recorder import Recorder

SNAPSHOTS: Final = Path(__file__).with_name("snapshots")
SCENARIOS: Final[Mapping[str, Callable[[Recorder], None]]] = {
    "assets": files.assets,
    "batches": collections.batches,
    "billing": runs.billing,
    "callbacks": deliveries.callbacks,
    "catalog": collections.catalog,
    "evaluations": collections.evaluations,
    "faults": trouble.faults,
    "idempotency": collections.idempotency,
    "keys": collections.keys,
    "lists": collections.lists,
    "outcomes": runs.outcomes,
    "requests": trouble.requests,
    "runs": runs.runs,
    "secrets": deliveries.secrets,
    "storage": files.storage,
    "webhooks": deliveries.webhooks,
    "workflows": collections.workflows,
}


def play(name: str, folder: Path) -> str:
    """Play the scenario on a new server, whose state file is in the folder; return its text."""
    with Recorder(folder).running() as recorder:
        SCENARIOS[name](recorder)
        return recorder.text()
