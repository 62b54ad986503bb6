"""Every scenario by its name, and how it is played."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from . import batches, control, deliveries, files, keys, lists, models, page, runs, trouble
from .recorder import Recorder

SNAPSHOTS: Final = Path(__file__).with_name("snapshots")
SCENARIOS: Final[Mapping[str, Callable[[Recorder], None]]] = {
    "assets": files.assets,
    "batches": batches.batches,
    "billing": runs.billing,
    "callbacks": deliveries.callbacks,
    "catalog": models.catalog,
    "control": control.control,
    "evaluations": batches.evaluations,
    "faults": trouble.faults,
    "idempotency": keys.idempotency,
    "keys": keys.keys,
    "lists": lists.lists,
    "outcomes": runs.outcomes,
    "page": page.page,
    "requests": trouble.requests,
    "runs": runs.runs,
    "secrets": deliveries.secrets,
    "storage": files.storage,
    "webhooks": deliveries.webhooks,
    "workflows": models.workflows,
}


def play(name: str, folder: Path) -> str:
    """Play the scenario on a new server, whose state file is in the folder; return its text."""
    with Recorder(folder).running() as recorder:
        SCENARIOS[name](recorder)
        return recorder.text()
