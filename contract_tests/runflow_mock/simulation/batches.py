"""Batches: many runs of one model, terminal when the last of them is."""

from datetime import datetime
from decimal import Decimal

from ..contract.identifiers import named_id
from ..contract.json_types import JsonObject
from ..state.clock import api_instant, parse_instant
from ..state.money import decimal_text
from ..state.state import State
from .callbacks import Callbacks, payload_of
from .catalog import CatalogModel
from .outcomes import CANCELED, FAILED, PARTIAL, SUCCEEDED
from .runs import QUEUED, RUNNING, TERMINAL, NewRun, Runs

CREATE_BATCH = ("POST", "/v1/models/{}/{}/batches")
EVENTS = {
    SUCCEEDED: "batch.succeeded",
    FAILED: "batch.failed",
    CANCELED: "batch.cancelled",
    PARTIAL: "batch.partial_succeeded",
}


class Batches:
    """Creates batches, and ends them when their last run has ended."""

    def __init__(self, state: State, runs: Runs, callbacks: Callbacks) -> None:
        self._state = state
        self._runs = runs
        self._callbacks = callbacks

    def create(
        self,
        model: CatalogModel,
        items: list[JsonObject],
        organization_id: str,
        fields: JsonObject,
        now: datetime,
    ) -> JsonObject:
        """Create a batch with one run per item (`values` and `client_ref`) and return its row."""
        batch_id = self._state.identifiers.new(now)
        runs = [
            self._runs.create(
                NewRun(
                    model=model,
                    values=item["values"],
                    organization_id=organization_id,
                    client_ref=item["client_ref"],
                    batch_id=batch_id,
                ),
                now,
            )
            for item in items
        ]
        row: JsonObject = {
            "id": batch_id,
            "org_id": organization_id,
            "target_type_code": "model",
            "target_type": "model",
            "target_id": model.id,
            "status_code": QUEUED,
            "source_code": "api",
            "input": [item["values"] for item in items],
            "resolved_template_id": named_id("template", model.model_id),
            "dispatch_provider_link_id": None,
            "output": None,
            "metadata": fields.get("metadata"),
            "callback_url": fields.get("callback_url"),
            "duration_ms": None,
            "failure_code": None,
            "failure_message": None,
            "failure_stage_code": None,
            "created_by": None,
            "created_at": api_instant(now),
            "completed_at": None,
            "links": {"self": f"{self._state.api_url}/batches/{batch_id}"},
            "_runs": [run["id"] for run in runs],
        }
        return self._state.batches.put(row)

    def run_ended(self, ended: JsonObject, at: datetime) -> None:
        """End the batch of a run that has ended, if that was its last one."""
        row = None if ended["batch_id"] is None else self._state.batches.get(ended["batch_id"])
        if row is None or any(run["status_code"] not in TERMINAL for run in self.runs_of(row)):
            return
        current = self.current(row)
        row.update(
            status_code=current["status_code"],
            output=self.output_of(row),
            completed_at=api_instant(at),
            duration_ms=round((at - parse_instant(row["created_at"])).total_seconds() * 1000),
        )
        self._state.batches.put(row)
        if row["callback_url"] is not None:
            self.deliver(row, at, automatic=True)

    def deliver(self, row: JsonObject, at: datetime, *, automatic: bool) -> JsonObject:
        """Deliver the batch's callback with its present state; return the delivery."""
        payload = payload_of(EVENTS[row["status_code"]], "batch_id", row, self.output_of(row))
        return self._callbacks.begin(
            "batch_id", row, payload, CREATE_BATCH, at, automatic=automatic
        )

    def runs_of(self, row: JsonObject) -> list[JsonObject]:
        """Return the runs of the batch in the order of its items."""
        return [run for run in map(self._state.runs.get, row["_runs"]) if run is not None]

    def current(self, row: JsonObject) -> JsonObject:
        """Return the batch with counters, status and cost from its runs."""
        runs = self.runs_of(row)
        statuses = [run["status_code"] for run in runs]
        started = [run["started_at"] for run in runs if run["started_at"] is not None]
        costs = [Decimal(run["cost"]) for run in runs if run["cost"] is not None]
        return {
            **row,
            "status_code": _status(statuses),
            "items_total": len(runs),
            "items_succeeded": sum(status in (SUCCEEDED, PARTIAL) for status in statuses),
            "items_failed": statuses.count(FAILED),
            "items_cancelled": statuses.count(CANCELED),
            "cost": decimal_text(sum(costs, Decimal(0))),
            "started_at": min(started, key=parse_instant, default=None),
            "items": [self.summary(row, index, run) for index, run in enumerate(runs)],
        }

    def summary(self, row: JsonObject, index: int, run: JsonObject) -> JsonObject:
        """Return the short form of an item, which a batch contains."""
        return {
            "id": named_id("batch item", row["id"], str(index)),
            "sequence_index": index,
            "run_id": run["id"],
            "status_code": run["status_code"],
            "client_ref": run["client_ref"],
        }

    def item(self, row: JsonObject, index: int, run: JsonObject) -> JsonObject:
        """Return the full form of an item, with the present state of its run."""
        failed = run["status_code"] == FAILED
        return {
            **self.summary(row, index, run),
            "batch_id": row["id"],
            "created_at": run["created_at"],
            "input": run["input"],
            "cost": run["cost"],
            "output": run["output"],
            "error": {"code": run["failure_code"], "message": run["failure_message"]}
            if failed
            else None,
            "started_at": run["started_at"],
            "completed_at": run["completed_at"],
        }

    def output_of(self, row: JsonObject) -> JsonObject:
        """Return the output of a terminal batch: the outputs of its items, and how they ended."""
        current = self.current(row)
        items = [self.item(row, index, run) for index, run in enumerate(self.runs_of(row))]
        kept = ("id", "sequence_index", "run_id", "client_ref", "status_code", "output", "error")
        return {
            "items": [{name: item[name] for name in kept} for item in items],
            "succeeded": current["items_succeeded"],
            "failed": current["items_failed"],
            "cancelled": current["items_cancelled"],
            "total": current["items_total"],
        }


def _status(statuses: list[str]) -> str:
    kinds = set(statuses)
    if kinds <= TERMINAL:
        return kinds.pop() if len(kinds) == 1 else PARTIAL
    return QUEUED if kinds == {QUEUED} else RUNNING
